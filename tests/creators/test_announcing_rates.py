"""R6: a decrease is told when it is announced, and two days before it binds."""

from datetime import timedelta

import pytest
from django.core import mail

from creators import announcing, enrollments
from shops import rates
from tests.common.racing import race
from tests.creators.telling import BINDS, DAY, SAID, TICK, enroll, hand_out, told, words
from tests.factories import (
    AudienceFactory,
    CategoryFactory,
    GroupMemberFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
)

pytestmark = pytest.mark.django_db

AHEAD = BINDS - timedelta(days=2)


@pytest.fixture
def program():
    """10 % with 30 days' notice, from 1 November to 1 December, each at 12:00 UTC."""
    return ProgramFactory(active=True, rate_bp=1000, name="Lune")


@pytest.fixture
def enrollment(program):
    return enroll(program)


def lower(program, **fields):
    rate = rates.add(program, at=SAID, **{"rate_bp": 800, "starts_at": SAID, **fields})
    hand_out()
    return rate


def remind(at):
    count = announcing.remind(at=at)
    hand_out(at)
    return count


# ------------------------------------------------------------------ the two notices


def test_a_lower_rate_is_told_at_once_with_the_moment_it_binds(program, enrollment):
    lower(program)

    assert told(enrollment) == ["rate_lowered"]
    assert words(enrollment) == (
        "Lune: a lower rate is announced\n"
        "From 1 December 2026, 13:00 (GMT+01:00) on, your sales earn 8% instead of"
        " 10%.\n"
        "Orders placed before then still earn 10%."
    )


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (AHEAD - TICK, []),
        (AHEAD, ["rate_soon"]),
        (BINDS - TICK, ["rate_soon"]),  # late, and still to come
        (BINDS, []),
    ],
)
def test_it_is_told_again_two_days_before_it_binds(program, enrollment, at, expected):
    lower(program)

    assert remind(at) == len(expected)

    assert told(enrollment)[1:] == expected


def test_it_is_told_again_once_however_often_the_sweep_runs(program, enrollment):
    lower(program)

    assert [remind(AHEAD + hours * DAY / 24) for hours in range(3)] == [1, 0, 0]

    assert told(enrollment) == ["rate_lowered", "rate_soon"]
    assert len(mail.outbox) == 2


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_once(program):
    people = [enroll(program) for _ in range(3)]
    lower(program)

    assert sum(race([lambda: announcing.remind(at=AHEAD)] * 2)) == 3

    assert [told(each) for each in people] == [["rate_lowered", "rate_soon"]] * 3


@pytest.mark.django_db(transaction=True)
def test_an_announcement_whose_worker_dies_is_told_once_by_the_next(
    program, enrollment, monkeypatch
):
    rates.add(program, rate_bp=800, starts_at=SAID, at=SAID)
    tell = announcing.rates.notify.tell

    def die(*args, **kwargs):
        tell(*args, **kwargs)
        raise SystemExit

    monkeypatch.setattr(announcing.rates.notify, "tell", die)
    with pytest.raises(SystemExit):
        hand_out()
    assert told(enrollment) == []
    monkeypatch.setattr(announcing.rates.notify, "tell", tell)

    hand_out(SAID + DAY)

    assert told(enrollment) == ["rate_lowered"]
    assert len(mail.outbox) == 1


def test_what_was_taken_back_is_not_told_again(program, enrollment):
    rate = lower(program)
    rates.end(rate, SAID + 3 * DAY, at=SAID + 3 * DAY)
    hand_out(SAID + 3 * DAY)

    assert remind(AHEAD) == 0


def test_a_rate_that_is_over_before_it_binds_is_not_told(program, enrollment):
    lower(program, ends_at=BINDS)

    assert told(enrollment) == []
    assert remind(AHEAD) == 0


def test_a_rate_that_binds_for_an_instant_is_told(program, enrollment):
    lower(program, ends_at=BINDS + TICK)

    assert told(enrollment) == ["rate_lowered"]
    assert "It ends on 1 December 2026" in words(enrollment)


def test_a_rate_that_starts_after_its_notice_is_told_two_days_before_it_starts(
    program, enrollment
):
    lower(program, starts_at=BINDS + 10 * DAY)

    assert remind(AHEAD) == 0
    assert remind(BINDS + 8 * DAY - TICK) == 0
    assert remind(BINDS + 8 * DAY) == 1


@pytest.mark.parametrize(("days", "reminders"), [(2, 1), (1, 0), (0, 0)])
def test_a_notice_of_less_than_two_days_is_told_once(days, reminders):
    program = ProgramFactory(active=True, rate_lock_days=days)
    enrollment = enroll(program)
    lower(program)

    assert remind(SAID) == reminders
    assert told(enrollment)[0] == "rate_lowered"


