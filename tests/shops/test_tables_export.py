"""Tables that merchants take along, and bring back unchanged."""

import csv
import io
import string
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from shops import catalogue
from shops.models import Boost, Period, Product, Program, Rate, Shop
from shops.tables import export
from tests.factories import (
    AudienceFactory,
    BoostFactory,
    BudgetFactory,
    CategoryFactory,
    EnrollmentFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
    ShopFactory,
)
from tests.shops.bringing import counts, faults, previewed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


def as_csv(table, queryset) -> bytes:
    return b"".join(export.csv_of(table, queryset))


def as_xlsx(table, queryset) -> bytes:
    with export.xlsx_of(table, queryset) as file:
        return file.read()


def read(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


FORMATS = pytest.mark.parametrize("written", [as_csv, as_xlsx])


def test_products_are_exported_as_people_read_them(shop: Shop) -> None:
    care = CategoryFactory(shop=shop, slug="care")
    ProductFactory(
        shop=shop, sku="A", name="Sérum", category=care, price_cents=2490, url=""
    )

    [header, row] = read(as_csv(export.PRODUCTS, Product.objects.all()))

    assert header == [
        "SKU",
        "name",
        "category",
        "price",
        "currency",
        "address",
        "picture",
        "active",
    ]
    assert row == ["A", "Sérum", "care", "24.90", "EUR", "", "", "yes"]


def test_the_headers_are_in_the_readers_language(shop: Shop) -> None:
    with translation.override("fr"):
        [header] = read(as_csv(export.PRODUCTS, Product.objects.none()))

    assert header[:4] == ["SKU", "nom", "catégorie", "prix"]


@FORMATS
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_exported_text_is_run_by_a_spreadsheet(shop: Shop, written, sign) -> None:
    product = ProductFactory(shop=shop, sku="A")
    Product.objects.filter(pk=product.pk).update(name=f"{sign}SUM(A1)")

    body = written(export.PRODUCTS, Product.objects.all())

    if written is as_csv:
        name = read(body)[1][1]
    else:
        cell = load_workbook(io.BytesIO(body)).active["B2"]
        assert cell.data_type == "s"
        name = cell.value
    assert name.startswith("'")


@pytest.mark.parametrize("name", ["x;=1+1;y", 'x;"=1+1";y', "=1;-1"])
def test_no_exported_text_is_run_by_a_spreadsheet_that_splits_at_semicolons(
    shop: Shop, name: str
) -> None:
    product = ProductFactory(shop=shop, sku="A")
    Product.objects.filter(pk=product.pk).update(name=name)

    body = as_csv(export.PRODUCTS, Product.objects.all()).decode("utf-8-sig")

    lines = csv.reader(io.StringIO(body), delimiter=";")
    parts = [cell for line in lines for cell in line]
    assert len(parts) > 2
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in parts)


def test_every_text_stands_in_quotation_marks_and_no_number(shop: Shop) -> None:
    ProductFactory(shop=shop, sku="A", name="Soap", price_cents=2490, url="")

    [_header, row] = as_csv(export.PRODUCTS, Product.objects.all()).split(b"\r\n")[:2]

    assert row.startswith(b'"A","Soap","",24.90,"EUR","",')


def test_numbers_stay_numbers_in_a_workbook(shop: Shop) -> None:
    ProductFactory(shop=shop, sku="A", price_cents=2490)

    book = load_workbook(io.BytesIO(as_xlsx(export.PRODUCTS, Product.objects.all())))

    assert book.active["D2"].value == 24.9


# ------------------------------------------------------------------ round trips

