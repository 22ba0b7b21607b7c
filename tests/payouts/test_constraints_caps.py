"""What the database refuses of places under a cap (C6)."""

import pytest
from django.db import IntegrityError, connection, transaction

from payouts.models import CappedSale
from tests.factories.shops import RateFactory
from tests.payouts.earning import earn, enrolled, program

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales():
    lea = enrolled(program(rate_bp=500))
    RateFactory(program=lea.program, most_sales=2, most_sales_per="ever")
    return [earn(lea), earn(lea)]


def _update_at_once(sale, **fields):
    CappedSale.objects.filter(commission=sale).update(**fields)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")


def is_refused(sale, **fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        _update_at_once(sale, **fields)


@pytest.mark.breaks("capped_sale_has_a_place_of_its_own")
def test_two_sales_never_have_one_place(sales):
    is_refused(sales[1], place=1)
    CappedSale.objects.filter(commission=sales[1]).update(place=None)


@pytest.mark.breaks("capped_sale_stays_under_its_cap")
@pytest.mark.parametrize("place", [0, 3])
def test_a_place_is_within_the_cap(sales, place):
    is_refused(sales[1], place=place)


@pytest.mark.breaks("capped_sale_has_the_cap_of_its_rate")
def test_the_cap_is_that_of_the_rate(sales):
    is_refused(sales[1], most_sales=3)
