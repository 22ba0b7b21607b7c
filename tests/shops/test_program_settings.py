"""Settings of a program from moment to moment: what holds, what is planned (R4, P3)."""

from datetime import timedelta
from threading import Barrier
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from affiliate.common.models import AuditEntry
from shops import drafting, program_settings
from shops.models import EarlierSettings, Program
from tests.common.racing import race
from tests.factories.shops import MOMENT, ProgramFactory

pytestmark = pytest.mark.django_db

INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)
# 360 hours after 3 November, 09:15 UTC.
NOTICE_OVER = MOMENT.replace(day=18)


@pytest.fixture
def program():
    return ProgramFactory(
        active=True,
        code_policy="if_involved",
        window_days=30,
        halo=True,
        catalogue_only=False,
        hold_days=20,
        shipping_days=5,
    )


def change(program, at=MOMENT, **wanted):
    return drafting.change(program, wanted, at=at)


def held(program, name, at):
    fresh = Program.objects.get(pk=program.pk)
    return program_settings.in_force(fresh, at=at)[name]


def plans(program, at=MOMENT):
    fresh = Program.objects.get(pk=program.pk)
    return [
        (each.name, each.value, each.starts_at, each.announced_at)
        for each in program_settings.planned(fresh, at=at)
    ]


WORSE = [
    ("code_policy", "if_winner"),
    ("window_days", 29),
    ("halo", False),
    ("catalogue_only", True),
    ("hold_days", 21),
    ("shipping_days", 6),
]
BETTER = [
    ("code_policy", "always"),
    ("window_days", 31),
    ("halo", True),
    ("catalogue_only", False),
    ("hold_days", 19),
    ("shipping_days", 4),
]
TURNED = {"halo": False, "catalogue_only": True}


@pytest.mark.parametrize(("name", "value"), WORSE)
def test_what_is_worse_holds_from_360_hours_after_it_was_said(program, name, value):
    before = getattr(program, name)

    change(program, **{name: value})

    assert held(program, name, MOMENT) == before
    assert held(program, name, NOTICE_OVER - INSTANT) == before
    assert held(program, name, NOTICE_OVER) == value
    assert plans(program) == [(name, value, NOTICE_OVER, MOMENT)]


@pytest.mark.parametrize(("name", "value"), BETTER)
def test_what_is_better_holds_from_the_moment_on_and_never_before(name, value):
    before = {"code_policy": "if_involved", "hold_days": 20, **TURNED}
    program = ProgramFactory(active=True, **before)
    was = getattr(program, name)

    change(program, **{name: value})

    assert held(program, name, MOMENT - INSTANT) == was
    assert held(program, name, MOMENT) == value
    assert plans(program) == []


@pytest.mark.parametrize(("name", "value"), [*WORSE, *BETTER])
def test_a_draft_changes_at_once_and_keeps_nothing(name, value):
    before = {"code_policy": "if_involved", "hold_days": 20}
    draft = ProgramFactory(**before)

    change(draft, **{name: value})

    assert held(draft, name, MOMENT - DAY) == value
    assert not EarlierSettings.objects.exists()


@pytest.mark.parametrize("status", ["active", "paused"])
def test_a_program_that_is_no_draft_gives_notice(status):
    program = ProgramFactory(status=status)

    change(program, window_days=7)

    assert plans(program) == [("window_days", 7, NOTICE_OVER, MOMENT)]


def test_each_setting_goes_its_own_way(program):
    change(program, window_days=7, hold_days=10, name="New")

    assert held(program, "window_days", MOMENT) == 30
    assert held(program, "hold_days", MOMENT - INSTANT) == 20
    assert held(program, "hold_days", MOMENT) == 10
    assert held(program, "hold_days", NOTICE_OVER) == 10
    assert Program.objects.get().name == "New"


@pytest.mark.parametrize(
    ("before", "after", "is_better"),
    [
        ("if_winner", "if_involved", True),
        ("if_winner", "always", True),
        ("if_involved", "always", True),
        ("always", "always", True),
        ("always", "if_involved", False),
        ("always", "if_winner", False),
        ("if_involved", "if_winner", False),
    ],
)
def test_a_policy_is_better_towards_always(before, after, is_better):
    assert program_settings.favours("code_policy", before, after) is is_better


# ------------------------------------------------- planned, withdrawn, overtaken


def test_the_same_again_keeps_its_day(program):
    change(program, window_days=7)
    change(program, at=MOMENT + 10 * DAY, window_days=7)

    assert plans(program) == [("window_days", 7, NOTICE_OVER, MOMENT)]
    assert AuditEntry.objects.count() == 1


def test_a_plan_that_is_taken_back_never_holds(program):
    change(program, window_days=7, halo=False)

    for _again in range(2):
        program_settings.withdraw(program, at=NOTICE_OVER - INSTANT)

    assert plans(program) == []
    assert held(program, "window_days", NOTICE_OVER) == 30
    assert held(program, "halo", NOTICE_OVER) is True
    assert not EarlierSettings.objects.exists()


def test_what_holds_already_is_not_taken_back(program):
    change(program, window_days=7)

    program_settings.withdraw(program, at=NOTICE_OVER)

    assert held(program, "window_days", NOTICE_OVER + DAY) == 7


