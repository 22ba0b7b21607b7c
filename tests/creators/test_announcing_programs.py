"""P1, P3: what happens to a program is told to who is in it."""

import pytest

from shops import programs, terms_versions
from tests.creators.telling import BINDS, DAY, SAID, enroll, hand_out, told, words
from tests.factories import ProgramFactory, TermsVersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return ProgramFactory(active=True, name="Lune")


@pytest.fixture
def enrollment(program):
    return enroll(program)


@pytest.fixture
def outsider(program):
    return enroll(ProgramFactory(active=True, shop=program.shop))


def test_a_planned_end_is_told_and_told_again_when_it_moves(
    program, enrollment, outsider
):
    programs.plan_end(program, ends_at=BINDS, at=SAID)
    hand_out()
    assert words(enrollment).startswith("Lune ends on 1 December 2026, 13:00")
    programs.plan_end(program, ends_at=BINDS + 9 * DAY, at=SAID + DAY)
    hand_out()

    assert told(enrollment) == ["program_end_planned"] * 2
    assert "10 December 2026" in words(enrollment)
    assert told(outsider) == []


def test_the_same_plan_again_is_not_told(program, enrollment):
    programs.plan_end(program, ends_at=BINDS, at=SAID)
    programs.plan_end(program, ends_at=BINDS, at=SAID + DAY)
    hand_out()

    assert told(enrollment) == ["program_end_planned"]


def test_a_pause_and_what_follows_are_told(program, enrollment, outsider):
    programs.pause(program, at=SAID)
    hand_out()
    programs.activate(program, at=SAID + DAY)
    hand_out()
    programs.end(program, at=SAID + 2 * DAY)
    hand_out()

    assert told(enrollment) == ["program_paused", "program_resumed", "program_ended"]
    assert "since 3 November 2026, 13:00" in words(enrollment)
    assert told(outsider) == []


def test_a_pause_that_is_over_by_now_is_not_told(program, enrollment):
    programs.pause(program, at=SAID)
    programs.activate(program, at=SAID + DAY)
    hand_out(SAID + DAY)

    assert told(enrollment) == ["program_resumed"]


def test_a_planned_end_that_comes_is_told_once(program, enrollment):
    programs.plan_end(program, ends_at=BINDS, at=SAID)
    programs.finish_planned(at=BINDS)
    programs.finish_planned(at=BINDS)
    hand_out(BINDS)

    assert told(enrollment) == ["program_ended"]


def test_a_draft_that_opens_tells_nobody():
    program = ProgramFactory()
    enrollment = enroll(program)

    programs.activate(program, at=SAID)
    hand_out()

    assert told(enrollment) == []


def test_new_terms_are_told_with_the_day_they_hold_from(program, enrollment, outsider):
    TermsVersionFactory(program=program, number=1)

    terms_versions.publish(program, "Be kind.", at=SAID)
    hand_out()

    assert told(enrollment) == ["terms_published"]
    assert words(enrollment).startswith("Lune: new terms, version 2")
    assert "It holds from 16 November 2026, 13:00" in words(enrollment)
    assert told(outsider) == []
