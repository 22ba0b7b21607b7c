"""When a program is active, moment by moment (rules P1, R4)."""

from datetime import timedelta

import pytest

from affiliate.common.models import AuditEntry
from shops import programs
from shops.models import ProgramStatus
from tests.factories.common import UserFactory
from tests.factories.shops import MOMENT, ProgramFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def periods(program):
    rows = program.active_periods.order_by("starts_at")
    return list(rows.values_list("starts_at", "ends_at"))


def test_an_activated_program_is_active_from_that_moment():
    program = programs.activate(ProgramFactory(), at=MOMENT)

    assert program.status == ProgramStatus.ACTIVE
    assert periods(program) == [(MOMENT, None)]


def test_activating_an_active_program_changes_nothing():
    program = programs.activate(ProgramFactory(), at=MOMENT)

    programs.activate(program, at=MOMENT + DAY)

    assert periods(program) == [(MOMENT, None)]
    assert AuditEntry.objects.count() == 1


def test_a_past_state_may_be_active_since_ever():
    program = programs.activate(ProgramFactory(), at=None)

    assert periods(program) == [(None, None)]


def test_a_pause_leaves_a_gap():
    program = programs.activate(ProgramFactory(), at=MOMENT)

    for _again in range(2):
        programs.pause(program, at=MOMENT + DAY)
    programs.activate(program, at=MOMENT + 2 * DAY)

    assert periods(program) == [
        (MOMENT, MOMENT + DAY),
        (MOMENT + 2 * DAY, None),
    ]


def test_a_program_paused_at_the_moment_it_began_was_never_active():
    program = programs.activate(ProgramFactory(), at=MOMENT)

    programs.pause(program, at=MOMENT)

    assert periods(program) == []


def test_a_pause_announced_for_later_can_be_taken_back():
    program = programs.activate(ProgramFactory(), at=MOMENT)
    programs.pause(program, at=MOMENT + 9 * DAY)

    programs.activate(program, at=MOMENT + DAY)

    assert periods(program) == [(MOMENT, None)]


def test_a_program_that_was_active_since_ever_still_is_when_it_goes_on():
    program = programs.activate(ProgramFactory(), at=None)
    programs.pause(program, at=MOMENT + 9 * DAY)

    programs.activate(program, at=MOMENT)

    assert periods(program) == [(None, None)]


def test_an_ended_program_stays_ended():
    program = programs.activate(ProgramFactory(), at=MOMENT)
    for _again in range(2):
        program = programs.end(program, at=MOMENT + DAY)

    for verb in (programs.activate, programs.pause):
        with pytest.raises(programs.ProgramEnded):
            verb(program, at=MOMENT + 2 * DAY)

    assert program.status == ProgramStatus.ENDED
    assert periods(program) == [(MOMENT, MOMENT + DAY)]


def test_who_turned_a_program_is_in_the_audit_trail():
    someone = UserFactory()

    programs.activate(ProgramFactory(), at=MOMENT, by=someone)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == ("program.active", someone)
    assert (entry.before, entry.after) == ({"status": "draft"}, {"status": "active"})