def test_what_holds_now_asked_for_again_takes_its_plan_back_and_no_other(program):
    change(program, window_days=7, hold_days=40)

    change(program, at=MOMENT + DAY, window_days=30)

    assert plans(program) == [("hold_days", 40, NOTICE_OVER, MOMENT)]
    assert held(program, "window_days", NOTICE_OVER) == 30


@pytest.mark.parametrize("days", [5, 10])
def test_another_plan_for_the_same_setting_has_its_own_notice(program, days):
    change(program, window_days=7)
    later = MOMENT + 10 * DAY

    change(program, at=later, window_days=days)

    assert plans(program) == [("window_days", days, later + 15 * DAY, later)]
    assert held(program, "window_days", later + 15 * DAY - INSTANT) == 30


def test_a_plan_for_another_setting_leaves_the_first(program):
    change(program, window_days=7)
    later = MOMENT + 10 * DAY

    change(program, at=later, hold_days=40)

    assert plans(program) == [
        ("window_days", 7, NOTICE_OVER, MOMENT),
        ("hold_days", 40, later + 15 * DAY, later),
    ]


def test_something_better_holds_before_and_after_what_is_planned(program):
    change(program, window_days=7)
    later = MOMENT + DAY

    change(program, at=later, hold_days=10)

    assert held(program, "hold_days", later - INSTANT) == 20
    assert held(program, "hold_days", later) == 10
    assert held(program, "hold_days", NOTICE_OVER) == 10
    assert held(program, "window_days", later) == 30
    assert plans(program, later) == [("window_days", 7, NOTICE_OVER, MOMENT)]


def test_something_better_for_the_same_setting_drops_the_plan(program):
    change(program, window_days=7)

    change(program, at=MOMENT + DAY, window_days=60)

    assert plans(program, MOMENT + DAY) == []
    assert held(program, "window_days", MOMENT + DAY - INSTANT) == 30
    assert held(program, "window_days", NOTICE_OVER) == 60


def test_what_was_better_for_a_day_is_only_lowered_with_notice(program):
    change(program, window_days=60)

    change(program, at=MOMENT + DAY, window_days=30)

    assert held(program, "window_days", MOMENT + 16 * DAY - INSTANT) == 60
    assert held(program, "window_days", MOMENT + 16 * DAY) == 30


def test_a_change_at_the_moment_a_plan_begins_to_hold_comes_after_it(program):
    change(program, window_days=7)

    change(program, at=NOTICE_OVER, window_days=8)

    assert held(program, "window_days", NOTICE_OVER - INSTANT) == 30
    assert held(program, "window_days", NOTICE_OVER) == 8


def test_a_year_of_changes_is_kept(program):
    days = [60, 50, 70, 40]
    for number, window_days in enumerate(days):
        change(program, at=MOMENT + 90 * number * DAY, window_days=window_days)

    found = [
        (version.starts_at and (version.starts_at - MOMENT).days, version.values)
        for version in program_settings.versions(Program.objects.get())
    ]

    assert [(start, values["window_days"]) for start, values in found] == [
        (None, 30),
        (0, 60),
        (105, 50),
        (180, 70),
        (285, 40),
    ]


def test_a_value_out_of_bounds_changes_nothing(program):
    with pytest.raises(ValidationError):
        change(program, window_days=91, name="New")

    assert Program.objects.get().name != "New"
    assert not EarlierSettings.objects.exists()


def test_the_audit_trail_says_what_was_said_and_from_when(program):
    change(program, window_days=7, hold_days=10)

    entry = AuditEntry.objects.get()
    assert entry.action == "program.settings_changed"
    assert entry.before == {"window_days": 30, "hold_days": 20}
    assert entry.after == {
        "window_days": 7,
        "hold_days": 10,
        "from": {"window_days": "2026-11-18T09:15:00+00:00", "hold_days": None},
    }


# ------------------------------------------------------------------ two at once


def two_at_once():
    """Say two changes at one moment; return what they raised, and what came to hold."""
    program = ProgramFactory(active=True)

    def said(**wanted):
        return lambda: program_settings.change(program, wanted, at=MOMENT)

    outcomes = race([said(window_days=60), said(hold_days=10)])
    errors = [each for each in outcomes if isinstance(each, Exception)]
    fresh = Program.objects.get()
    return errors, {fresh.window_days, fresh.hold_days}


def without_lock(barrier):
    """Return what the verb reads when it does not wait for the others."""

    def read(program, at):
        fresh = Program.objects.get(pk=program.pk)
        barrier.wait()
        return fresh, at

    return read


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_both_hold_one_after_the_other():
    assert two_at_once() == ([], {60, 10})

    moments = [row.ends_at for row in EarlierSettings.objects.order_by("ends_at")]
    assert moments == [MOMENT, MOMENT + INSTANT]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_refuses_one_of_two():
    """The negative control: what the lock lets wait is refused, not lost."""
    unlocked = without_lock(Barrier(2, timeout=20))
    with mock.patch.object(program_settings, "_locked", unlocked):
        errors, values = two_at_once()

    assert [type(each) for each in errors] == [IntegrityError]
    assert values in ({60, 30}, {30, 10})
