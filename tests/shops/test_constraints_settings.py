"""What the database refuses of a program's dated settings (R4)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from shops import program_settings
from shops.models import EarlierSettings, Program
from tests.factories.shops import MOMENT, EarlierSettingsFactory, ProgramFactory
from tests.shops.refusals import is_refused

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("base", "fault"),
    [
        pytest.param(
            {"window_days": 90},
            {"window_days": 91},
            marks=pytest.mark.breaks("earlier_settings_window_is_1_to_90_days"),
        ),
        pytest.param(
            {"window_days": 1},
            {"window_days": 0},
            marks=pytest.mark.breaks("earlier_settings_window_is_1_to_90_days"),
        ),
        pytest.param(
            {"hold_days": 60},
            {"hold_days": 61},
            marks=pytest.mark.breaks("earlier_settings_hold_is_at_most_60_days"),
        ),
        pytest.param(
            {"code_policy": "if_winner"},
            {"code_policy": "never"},
            marks=pytest.mark.breaks("earlier_settings_code_policy_is_known"),
        ),
        pytest.param(
            {"announced_at": MOMENT, "ends_at": MOMENT},
            {"announced_at": MOMENT + INSTANT},
            marks=pytest.mark.breaks("earlier_settings_end_is_announced"),
        ),
    ],
)
def test_earlier_settings_keep_the_bounds_of_settings(base, fault):
    is_refused(EarlierSettingsFactory, base, fault)


@pytest.mark.breaks("earlier_settings_end_one_by_one")
def test_one_version_of_a_programs_settings_ends_at_a_moment():
    earlier = EarlierSettingsFactory()

    EarlierSettingsFactory(ends_at=earlier.ends_at)
    EarlierSettingsFactory(program=earlier.program, ends_at=earlier.ends_at + INSTANT)
    with pytest.raises(IntegrityError), transaction.atomic():
        EarlierSettingsFactory(program=earlier.program, ends_at=earlier.ends_at)


def changed_behind_the_verb(program, **fields):
    with transaction.atomic():
        Program.objects.filter(pk=program.pk).update(**fields)


SETTINGS = [
    {"code_policy": "if_winner"},
    {"window_days": 31},
    {"halo": False},
    {"catalogue_only": True},
    {"hold_days": 29},
    {"shipping_days": 4},
]


@pytest.mark.breaks("program_settings_are_dated")
@pytest.mark.parametrize("fields", SETTINGS)
@pytest.mark.parametrize("was_changed", [False, True])
def test_the_settings_of_a_program_change_only_with_what_was_kept(fields, was_changed):
    program, draft = ProgramFactory(active=True), ProgramFactory()
    if was_changed:
        program_settings.change(program, {"window_days": 7}, at=MOMENT)

    with pytest.raises(IntegrityError):
        changed_behind_the_verb(program, **fields)
    with pytest.raises(IntegrityError):
        changed_behind_the_verb(
            program, **fields, settings_changed_at=MOMENT + 99 * DAY
        )

    changed_behind_the_verb(draft, **fields)
    changed_behind_the_verb(program, name="New")


@pytest.mark.breaks("earlier_settings_stay")
def test_what_settings_were_until_now_stays():
    program = ProgramFactory(active=True)
    program_settings.change(program, {"window_days": 60}, at=MOMENT)
    program_settings.change(program, {"window_days": 7}, at=MOMENT + DAY)
    rows = EarlierSettings.objects.order_by("ends_at")
    past, planned = rows

    def refused(act):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()

    def kept(act):
        with transaction.atomic():
            act()
            transaction.set_rollback(True)

    one, other = rows.filter(pk=past.pk), rows.filter(pk=planned.pk)
    refused(lambda: one.update(window_days=1))
    kept(lambda: other.update(window_days=1))
    refused(lambda: one.delete())
    kept(lambda: other.delete())
    refused(lambda: other.update(ends_at=planned.ends_at + DAY))
    refused(lambda: other.update(announced_at=MOMENT))
    refused(
        lambda: EarlierSettingsFactory(program=program, ends_at=MOMENT + DAY - INSTANT)
    )
    kept(lambda: EarlierSettingsFactory(program=program, ends_at=MOMENT + 2 * DAY))
