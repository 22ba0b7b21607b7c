"""What waits for a merchant on the first page, and what budgets have left."""

from datetime import date, timedelta

import pytest
import time_machine

from affiliate.dashboards import merchant, waiting
from shops.models import InboundStatus, Role, Shop
from tests.factories import (
    BoostFactory,
    BudgetFactory,
    CommissionFactory,
    EnrollmentFactory,
    InboundEventFactory,
    ProgramFactory,
    ShopFactory,
)
from tests.factories.shops import MOMENT
from tests.shops.backoffice import member_browser, text

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 3)


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def program(shop: Shop):
    return ProgramFactory(shop=shop, active=True, name="Friends")


def applied(program, handle: str, days: int):
    return EnrollmentFactory(
        program=program,
        creator__handle=handle,
        status="applied",
        since=None,
        asked_at=MOMENT - timedelta(days=days),
    )


def due(program, on: date, **fields):
    enrollment = EnrollmentFactory(program=program)
    return CommissionFactory(
        enrollment=enrollment, hold_starts_on=on, payable_on=on, **fields
    )


def found(shop: Shop) -> waiting.Waiting:
    return waiting.waiting([shop.pk], TODAY)


def test_who_applied_waits_the_longest_first(shop: Shop, program) -> None:
    applied(program, "new", 1)
    applied(program, "old", 9)
    EnrollmentFactory(program=program)
    applied(ProgramFactory(active=True), "elsewhere", 5)

    mine = found(shop)

    assert [row.creator.handle for row in mine.applications] == ["old", "new"]
    assert mine.application_count == 2


@pytest.mark.parametrize(
    ("days", "fields", "is_shown"),
    [
        (7, {}, True),
        (8, {}, False),
        (7, {"approved": True}, False),
        (7, {"held": True}, False),
        (7, {"decline_reason": "fraud"}, False),
    ],
)
def test_what_silence_approves_within_a_week_is_shown(
    shop: Shop, program, days, fields, is_shown
) -> None:
    due(program, TODAY + timedelta(days=days), **fields)

    mine = found(shop)

    assert mine.silent_count == len(mine.silent) == is_shown


def test_what_silence_approves_is_summed_by_currency(shop: Shop, program) -> None:
    for _ in range(6):
        due(program, TODAY)
    due(program, TODAY, currency="USD")
    due(ProgramFactory(active=True), TODAY)

    mine = found(shop)

    sums = [(row["currency"], row["number"], row["total"]) for row in mine.silent_sums]
    assert sums == [("EUR", 6, 2400), ("USD", 1, 400)]
    assert (mine.silent_count, len(mine.silent)) == (7, 4)


def test_messages_not_understood_are_counted_by_reason(shop: Shop) -> None:
    def came(why: str, status=InboundStatus.FAILED, of=shop) -> None:
        InboundEventFactory(shop=of, status=status, reason=why)

    for _ in range(2):
        came("No currency.")
    came("No line.")
    came("", InboundStatus.APPLIED)
    came("No currency.", of=ShopFactory())

    mine = found(shop)

    assert [(row["why"], row["number"]) for row in mine.unclear] == [
        ("No currency.", 2),
        ("No line.", 1),
    ]
    assert mine.unclear_count == 3


def test_a_boost_shows_what_is_left_of_its_budget(shop: Shop, program) -> None:
    limited = BoostFactory(program=program, name="Limited")
    BudgetFactory(program=program, boost=limited, amount_cents=700, spent_cents=501)
    BoostFactory(program=program, name="Free", ends_at=MOMENT + timedelta(days=9))

    first, second = waiting.raised([shop.pk], MOMENT)

    assert (first.boost.name, first.limit and first.limit.left_pct) == ("Limited", 28)
    assert (second.boost.name, second.limit) == ("Free", None)


def test_budgets_of_programs_stand_apart_the_emptiest_first(
    shop: Shop, program
) -> None:
    BudgetFactory(program=program, boost=None, amount_cents=1000, spent_cents=100)
    other = ProgramFactory(shop=shop, active=True, name="Other")
    BudgetFactory(program=other, boost=None, amount_cents=1000, spent_cents=900)
    BudgetFactory(program=program)
    BudgetFactory(program=ProgramFactory(active=True), boost=None)

    limits = waiting.limits([shop.pk])

    assert [(each.budget.program.name, each.left_pct) for each in limits] == [
        ("Other", 10),
        ("Friends", 90),
    ]


@pytest.mark.parametrize(
    ("now", "before", "kind", "percent"),
    [
        (0, 0, "nothing", None),
        (5, 0, "new", None),
        (150, 100, "more", 50),
        (50, 100, "less", 50),
        (100, 100, "same", 0),
        (1001, 1000, "same", 0),
        # Half a percent counts as one.
        (201, 200, "more", 1),
        (0, 100, "less", 100),
    ],
)
def test_a_figure_is_compared_in_words(now, before, kind, percent) -> None:
    delta = merchant.Delta(now, before)

    assert delta.kind == kind
    if percent is not None:
        assert delta.percent == percent


@pytest.mark.parametrize(("role", "may"), [(Role.OWNER, True), (Role.ANALYST, False)])
def test_only_who_may_decline_is_offered_it(shop: Shop, program, role, may) -> None:
    sale = due(program, TODAY)
    with time_machine.travel(MOMENT, tick=False):
        page = text(member_browser(shop, role).get("/admin/"))

    assert (f"/admin/payouts/commission/{sale.pk}/decline" in page) is may
    assert "1 commission is approved within 7 days" in page
