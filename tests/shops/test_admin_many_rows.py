"""Lists of a shop's rows ask the database as often for 300 as for 3 (issue 3)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shops.models import Boost, Exclusion, Order, Product, Program, Rate
from tests.factories import (
    BoostFactory,
    ExclusionFactory,
    OrderFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
    ShopFactory,
)
from tests.shops.backoffice import address, member_browser

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 300


def products(program: Program, count: int) -> list[Product]:
    rows = ProductFactory.build_batch(count, shop=program.shop)
    return Product.objects.bulk_create(rows)


def of_products(factory: Any) -> Callable[[Program, int], list[Any]]:
    return lambda program, count: [
        factory.build(program=program, product=product)
        for product in products(program, count)
    ]


MAKERS: dict[Any, Callable[[Program, int], list[Any]]] = {
    Boost: lambda program, count: BoostFactory.build_batch(count, program=program),
    Exclusion: of_products(ExclusionFactory),
    Order: lambda program, count: OrderFactory.build_batch(count, shop=program.shop),
    Product: lambda program, count: ProductFactory.build_batch(
        count, shop=program.shop
    ),
    Program: lambda program, count: ProgramFactory.build_batch(
        count, shop=program.shop
    ),
    Rate: of_products(RateFactory),
}


@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model.__name__)
def test_a_list_of_300_rows_costs_the_queries_of_3(model: Any) -> None:
    program = ProgramFactory(shop=ShopFactory())
    browser = member_browser(program.shop)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page = browser.get(address(model, "changelist"))
        assert page.status_code == 200
        return len(captured)

    model.objects.bulk_create(MAKERS[model](program, FEW))
    queries()
    few = queries()
    model.objects.bulk_create(MAKERS[model](program, MANY - FEW))

    assert queries() == few
    assert model.objects.count() >= MANY
