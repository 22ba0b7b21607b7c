"""What the oracle takes a setting and a group to be at a moment (R4, P3, R6)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.stories.oracle.facts import instant
from tests.stories.oracle.terms import Program, Wish

SAID = instant("2026-06-01T12:00:00Z")
HELD = instant("2026-06-16T12:00:00Z")
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)


def program(*wishes: tuple[Any, str, Any]) -> Program:
    found = Program("p", 1000, groups={"gold": {"lea"}})
    found.wishes += [Wish(*wish) for wish in wishes]
    return found


@pytest.mark.parametrize(
    ("name", "worse", "better"),
    [
        ("window_days", 29, 31),
        ("hold_days", 31, 29),
        ("shipping_days", 6, 4),
        ("code_policy", "if_winner", "always"),
        ("halo", False, True),
        ("catalogue_only", True, False),
    ],
)
def test_p3_what_is_worse_waits_15_days_and_what_is_no_worse_does_not(
    name: str, worse: object, better: object
) -> None:
    before = program().setting(name, SAID)
    later, at_once = program((SAID, name, worse)), program((SAID, name, better))

    assert later.setting(name, HELD - INSTANT) == before
    assert later.setting(name, HELD) == worse
    assert at_once.setting(name, SAID - INSTANT) == before
    assert at_once.setting(name, SAID) == better


def test_p3_what_is_taken_back_in_time_never_holds() -> None:
    in_time = program((SAID, "window_days", 7), (HELD - INSTANT, "window_days", None))
    too_late = program((SAID, "window_days", 7), (HELD, "window_days", None))

    assert in_time.setting("window_days", HELD) == 30
    assert too_late.setting("window_days", HELD) == 7


def test_p3_another_plan_begins_anew_and_the_same_does_not() -> None:
    again = program((SAID, "window_days", 7), (SAID + DAY, "window_days", 7))
    other = program((SAID, "window_days", 7), (SAID + DAY, "window_days", 8))

    assert again.setting("window_days", HELD) == 7
    assert other.setting("window_days", HELD) == 30
    assert other.setting("window_days", HELD + DAY) == 8


def test_r4_who_comes_and_goes_is_in_a_group_in_between() -> None:
    found = program()
    found.join("gold", "mia", SAID)
    found.leave("gold", "lea", SAID, 30 * DAY)
    found.leave("gold", "mia", HELD, timedelta(0))

    assert not found.is_in("gold", "mia", SAID - INSTANT)
    assert found.is_in("gold", "mia", SAID)
    assert not found.is_in("gold", "mia", HELD)
    assert found.is_in("gold", "lea", SAID + 30 * DAY - INSTANT)
    assert not found.is_in("gold", "lea", SAID + 30 * DAY)


def test_r6_who_comes_back_on_notice_was_never_out() -> None:
    found = program()
    found.leave("gold", "lea", SAID, 30 * DAY)
    found.join("gold", "lea", SAID + 30 * DAY - INSTANT)

    assert found.is_in("gold", "lea", SAID + 99 * DAY)
