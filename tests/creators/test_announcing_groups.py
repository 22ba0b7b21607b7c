"""R6: leaving a group takes its rates away, and is told like any lower rate."""

import pytest

from creators import announcing, groups
from tests.creators.telling import BINDS, DAY, SAID, TICK, enroll, hand_out, told, words
from tests.factories import AudienceFactory, ProgramFactory, RateFactory

pytestmark = pytest.mark.django_db

AHEAD = BINDS - 2 * DAY


@pytest.fixture
def program():
    return ProgramFactory(active=True, rate_lock_days=30, name="Lune")


@pytest.fixture
def enrollment(program):
    return enroll(program)


def leave(program, enrollment, *, with_rate=True):
    group = AudienceFactory(program=program, name="Gold")
    if with_rate:
        RateFactory(program=program, audience=group, rate_bp=1500)
    member = groups.join(group, enrollment, at=SAID - DAY)
    groups.leave(member, at=SAID)
    hand_out()
    return group


def test_leaving_a_group_with_rates_is_told_with_the_moment_it_binds(
    program, enrollment
):
    other = enroll(program)

    leave(program, enrollment)

    assert told(enrollment) == ["group_left"]
    assert words(enrollment) == (
        "Lune: you leave the group Gold\n"
        "From 1 December 2026, 13:00 (GMT+01:00) on, the rates of the group Gold no"
        " longer hold for you. Orders placed before then still earn them."
    )
    assert told(other) == []


def test_leaving_a_group_without_rates_is_not_told(program, enrollment):
    leave(program, enrollment, with_rate=False)

    assert told(enrollment) == []


@pytest.mark.parametrize(
    ("at", "count"), [(AHEAD - TICK, 0), (AHEAD, 1), (BINDS - TICK, 1), (BINDS, 0)]
)
def test_it_is_told_again_two_days_before_once(program, enrollment, at, count):
    leave(program, enrollment)

    assert [announcing.remind(at=at) for _ in range(2)] == [count, 0]


def test_who_is_taken_in_again_is_not_told_again(program, enrollment):
    group = leave(program, enrollment)
    groups.join(group, enrollment, at=SAID + DAY)

    assert announcing.remind(at=AHEAD) == 0