def test_a_draft_tells_nobody():
    program = ProgramFactory()
    enrollment = enroll(program)

    lower(program)

    assert told(enrollment) == []


# ------------------------------------------------------------------ who


def test_who_joined_before_the_announcement_is_told_and_who_joined_with_it_is_not(
    program,
):
    before = enroll(program, since=SAID - TICK)
    after = enroll(program, since=SAID)

    lower(program)
    remind(AHEAD)

    assert told(before) == ["rate_lowered", "rate_soon"]
    assert told(after) == []


@pytest.mark.parametrize("trait", ["applied", "invited", "rejected", "ended"])
def test_who_is_not_in_is_not_told(program, trait):
    moments = {"ended_at": SAID - TICK} if trait == "ended" else {"since": None}
    enrollment = enroll(program, **{trait: True}, **moments)

    lower(program)

    assert told(enrollment) == []


def test_who_left_meanwhile_is_not_told_again(program, enrollment):
    lower(program)
    enrollments.end(enrollment, at=SAID + DAY, by=enrollment.creator.user)

    assert remind(AHEAD) == 0


def test_another_program_is_not_told(program):
    other = enroll(ProgramFactory(active=True, shop=program.shop))

    lower(program)

    assert told(other) == []


def test_a_rate_for_a_group_is_told_to_its_members_alone(program):
    member, other = enroll(program), enroll(program)
    group = AudienceFactory(program=program)
    GroupMemberFactory(enrollment=member, audience=group)

    lower(program, audience=group)

    assert (told(member), told(other)) == (["rate_lowered"], [])


def test_a_rate_for_one_creator_is_told_to_that_one_alone(program):
    one, other = enroll(program), enroll(program)

    lower(program, audience=one.audience)

    assert (told(one), told(other)) == (["rate_lowered"], [])


def test_who_has_a_rate_of_their_own_is_not_told_of_everyones(program, enrollment):
    other = enroll(program)
    RateFactory(program=program, audience=other.audience, rate_bp=1500)

    lower(program)

    assert (told(enrollment), told(other)) == (["rate_lowered"], [])


def test_an_own_rate_that_ends_lets_everyones_through(program, enrollment):
    RateFactory(
        program=program, audience=enrollment.audience, rate_bp=1500, ends_at=BINDS + DAY
    )

    lower(program)

    assert told(enrollment) == ["rate_lowered"]


# ------------------------------------------------------------------ up or down


def test_an_increase_is_told_once_as_good_news(program, enrollment):
    rates.add(program, rate_bp=1250, starts_at=SAID + DAY, at=SAID)
    hand_out()

    assert told(enrollment) == ["rate_raised"]
    assert "from 2 November 2026, 13:00 (GMT+01:00) on" in words(enrollment)
    assert "12.5% instead of 10%" in words(enrollment)
    assert remind(SAID) == remind(AHEAD) == 0


def test_a_rate_like_the_one_before_is_not_told(program, enrollment):
    lower(program, rate_bp=1000)

    assert told(enrollment) == []


@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ({"rate_bp": None, "flat_cents": 250}, "€2.50 per unit"),
        ({"rate_bp": 2000, "is_first_purchase_only": True}, "20%"),
        ({"rate_bp": 500, "most_sales": 3, "most_sales_per": "day"}, "5%"),
    ],
)
def test_what_cannot_be_compared_is_told_as_a_change_with_both(
    program, enrollment, fields, after
):
    lower(program, **fields)

    assert told(enrollment) == ["rate_changed"]
    assert f"Before: 10%. Now: {after}." in words(enrollment)
    assert remind(AHEAD) == 1


def test_a_rate_is_compared_with_the_nearest_for_the_same_goods(program, enrollment):
    care = CategoryFactory(shop=program.shop)
    soap = ProductFactory(
        shop=program.shop,
        name="Soap",
        category=CategoryFactory(shop=program.shop, parent=care),
    )
    RateFactory(program=program, rate_bp=700)
    RateFactory(program=program, category=care, rate_bp=1500)

    lower(program, product=soap, rate_bp=1200)

    assert "Soap earns 12% instead of 15%" in words(enrollment)


def test_a_replaced_rate_is_one_announcement(program, enrollment):
    rate = RateFactory(program=program, rate_bp=1200)

    rates.replace(rate, SAID + DAY, rate_bp=900, at=SAID)
    hand_out()

    assert told(enrollment) == ["rate_lowered"]
    assert "9% instead of 12%" in words(enrollment)
    assert remind(AHEAD) == 1
