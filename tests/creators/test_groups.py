"""Who is in a group, and for which orders (R4); who leaves keeps its rates (R6)."""

from datetime import timedelta
from unittest import mock

import pytest

from affiliate.common.models import AuditEntry
from creators import groups, portal
from creators.models import GroupMember
from shops import rates
from tests.common.racing import race
from tests.factories import (
    AudienceFactory,
    BoostFactory,
    EnrollmentFactory,
    ProgramFactory,
    RateFactory,
)
from tests.factories.shops import MOMENT

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def program():
    return ProgramFactory(active=True, rate_lock_days=30)


@pytest.fixture
def gold(program):
    return AudienceFactory(program=program)


@pytest.fixture
def lea(program):
    return EnrollmentFactory(program=program)


def window(member):
    member.refresh_from_db()
    return member.starts_at, member.ends_at


def is_in(member, at):
    return GroupMember.objects.filter(GroupMember.inside(at), pk=member.pk).exists()


def test_who_joins_is_in_from_that_moment_on(gold, lea):
    member = groups.join(gold, lea, at=MOMENT)

    assert window(member) == (MOMENT, None)
    assert not is_in(member, MOMENT - INSTANT)
    assert is_in(member, MOMENT)


def test_joining_again_changes_nothing(gold, lea):
    member = groups.join(gold, lea, at=MOMENT)

    assert groups.join(gold, lea, at=MOMENT + DAY) == member
    assert window(member) == (MOMENT, None)
    assert AuditEntry.objects.count() == 1


def test_who_leaves_a_group_with_a_rate_keeps_it_for_the_programs_notice(gold, lea):
    RateFactory(program=gold.program, audience=gold)
    member = groups.join(gold, lea, at=MOMENT)

    ends_at = groups.leave(member, at=MOMENT + DAY)

    assert ends_at == MOMENT + 31 * DAY
    assert is_in(member, ends_at - INSTANT)
    assert not is_in(member, ends_at)


@pytest.mark.parametrize("terms", ["nothing", "a boost", "a rate that is over"])
def test_who_leaves_a_group_without_rates_leaves_at_once(gold, lea, terms):
    if terms == "a boost":
        BoostFactory(program=gold.program, audience=gold)
    if terms == "a rate that is over":
        RateFactory(program=gold.program, audience=gold, ends_at=MOMENT)
    member = groups.join(gold, lea, at=MOMENT)

    assert groups.leave(member, at=MOMENT + DAY) == MOMENT + DAY


def test_who_leaves_while_a_rate_that_ended_is_still_promised_keeps_it(gold, lea):
    member = groups.join(gold, lea, at=MOMENT)
    rate = RateFactory(program=gold.program, audience=gold)
    rates.end(rate, MOMENT + DAY, at=MOMENT)

    assert groups.leave(member, at=MOMENT + 2 * DAY) == MOMENT + 32 * DAY


def test_who_leaves_a_draft_leaves_at_once():
    lea = EnrollmentFactory(program=ProgramFactory())
    gold = AudienceFactory(program=lea.program)
    RateFactory(program=gold.program, audience=gold)
    member = groups.join(gold, lea, at=MOMENT)

    assert groups.leave(member, at=MOMENT) == MOMENT + INSTANT


def test_leaving_again_moves_nothing(gold, lea):
    RateFactory(program=gold.program, audience=gold)
    member = groups.join(gold, lea, at=MOMENT)
    first = groups.leave(member, at=MOMENT + DAY)

    assert groups.leave(member, at=MOMENT + 9 * DAY) == first
    assert groups.leave(member, at=first) is None
    assert window(member) == (MOMENT, first)


def test_who_was_to_leave_and_joins_again_was_never_out(gold, lea):
    RateFactory(program=gold.program, audience=gold)
    member = groups.join(gold, lea, at=MOMENT)
    groups.leave(member, at=MOMENT + DAY)

    assert groups.join(gold, lea, at=MOMENT + 31 * DAY - INSTANT) == member
    assert window(member) == (MOMENT, None)


def test_who_has_left_and_joins_again_was_out_in_between(gold, lea):
    first = groups.join(gold, lea, at=MOMENT)
    groups.leave(first, at=MOMENT + DAY)

    second = groups.join(gold, lea, at=MOMENT + DAY)

    assert window(first) == (MOMENT, MOMENT + DAY)
    assert window(second) == (MOMENT + DAY, None)


def test_the_trail_says_who_came_and_until_when_who_left_is_in(gold, lea):
    member = groups.join(gold, lea, at=MOMENT)
    groups.leave(member, at=MOMENT + DAY)

    entries = AuditEntry.objects.order_by("pk")
    assert [(row.action, row.object_id, row.after) for row in entries] == [
        ("group.joined", str(gold.pk), {"creator": lea.creator_id, "until": None}),
        (
            "group.left",
            str(gold.pk),
            {"creator": lea.creator_id, "until": "2026-11-04T09:15:00+00:00"},
        ),
    ]


def test_the_portal_shows_the_rate_of_the_groups_of_now(gold, lea):
    RateFactory(program=gold.program, audience=gold, rate_bp=1500)
    member = groups.join(gold, lea, at=MOMENT)
    ends_at = groups.leave(member, at=MOMENT + DAY)
    moments = [MOMENT - INSTANT, MOMENT, ends_at - INSTANT, ends_at]

    found = [portal.cards(lea.creator_id, at=at)[0].rate_bp for at in moments]

    assert found == [1000, 1500, 1500, 1000]


def joined_by_many():
    lea = EnrollmentFactory()
    gold = AudienceFactory(program=lea.program)
    outcomes = race([lambda: groups.join(gold, lea, at=MOMENT)] * 4)
    return [type(each) for each in outcomes if isinstance(each, Exception)]


@pytest.mark.django_db(transaction=True)
def test_joining_at_once_is_joining_once():
    assert joined_by_many() == []
    assert GroupMember.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_neither_waits_nor_looks_is_refused_by_the_database():
    """The negative control: without lock and look nobody is in twice all the same."""
    nobody = GroupMember.objects.none()
    with (
        mock.patch.object(groups, "_lock"),
        mock.patch.object(groups, "_not_over", return_value=nobody),
    ):
        errors = joined_by_many()

    assert len(errors) == 3
    assert GroupMember.objects.count() == 1
