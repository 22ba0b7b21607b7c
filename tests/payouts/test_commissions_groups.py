"""A line has the groups that its creator was in when it was placed (R4)."""

from datetime import timedelta

import pytest

from creators import groups
from payouts.models import Commission
from tests.factories.creators import GroupMemberFactory
from tests.factories.shops import AudienceFactory, BoostFactory, RateFactory
from tests.payouts.earning import PLACED, amounts, earn, enrolled, program, sell, sweep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]

INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)
BORDERS = [
    (PLACED - timedelta(seconds=1), True),
    (PLACED - INSTANT, True),
    (PLACED, True),
    (PLACED + INSTANT, False),
    (PLACED + timedelta(seconds=1), False),
]


@pytest.fixture
def lea():
    return enrolled(program(rate_lock_days=30))


@pytest.fixture
def gold(lea):
    gold = AudienceFactory(program=lea.program, slug="gold")
    RateFactory(program=lea.program, audience=gold, rate_bp=2000)
    return gold


@pytest.mark.parametrize(("joined_at", "counts"), BORDERS)
def test_joining_counts_for_what_is_placed_from_then_on(lea, gold, joined_at, counts):
    groups.join(gold, lea, at=joined_at)

    sale = earn(lea, 10_000)

    assert sale.amount_cents == (2000 if counts else 1000)


@pytest.mark.parametrize(("left_at", "is_out"), BORDERS)
def test_leaving_counts_after_the_notice_of_lower_rates(lea, gold, left_at, is_out):
    member = GroupMemberFactory(enrollment=lea, audience=gold)
    groups.leave(member, at=left_at - 30 * DAY)

    sale = earn(lea, 10_000)

    assert sale.amount_cents == (1000 if is_out else 2000)


@pytest.mark.parametrize(("left_at", "is_out"), BORDERS)
def test_a_group_of_boosts_is_left_at_once(lea, left_at, is_out):
    gold = AudienceFactory(program=lea.program)
    BoostFactory(program=lea.program, audience=gold, multiplier_pct=300)
    member = GroupMemberFactory(enrollment=lea, audience=gold)
    groups.leave(member, at=left_at)

    sale = earn(lea, 10_000)

    assert sale.amount_cents == (1000 if is_out else 3000)


def test_an_order_that_comes_late_has_the_groups_of_its_moment(lea, gold):
    member = groups.join(gold, lea, at=PLACED - DAY)
    out_at = groups.leave(member, at=PLACED)
    groups.join(gold, lea, at=out_at + DAY)
    moments = [
        PLACED - 2 * DAY,
        PLACED,
        out_at - INSTANT,
        out_at,
        out_at + DAY - INSTANT,
        out_at + DAY,
    ]

    lines = [sell(lea, 10_000, placed_at=at) for at in moments]
    sweep(at=out_at + 9 * DAY)

    sales = [Commission.objects.get(line=line) for line in lines]
    assert amounts(*sales) == [1000, 2000, 2000, 1000, 1000, 2000]
    assert [sale.snapshot.get("group") for sale in sales] == [
        None, "gold", "gold", None, None, "gold"
    ]  # fmt: skip


def test_a_group_joined_twice_counts_once(lea, gold):
    GroupMemberFactory(enrollment=lea, audience=gold, ends_at=PLACED)
    GroupMemberFactory(enrollment=lea, audience=gold, starts_at=PLACED)

    sale = earn(lea, 10_000)

    assert (sale.amount_cents, sale.snapshot["lost_rates"][0].get("bp")) == (2000, 1000)
