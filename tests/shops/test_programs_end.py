"""The end of a program is planned: announced, then reached (rule P1)."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from affiliate.common.models import AuditEntry
from shops import programs
from shops.models import ProgramStatus
from tests.factories.shops import MOMENT, ProgramFactory
from tests.shops.test_programs import periods

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOTICE = 15 * DAY
INSTANT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def program():
    return programs.activate(ProgramFactory(), at=MOMENT)


def plan(program, after, at=MOMENT):
    return programs.plan_end(program, ends_at=MOMENT + after, at=at)


def test_a_planned_end_is_the_last_moment_that_is_attributed(program):
    for _again in range(2):
        planned = plan(program, NOTICE)

    assert (planned.status, planned.ends_at) == ("active", MOMENT + NOTICE)
    assert planned.end_announced_at == MOMENT
    assert periods(program) == [(MOMENT, MOMENT + NOTICE)]
    assert AuditEntry.objects.filter(action="program.end_planned").count() == 1


def test_an_end_without_notice_is_refused(program):
    with pytest.raises(programs.EndWithoutNotice) as refused:
        plan(program, NOTICE - INSTANT)

    assert refused.value.errors == {
        "ends_at": ["Not before 2026-11-18T09:15:00+00:00."]
    }
    assert periods(program) == [(MOMENT, None)]


@pytest.mark.parametrize("after", [20 * DAY, 40 * DAY])
def test_a_plan_may_be_moved(program, after):
    plan(program, 30 * DAY)

    moved = plan(program, after, at=MOMENT + DAY)

    assert (moved.ends_at, moved.end_announced_at) == (MOMENT + after, MOMENT + DAY)
    assert periods(program) == [(MOMENT, MOMENT + after)]


def test_a_pause_in_between_keeps_the_plan(program):
    plan(program, 30 * DAY)
    programs.pause(program, at=MOMENT + DAY)
    programs.activate(program, at=MOMENT + 2 * DAY)

    assert periods(program) == [
        (MOMENT, MOMENT + DAY),
        (MOMENT + 2 * DAY, MOMENT + 30 * DAY),
    ]


def test_a_program_ends_when_its_moment_comes(program):
    plan(program, NOTICE)

    assert programs.finish_planned(at=MOMENT + NOTICE - INSTANT) == 0
    assert programs.finish_planned(at=MOMENT + NOTICE) == 1
    assert programs.finish_planned(at=MOMENT + NOTICE) == 0

    program.refresh_from_db()
    assert program.status == ProgramStatus.ENDED


def test_after_the_planned_end_nothing_begins_again(program):
    plan(program, NOTICE)
    programs.pause(program, at=MOMENT + DAY)

    for verb in (
        lambda: programs.activate(program, at=MOMENT + NOTICE),
        lambda: plan(program, 90 * DAY, at=MOMENT + NOTICE),
    ):
        with pytest.raises(programs.ProgramEnded):
            verb()


def test_a_draft_ends_without_notice():
    assert plan(ProgramFactory(), DAY).ends_at == MOMENT + DAY


def test_ending_at_once_replaces_the_plan(program):
    plan(program, 30 * DAY)

    ended = programs.end(program, at=MOMENT + DAY)

    assert (ended.ends_at, ended.end_announced_at) == (MOMENT + DAY, MOMENT)
    assert periods(program) == [(MOMENT, MOMENT + DAY)]


def test_ending_after_the_planned_end_does_not_move_it(program):
    plan(program, 30 * DAY)

    ended = programs.end(program, at=MOMENT + 31 * DAY)

    assert (ended.status, ended.ends_at) == (ProgramStatus.ENDED, MOMENT + 30 * DAY)
    assert periods(program) == [(MOMENT, MOMENT + 30 * DAY)]