FIT = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=["Cs", "Cc", "Cn"],
        exclude_characters="\ufeff",
    ),
    min_size=1,
    max_size=30,
).filter(lambda text: bool(text.strip()))
PRODUCTS = st.lists(
    st.fixed_dictionaries(
        {
            "sku": FIT.map(str.strip),
            "name": FIT,
            "category": st.none() | FIT.map(str.strip),
            "price_cents": st.none() | st.integers(0, 10**12),
            "currency": st.sampled_from(["EUR", "JPY", "KWD", "USD"]),
            "url": st.none()
            | st.text(string.ascii_letters + "?=&,;'\"", max_size=20).map(
                "https://x.example/{}".format
            ),
            "active": st.booleans(),
        }
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row["sku"],
)


@FORMATS
@pytest.mark.parametrize("language", ["en", "fr"])
@given(rows=PRODUCTS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_products_exported_are_read_back_and_change_nothing(
    written, language: str, rows: list[dict[str, object]]
) -> None:
    shop = ShopFactory()
    kept = catalogue.put_many(shop, rows)
    taken = sum(each.status == "created" for each in kept)
    if not taken:
        return

    with translation.override(language):
        body = written(export.PRODUCTS, Product.objects.filter(shop=shop))
    upload = previewed(shop, "products", body)

    assert (counts(upload), faults(upload)) == ({"unchanged": taken}, [])
    shop.table_imports.all().delete()


@pytest.fixture
def program() -> Program:
    return ProgramFactory(active=True, slug="lune")


def rates_of_all_kinds(program: Program) -> None:
    shop = program.shop
    gold = AudienceFactory(program=program, slug="=gold")
    lea = EnrollmentFactory(program=program, creator__handle="lea").audience
    serum = ProductFactory(shop=shop, sku="-SERUM")
    care = CategoryFactory(shop=shop, slug="care")
    spring = datetime(2026, 3, 29, 1, 30, 15, 123456, tzinfo=UTC)
    RateFactory(program=program, rate_bp=1250, ends_at=spring)
    RateFactory(program=program, rate_bp=1300, starts_at=spring)
    RateFactory(program=program, audience=gold, product=serum)
    RateFactory(program=program, audience=lea, category=care, rate_bp=8000)
    RateFactory(program=program, audience=lea, rate_bp=None, flat_cents=1250)
    RateFactory(
        program=program,
        audience=gold,
        rate_bp=100,
        is_first_purchase_only=True,
        most_sales=3,
        most_sales_per=Period.WEEK,
        starts_at=datetime(2100, 1, 1, tzinfo=UTC),
    )


@FORMATS
@pytest.mark.parametrize("language", ["en", "fr"])
def test_rates_exported_are_read_back_and_change_nothing(
    program: Program, written, language: str
) -> None:
    rates_of_all_kinds(program)
    other = ProgramFactory(shop=program.shop, slug="other", active=True)
    RateFactory(program=other)

    with translation.override(language):
        body = written(export.RATES, Rate.objects.order_by("pk"))
    upload = previewed(program.shop, "rates", body)

    assert (counts(upload), faults(upload)) == ({"unchanged": 7}, [])
    assert upload.plan["warnings"] == []


@given(
    rate_bp=st.none() | st.integers(100, 8000),
    flat_cents=st.integers(1, 10**13),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    starts_at=st.none()
    | st.integers(1_600_000_000, 3_700_000_000).map(
        lambda second: datetime.fromtimestamp(second, UTC)
    ),
)
@settings(max_examples=40, deadline=None)
def test_any_rate_exported_is_read_back(
    rate_bp: int | None, flat_cents: int, currency: str, starts_at: datetime | None
) -> None:
    program = ProgramFactory(active=True, currency=currency)
    RateFactory(
        program=program,
        rate_bp=rate_bp,
        flat_cents=None if rate_bp else flat_cents,
        starts_at=starts_at,
    )

    body = as_csv(export.RATES, Rate.objects.filter(program=program))

    upload = previewed(program.shop, "rates", body)
    assert (counts(upload), faults(upload)) == ({"unchanged": 1}, [])


def test_boosts_are_exported_with_what_they_multiply() -> None:
    boost = BoostFactory(name="=Launch", multiplier_pct=150)
    BudgetFactory(program=boost.program, boost=boost, amount_cents=50_000)

    [header, row] = read(as_csv(export.BOOSTS, Boost.objects.all()))

    told = dict(zip(header, row, strict=True))
    assert told["name"] == "'=Launch"
    assert told["multiplier"] == "1.50"
    assert told["program"] == boost.program.slug
    assert (told["budget"], told["spent"]) == ("500.00", "0.00")
