"""B1, B4, B5: boosts are told to those they reach, and to nobody else."""

import pytest
from django.core import mail

from creators import announcing
from shops import boosts, budgets
from shops.models import Boost, Role
from tests.creators.telling import BINDS, DAY, SAID, TICK, enroll, hand_out, told, words
from tests.factories import (
    AudienceFactory,
    GroupMemberFactory,
    MemberFactory,
    ProductFactory,
    ProgramFactory,
)
from tests.shops.telling import told_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return ProgramFactory(active=True, name="Lune")


@pytest.fixture
def enrollment(program):
    return enroll(program)


def add(program, **fields):
    window = {"starts_at": SAID + DAY, "ends_at": BINDS}
    wanted = {"name": "Launch", "multiplier_pct": 150, **window, **fields}
    boost = boosts.add(program, at=SAID, **wanted)
    hand_out()
    return boost


def test_a_boost_that_was_added_is_told_with_its_window(program, enrollment):
    add(program, product=ProductFactory(shop=program.shop, name="Soap"))

    assert told(enrollment) == ["boost_added"]
    assert words(enrollment) == (
        "Lune: ×1.5 with the boost Launch\n"
        "The boost Launch multiplies what you earn on Soap: ×1.5, from"
        " 2 November 2026, 13:00 (GMT+01:00) to 1 December 2026, 13:00 (GMT+01:00)."
    )


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (SAID + DAY - TICK, []),
        (SAID + DAY, ["boost_started"]),
        (SAID + 2 * DAY - TICK, ["boost_started"]),
        (SAID + 2 * DAY, []),  # news no more
    ],
)
def test_its_start_is_told_on_its_day_once(program, enrollment, at, expected):
    add(program)

    assert announcing.remind(at=at) == len(expected)
    assert announcing.remind(at=at) == 0

    assert told(enrollment) == ["boost_added", *expected]


def test_the_start_is_not_told_to_who_came_with_it(program):
    before = enroll(program, since=SAID + DAY - TICK)
    later = enroll(program, since=SAID + DAY)
    add(program)

    announcing.remind(at=SAID + DAY)

    assert told(before)[1:] == ["boost_started"]
    assert told(later)[1:] == []


def test_the_start_of_a_boost_in_a_paused_program_is_not_told(program, enrollment):
    add(program)
    type(program).objects.update(status="paused")

    assert announcing.remind(at=SAID + DAY) == 0


def test_its_end_that_was_moved_is_told_each_time(program, enrollment):
    boost = add(program)

    boosts.end(boost, SAID + 9 * DAY, at=SAID)
    hand_out()
    assert "ends on 10 November 2026, 13:00" in words(enrollment)
    boosts.end(boost, BINDS, at=SAID + DAY)
    hand_out()

    assert told(enrollment) == ["boost_added", "boost_end_moved", "boost_end_moved"]
    assert "ends on 1 December 2026, 13:00" in words(enrollment)


def test_a_boost_that_is_over_by_now_is_not_told(program, enrollment):
    boosts.add(
        program,
        name="Launch",
        multiplier_pct=150,
        starts_at=SAID - 9 * DAY,
        ends_at=SAID,
        at=SAID,
        allow_past=True,
    )
    hand_out(SAID)

    assert told(enrollment) == []


@pytest.mark.parametrize("kind", ["group", "creator"])
def test_a_private_boost_is_told_to_its_members_alone(program, kind):
    member, other = enroll(program), enroll(program)
    audience = member.audience
    if kind == "group":
        audience = AudienceFactory(program=program)
        GroupMemberFactory(enrollment=member, audience=audience)

    boost = add(program, audience=audience, budget_cents=100)
    boosts.end(boost, BINDS + DAY, at=SAID)
    announcing.remind(at=SAID + DAY)
    budgets.spend({boost.budget.pk: 100}, at=SAID + 2 * DAY)
    hand_out(SAID + 2 * DAY)

    assert told(member) == [
        "boost_added", "boost_started", "boost_end_moved", "boost_used_up"
    ]  # fmt: skip
    assert told(other) == []
    assert {message.to[0] for message in mail.outbox} == {member.creator.user.email}


# ------------------------------------------------------------------ budgets


def test_a_boost_whose_budget_is_used_up_is_told_to_shop_and_creators(
    program, enrollment
):
    people = {role: MemberFactory(shop=program.shop, role=role).user for role in Role}
    stranger = MemberFactory().user
    boost = add(program, budget_cents=12_345)

    budgets.spend({boost.budget.pk: 12_345}, at=SAID + 2 * DAY)
    hand_out(SAID + 3 * DAY)

    assert told(enrollment) == ["boost_added", "boost_used_up"]
    assert "Orders placed since 3 November 2026, 13:00" in words(enrollment)
    assert told_people(*people.values(), stranger) == {
        people[Role.OWNER].pk: ["budget_closed"],
        people[Role.MANAGER].pk: ["budget_closed"],
    }


def test_a_budget_that_closes_after_its_boost_is_told_to_the_shop_alone(
    program, enrollment
):
    owner = MemberFactory(shop=program.shop).user
    boost = add(program, budget_cents=500)

    budgets.spend({boost.budget.pk: 500}, at=BINDS + TICK)
    hand_out(BINDS + DAY)

    assert told(enrollment) == ["boost_added"]
    assert told_people(owner) == {owner.pk: ["budget_closed"]}


def test_a_program_whose_budget_is_used_up_is_told_once(program, enrollment):
    owner = MemberFactory(shop=program.shop).user
    budget = budgets.limit(program, 500, at=SAID)

    budgets.spend({budget.pk: 500}, at=SAID + DAY)
    hand_out(SAID + DAY)

    assert told(enrollment) == ["program_used_up"]
    assert told_people(owner) == {owner.pk: ["budget_closed"]}


def test_a_budget_that_was_raised_meanwhile_is_not_told(program, enrollment):
    owner = MemberFactory(shop=program.shop).user
    budget = budgets.limit(program, 500, at=SAID)
    budgets.spend({budget.pk: 500}, at=SAID + DAY)
    budgets.limit(program, 900, at=SAID + DAY)

    hand_out(SAID + DAY)

    assert told(enrollment) == []
    assert told_people(owner) == {}


def test_a_budget_that_closes_again_is_told_again(program, enrollment):
    boost = add(program, budget_cents=500)
    budgets.spend({boost.budget.pk: 500}, at=SAID + 2 * DAY)
    hand_out(SAID + 2 * DAY)
    Boost.objects.update(ends_at=BINDS)
    budgets.limit(program, 900, boost=boost, at=SAID + 3 * DAY)
    budgets.spend({boost.budget.pk: 400}, at=SAID + 4 * DAY)
    hand_out(SAID + 4 * DAY)

    assert told(enrollment) == ["boost_added", "boost_used_up", "boost_used_up"]
