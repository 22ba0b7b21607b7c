"""Figures of a span of days: to the cent what the ledger says, each shop's its own."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from affiliate.dashboards import figures
from affiliate.dashboards.figures import Scope, Span, asking
from payouts import commissions
from payouts.models import Commission, DeclineReason
from tests.dashboards.selling import NOW, boosted, owed, sold
from tests.factories import BoostFactory, CategoryFactory, ProductFactory, ShopFactory
from tests.payouts.earning import (
    cancel,
    enrolled,
    program,
    refund,
    sweep,
    undo_refunds,
)
from tests.shops.backoffice import member

pytestmark = pytest.mark.django_db

PARIS = "Europe/Paris"
NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30), PARIS)


@pytest.fixture
def lea():
    return enrolled(program(rate_bp=1000), creator__handle="lea")


def scope(enrollment, **more) -> Scope:
    return Scope((enrollment.program.shop_id,), **more)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def cents(found) -> dict[str, tuple[int, int, int]]:
    return {
        figure.name: (figure.sales_cents, figure.cost_cents, figure.orders)
        for figure in found
    }


def all_of(found: figures.Figure) -> tuple[int, int, int]:
    return found.sales_cents, found.cost_cents, found.orders


# ------------------------------------------------------------------ amounts


def test_sales_cost_and_orders_follow_every_correction(lea) -> None:
    half = sold(lea)
    refund(half, 1500, at=NOW)
    back = sold(lea)
    refund(back, 4000, at=NOW)
    undo_refunds(back, at=NOW)
    cancel(sold(lea), at=NOW)

    [total] = figures.totals(scope(lea), NOVEMBER).values()

    assert all_of(total) == (6500, 650, 2)
    assert total.return_pct == 1000
    assert owed(lea.program.shop) == 650


def test_a_declined_sale_costs_nothing(lea) -> None:
    line = sold(lea)
    sale = Commission.objects.get(line=line)
    by = member(lea.program.shop)
    commissions.decline(sale.pk, DeclineReason.FRAUD, by=by, at=NOW)
    sweep(at=NOW)

    [total] = figures.totals(scope(lea), NOVEMBER).values()

    assert all_of(total) == (4000, 0, 1)
    assert total.return_pct is None


def test_currencies_are_kept_apart(lea) -> None:
    sold(lea)
    sold(lea, 9000, currency="USD")

    found = figures.totals(scope(lea), NOVEMBER)
    by_creator = figures.rows(scope(lea), NOVEMBER, "creator")

    assert {code: all_of(total) for code, total in found.items()} == {
        "EUR": (4000, 400, 1),
        "USD": (9000, 900, 1),
    }
    assert [(row.currency, row.sales_cents) for row in by_creator] == [
        ("USD", 9000),
        ("EUR", 4000),
    ]


def test_an_order_of_two_programs_is_one_order(lea) -> None:
    line = sold(lea)
    other = enrolled(program(shop=lea.program.shop, rate_bp=500))
    second = sold(other)
    type(second).objects.filter(pk=second.pk).update(order=line.order)

    [total] = figures.totals(scope(lea), NOVEMBER).values()

    assert all_of(total) == (8000, 600, 1)


@pytest.mark.parametrize("by", ["program", "creator", "product", "category", "boost"])
def test_each_table_adds_up_to_the_ledger_on_a_made_up_market(by: str) -> None:
    shop = _market(random.Random(20261128))  # noqa: S311  made-up sales, nothing secret
    mine = Scope((shop.pk,))
    year = Span(date(2026, 1, 1), date(2026, 12, 31), PARIS)

    found = figures.rows(mine, year, by)
    days = figures.by_day(mine, year)

    for currency in ("EUR", "USD"):
        cost = sum(row.cost_cents for row in found if row.currency == currency)
        assert cost == owed(shop, currency) > 0
        assert sum(day.cost_cents for day in days[currency]) == cost
        assert figures.totals(mine, year)[currency].cost_cents == cost


def _market(draw: random.Random):
    """Sixty sales of two programs, then refunds, undone ones, cancellations."""
    shop = ShopFactory()
    programs = [program(shop=shop, rate_bp=bp) for bp in (1000, 733)]
    BoostFactory(program=programs[0], multiplier_pct=250, **boosted(-30, 1))
    people = [enrolled(programs[n % 2]) for n in range(5)]
    goods = [
        ProductFactory(shop=shop, category=CategoryFactory(shop=shop)),
        ProductFactory(shop=shop),
        None,
    ]
    lines = [
        sold(
            draw.choice(people),
            draw.randint(1, 9999),
            at=NOW - timedelta(hours=draw.randint(1, 2000)),
            product=draw.choice(goods),
            currency=draw.choice(["EUR", "EUR", "USD"]),
        )
        for _ in range(60)
    ]
    for line in lines[::3]:
        refund(line, draw.randint(0, line.net_cents), at=NOW)
    commissions.approve(at=NOW + timedelta(days=20))
    for line in lines[::6]:
        undo_refunds(line, at=NOW)
    for line in lines[::7]:
        cancel(line, at=NOW)
    return shop


# ------------------------------------------------------------------ dimensions


def test_each_thing_has_its_own_row(lea) -> None:
    shop = lea.program.shop
    care = CategoryFactory(shop=shop, name="Care")
    cream = ProductFactory(shop=shop, sku="C1", name="Cream", category=care)
    tom = enrolled(lea.program, creator__handle="tom")
    BoostFactory(program=lea.program, name="Launch", product=cream, **boosted(-1, 1))
    sold(lea, 1000, product=cream)
    sold(tom, 3000)
    mine = scope(lea)

    assert cents(figures.rows(mine, NOVEMBER, "creator")) == {
        "tom": (3000, 300, 1),
        "lea": (1000, 200, 1),
    }
    assert cents(figures.rows(mine, NOVEMBER, "product")) == {
        "not in the catalogue": (3000, 300, 1),
        "Cream · C1": (1000, 200, 1),
    }
    assert cents(figures.rows(mine, NOVEMBER, "category")) == {
        "without a category": (3000, 300, 1),
        "Care": (1000, 200, 1),
    }
    assert cents(figures.rows(mine, NOVEMBER, "boost")) == {
        "without a boost": (3000, 300, 1),
        "Launch": (1000, 200, 1),
    }


@pytest.mark.parametrize(
    ("sort", "is_rising", "names"),
    [
        ("sales", False, ["tom", "lea", "ada"]),
        ("sales", True, ["ada", "lea", "tom"]),
        ("cost", False, ["lea", "tom", "ada"]),
        ("name", True, ["ada", "lea", "tom"]),
        ("return", False, ["tom", "ada", "lea"]),
        ("orders", False, ["ada", "lea", "tom"]),
    ],
)
def test_a_table_is_sorted_by_any_column(lea, sort, is_rising, names) -> None:
    shop = lea.program.shop
    dear = program(shop=shop, rate_bp=5000)
    sold(enrolled(program(shop=shop, rate_bp=500), creator__handle="tom"), 9000)
    sold(enrolled(dear, creator__handle="lea2"), 0)
    sold(enrolled(lea.program, creator__handle="ada"), 1000)
    sold(lea, 5000)

    found = figures.page(
        scope(lea), NOVEMBER, "creator", sort=sort, is_rising=is_rising
    )

    assert [row.name for row in found.rows if row.name != "lea2"] == names


def test_a_page_says_how_many_rows_the_table_has(lea) -> None:
    for number in range(3):
        sold(enrolled(lea.program, creator__handle=f"c{number}"), 1000 + number)

    found = figures.page(scope(lea), NOVEMBER, "creator", limit=2, offset=2)

    assert ([row.name for row in found.rows], found.number) == (["c0"], 3)


# ------------------------------------------------------------------ days


@pytest.mark.parametrize(
    ("at", "day"),
    [
        # Midnight of Paris in winter and in summer time.
        (datetime(2026, 10, 31, 22, 59, 59, 999999, tzinfo=UTC), date(2026, 10, 31)),
        (datetime(2026, 10, 31, 23, 0, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 9, 30, 21, 59, 59, tzinfo=UTC), date(2026, 9, 30)),
        (datetime(2026, 9, 30, 22, 0, tzinfo=UTC), date(2026, 10, 1)),
        # The days on which the clocks change have 23 and 25 hours.
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_an_order_belongs_to_the_shops_own_day_and_month(lea, at, day) -> None:
    sold(lea, at=at)
    mine = scope(lea)
    year = Span(date(2026, 1, 1), date(2026, 12, 31), PARIS)

    days = [each.day for each in figures.by_day(mine, year)["EUR"] if each.orders]

    assert days == [day]
    assert figures.totals(mine, Span(day, day, PARIS))["EUR"].orders == 1
    assert figures.totals(mine, Span.month_of(day, PARIS))["EUR"].orders == 1
    assert figures.totals(mine, Span(day, day, PARIS).before()) == {}


def test_a_day_without_a_sale_is_there_too(lea) -> None:
    sold(lea)

    days = figures.by_day(scope(lea), Span.latest(3, NOW, PARIS))["EUR"]

    assert [(each.day, each.sales_cents) for each in days] == [
        (date(2026, 11, 22), 0),
        (date(2026, 11, 23), 0),
        (date(2026, 11, 24), 4000),
    ]


@pytest.mark.parametrize(
    ("at", "first", "ends_at"),
    [
        # 12:00 in Paris on the 24th, and on a day that February does not have.
        (NOW, date(2026, 10, 1), datetime(2026, 10, 24, 10, 0, tzinfo=UTC)),
        (
            datetime(2026, 3, 31, 10, 0, tzinfo=UTC),
            date(2026, 2, 1),
            datetime(2026, 2, 28, 23, 0, tzinfo=UTC),
        ),
        (
            datetime(2027, 1, 1, 0, 0, tzinfo=UTC),
            date(2026, 12, 1),
            datetime(2026, 12, 1, 0, 0, tzinfo=UTC),
        ),
    ],
)
def test_a_month_is_held_beside_the_same_part_of_the_one_before(
    at, first, ends_at
) -> None:
    day = at.astimezone(NOW.tzinfo).date()

    before = Span.month_of(day, PARIS).month_before(at)

    assert (before.first, before.ends_at) == (first, ends_at)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ({}, date(2026, 10, 26), date(2026, 11, 24)),
        ({"period": "7"}, date(2026, 11, 18), date(2026, 11, 24)),
        ({"period": "90"}, date(2026, 8, 27), date(2026, 11, 24)),
        ({"period": "month"}, date(2026, 11, 1), date(2026, 11, 30)),
        ({"period": "last"}, date(2026, 10, 1), date(2026, 10, 31)),
        (
            {"period": "custom", "from": "2026-02-27", "to": "2026-03-01"},
            date(2026, 2, 27),
            date(2026, 3, 1),
        ),
    ],
)
def test_a_period_is_read_from_the_address(asked, first, last) -> None:
    found = asking.read(asked, NOW, PARIS)

    assert (found.span.first, found.span.last, found.fault) == (first, last, "")


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-02", "2026-03-01", "after the last"),
        ("", "2026-03-01", "both days"),
        ("2026-02-30", "2026-03-01", "both days"),
        ("0001-01-01", "0001-01-02", "no figures"),
        ("9999-12-30", "9999-12-31", "no figures"),
        ("2025-01-01", "2026-11-01", "at most 366"),
    ],
)
def test_days_that_make_no_span_are_told(first: str, last: str, said: str) -> None:
    asked = {"period": "custom", "from": first, "to": last}

    found = asking.read(asked, NOW, PARIS)

    assert said in str(found.fault)
    assert (found.span.last - found.span.first).days == 29


def test_a_year_may_be_asked_for_but_no_day_more() -> None:
    def fault(last: str) -> str:
        asked = {"period": "custom", "from": "2024-01-01", "to": last}
        return str(asking.read(asked, NOW, PARIS).fault)

    assert fault("2024-12-31") == ""
    assert "at most 366" in fault("2025-01-01")


# ------------------------------------------------------------------ whose


def test_another_shops_figures_are_never_counted(lea) -> None:
    sold(lea)
    stranger = enrolled()
    sold(stranger, 7777)
    mine = scope(lea)

    assert figures.totals(mine, NOVEMBER)["EUR"].sales_cents == 4000
    for by in ("program", "creator", "product", "category", "boost"):
        assert [r.sales_cents for r in figures.rows(mine, NOVEMBER, by)] == [4000]
    assert figures.programs(mine.shops) == {lea.program.pk: lea.program.name}
    assert figures.totals(scope(lea, program=stranger.program_id), NOVEMBER) == {}
    assert figures.shop_sales(mine, NOVEMBER) == {"EUR": 4000}


def test_one_program_is_chosen(lea) -> None:
    sold(lea)
    second = enrolled(program(shop=lea.program.shop, rate_bp=500))
    sold(second, 1000)

    found = figures.totals(scope(lea, program=second.program_id), NOVEMBER)

    assert all_of(found["EUR"]) == (1000, 50, 1)


def test_a_table_is_one_statement_whatever_it_holds(lea) -> None:
    sold(lea)
    with CaptureQueriesContext(connection) as few:
        figures.rows(scope(lea), NOVEMBER, "product")
    for _ in range(5):
        sold(lea, product=ProductFactory(shop=lea.program.shop))
    with CaptureQueriesContext(connection) as many:
        found = figures.rows(scope(lea), NOVEMBER, "product")

    assert (len(found), len(few), len(many)) == (6, 1, 1)
