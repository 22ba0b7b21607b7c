"""The first page of the admin: each person's own figures, read by a few queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from affiliate.dashboards import desk, merchant
from shops.models import InboundStatus, Role, Shop
from tests.factories import (
    BoostFactory,
    CommissionFactory,
    EarlyEventFactory,
    EnrollmentFactory,
    InboundEventFactory,
    OrderLineFactory,
    OutboxMessageFactory,
    PayoutFactory,
    PayoutSkipFactory,
    ProgramFactory,
    RunFactory,
    ShopFactory,
    VerdictFactory,
)
from tests.factories.shops import MOMENT
from tests.shops.backoffice import member_browser, staff_browser, text

pytestmark = pytest.mark.django_db

MOST_QUERIES = 30


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(MOMENT, tick=False):
        yield


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def program(shop: Shop):
    return ProgramFactory(shop=shop, active=True, name="Friends")


def sold(
    program, placed_at=MOMENT, *, refunded=0, amount=400, handle="lea", currency="EUR"
):
    """Sell 40.00 through a creator; it earns 4.00."""
    enrollment = program.enrollments.filter(creator__handle=handle).first()
    if enrollment is None:
        enrollment = EnrollmentFactory(program=program, creator__handle=handle)
    line = OrderLineFactory(
        order__shop=program.shop,
        order__placed_at=placed_at,
        order__currency=currency,
        refunded_cents=refunded,
    )
    VerdictFactory(line=line, attributed=True, enrollment=enrollment)
    return CommissionFactory(
        line=line, enrollment=enrollment, amount_cents=amount, currency=currency
    )


def figures(shop: Shop) -> merchant.Merchant:
    return merchant.figures([shop.pk], "Europe/Paris", MOMENT)


def brought(total: merchant.Total) -> tuple[int, int, int]:
    return total.now.sales_cents, total.now.cost_cents, total.now.orders


# ------------------------------------------------------------------ figures


def test_sales_and_cost_are_of_this_month(shop: Shop, program) -> None:
    sold(program)
    sold(program, refunded=1500, amount=250)
    sold(program, placed_at=datetime(2026, 10, 31, 22, 59, 59, tzinfo=UTC))
    OrderLineFactory(order__shop=shop, net_cents=13_500)

    [total] = figures(shop).totals

    assert brought(total) == (6500, 650, 2)
    assert (total.now.cost_bp, total.share_bp, total.now.return_pct) == (
        1000,
        3250,
        1000,
    )


def test_the_month_begins_at_midnight_of_the_shop(shop: Shop, program) -> None:
    sold(program, placed_at=datetime(2026, 10, 31, 23, 0, tzinfo=UTC))

    paris = merchant.figures([shop.pk], "Europe/Paris", MOMENT)
    new_york = merchant.figures([shop.pk], "America/New_York", MOMENT)

    assert (paris.totals[0].now.orders, new_york.totals[0].now.orders) == (1, 0)


def test_what_was_sold_in_another_currency_is_not_added(shop: Shop, program) -> None:
    sold(program)
    sold(program, currency="USD", amount=300)
    sold(program, currency="USD", amount=300)

    found = figures(shop)

    totals = [(t.now.currency, *brought(t)) for t in found.totals]
    rows = [(r.name, r.currency, r.sales_cents, r.cost_cents) for r in found.programs]
    assert totals == [("EUR", 4000, 400, 1), ("USD", 8000, 600, 2)]
    assert [t.share_bp for t in found.totals] == [10_000, 10_000]
    assert rows == [("Friends", "USD", 8000, 600), ("Friends", "EUR", 4000, 400)]


def test_corrections_lower_the_cost(shop: Shop, program) -> None:
    sale = sold(program, refunded=2000)
    CommissionFactory(
        line=sale.line, enrollment=sale.enrollment, reversal=True, amount_cents=-200
    )

    [total] = figures(shop).totals

    assert brought(total) == (2000, 200, 1)


def test_another_shops_figures_are_its_own(shop: Shop, program) -> None:
    other = ProgramFactory(active=True)
    sold(other)
    BoostFactory(program=other)
    InboundEventFactory(shop=other.shop, status=InboundStatus.FAILED)

    mine = figures(shop)

    assert (brought(mine.totals[0]), mine.recent, mine.best) == ((0, 0, 0), [], [])
    assert (mine.boosts, mine.limits, mine.checked) == ([], [], [])
    assert mine.waiting.is_nothing
    assert brought(figures(other.shop).totals[0]) == (4000, 400, 1)


def test_boosts_are_told_with_what_is_left_of_them(shop: Shop, program) -> None:
    def boost(name, starts, ends):
        moments = [MOMENT + timedelta(days=days) for days in (starts, ends)]
        BoostFactory(
            program=program, name=name, starts_at=moments[0], ends_at=moments[1]
        )

    boost("over", -9, -1)
    boost("running", -1, 4)
    boost("planned", 2, 9)

    found = [
        (each.boost.name, each.is_running, each.countdown)
        for each in figures(shop).boosts
    ]

    assert found == [("running", True, "4 jours"), ("planned", False, "2 jours")]


def test_creators_are_thanked_by_what_they_sell(shop: Shop, program) -> None:
    sold(program, handle="lea", amount=900)
    for _ in range(2):
        sold(program, handle="tom", amount=100)

    best = [(row.name, row.sales_cents, row.orders) for row in figures(shop).best]

    assert best == [("tom", 8000, 2), ("lea", 4000, 1)]


def test_finance_sees_what_is_payable_held_and_in_a_run() -> None:
    for state, cents in (
        ({}, 100),
        ({"approved": True}, 200),
        ({"approved": True}, 300),
        ({"in_run": True}, 400),
        ({"held": True}, 500),
        ({"paid": True}, 600),
    ):
        CommissionFactory(amount_cents=cents, **state)

    [money] = desk.figures(MOMENT).money

    assert money == {
        "currency": "EUR",
        "pending": 100,
        "held": 500,
        "payable": 500,
        "in_run": 400,
        "creators": 2,
    }


def test_finance_sees_the_runs_in_progress_and_whom_the_last_one_skipped() -> None:
    finished = RunFactory(finished=True, starts_on=date(2026, 8, 1))
    run = RunFactory(draft=True, starts_on=date(2026, 9, 1))
    PayoutFactory(run=run)
    for _ in range(2):
        PayoutSkipFactory(run=run)
    PayoutSkipFactory(run=finished, reason="no_tax_data")
    returned = PayoutFactory(returned=True, run__starts_on=date(2026, 7, 1))
    OutboxMessageFactory(parked=True)

    found = desk.figures(MOMENT)

    assert [(each.starts_on, each.total_cents) for each in found.runs] == [
        (run.starts_on, 2500),
        (returned.run.starts_on, 2500),
    ]
    assert [(str(r.value), n, c) for r, n, c, _ in found.skips] == [
        ("below_threshold", 2, 1998)
    ]
    assert (found.returned, found.parked) == ([returned], 1)


# ------------------------------------------------------------------ pages


def queries_of(browser: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get("/admin/").status_code == 200
    return len(captured)


@pytest.mark.parametrize("who", ["owner", "finance"])
def test_more_sales_cost_no_more_queries(shop: Shop, program, who: str) -> None:
    browser = member_browser(shop) if who == "owner" else staff_browser(who)
    for number in range(3):
        sold(program, handle=f"creator{number}")
    browser.get("/admin/")
    few = queries_of(browser)
    for number in range(27):
        sold(program, handle=f"other{number}")

    assert queries_of(browser) == few <= MOST_QUERIES


def test_a_member_sees_the_own_shop(shop: Shop, program) -> None:
    sold(program)
    InboundEventFactory(shop=shop, status=InboundStatus.FAILED)
    EarlyEventFactory(shop=shop)

    page = text(member_browser(shop, Role.ANALYST).get("/admin/"))

    for words in ("November 2026", "€40.00", "€4.00", "@lea", "and 1 waits"):
        assert words in page
    assert "Money owed to creators" not in page


def test_a_shop_that_begins_is_told_what_comes_next(shop: Shop) -> None:
    page = text(member_browser(shop).get("/admin/"))

    assert "You have no program that creators can join yet." in page
    assert "No sale through a creator yet." in page


@pytest.mark.parametrize(
    ("who", "has_desk"),
    [("finance", True), ("administrator", True), ("support", False)],
)
def test_the_desk_is_finances(who: str, has_desk: bool) -> None:
    page = text(staff_browser(who).get("/admin/"))

    assert ("Money owed to creators" in page) == has_desk


@pytest.mark.parametrize(
    ("who", "there", "absent"),
    [
        ("owner", {"Orders", "Members", "API keys"}, {"Payout runs", "People"}),
        ("analyst", {"Orders", "Commissions"}, {"Members", "API keys"}),
        ("finance", {"Payout runs", "Entries", "Orders"}, {"API keys", "People"}),
        ("support", {"Orders", "Creators"}, {"Payout runs", "Bank accounts"}),
        ("administrator", {"People", "Payout runs", "API keys"}, set()),
    ],
)
def test_the_side_bar_leads_where_one_may_go(
    shop: Shop, who: str, there: set[str], absent: set[str]
) -> None:
    browser = (
        member_browser(shop, Role(who)) if who in Role.values else staff_browser(who)
    )

    groups = browser.get("/admin/").context["sidebar_navigation"]

    titles = {item["title"] for group in groups for item in group["items"]}
    assert there <= titles
    assert not absent & titles
    for group in groups:
        for item in group["items"]:
            assert browser.get(item["link"]).status_code == 200
