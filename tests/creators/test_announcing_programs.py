"""P1, P3: what happens to a program is told to who is in it."""

import pytest

from shops import program_settings, programs, terms_versions
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


def test_settings_that_get_worse_are_told_15_days_ahead(program, enrollment, outsider):
    wanted = {"window_days": 7, "hold_days": 45, "halo": False}

    program_settings.change(program, wanted, at=SAID)
    program_settings.change(program, wanted, at=SAID + DAY)
    hand_out()

    assert told(enrollment) == ["settings_planned"]
    assert words(enrollment) == (
        "Lune: its rules change on 16 November 2026, 13:00 (GMT+01:00)\n"
        "For orders placed from 16 November 2026, 13:00 (GMT+01:00) on:\n"
        "a click counts for 7 days;\n"
        "a click on one product no longer credits other products;\n"
        "commissions are held for 45 days.\n"
        "Orders placed before are judged as they were."
    )
    assert told(outsider) == []


def test_settings_that_only_favour_creators_are_not_told(program, enrollment):
    program_settings.change(program, {"window_days": 60}, at=SAID)
    hand_out()

    assert told(enrollment) == []


def test_plans_that_are_taken_back_are_told(program, enrollment):
    program_settings.change(program, {"window_days": 7}, at=SAID)
    hand_out()
    program_settings.withdraw(program, at=SAID + DAY)
    hand_out(SAID + DAY)

    assert told(enrollment) == ["settings_planned", "settings_withdrawn"]


def test_a_plan_that_was_taken_back_by_now_is_not_told(program, enrollment):
    program_settings.change(program, {"window_days": 7}, at=SAID)
    program_settings.withdraw(program, at=SAID + DAY)
    hand_out(SAID + DAY)

    assert told(enrollment) == []


def test_who_joined_after_the_plan_was_told_hears_nothing_of_its_end(
    program, enrollment
):
    program_settings.change(program, {"window_days": 7}, at=SAID)
    hand_out()
    late = enroll(program, since=SAID + DAY / 2)
    program_settings.withdraw(program, at=SAID + DAY)
    hand_out(SAID + DAY)

    assert told(enrollment) == ["settings_planned", "settings_withdrawn"]
    assert told(late) == []


def test_settings_of_a_draft_are_not_told():
    program = ProgramFactory()
    enrollment = enroll(program)

    program_settings.change(program, {"window_days": 7}, at=SAID)
    hand_out()

    assert told(enrollment) == []
