"""A program's settings from moment to moment: what held, what holds, what is planned.

An order is judged by the settings of its own moment (rule R4). What is worse for the
creators of a program is announced 15 days before (rule P3); what only favours them
holds at once. Each setting goes its own way: a change of one leaves the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction

from affiliate.common import audit, outbox
from affiliate.common.models import User
from shops import terms_versions
from shops.models import CodePolicy, EarlierSettings, Program, ProgramStatus

NAMES = (
    "code_policy", "window_days", "halo", "catalogue_only", "hold_days", "shipping_days"
)  # fmt: skip
# As long as for a change of the terms: 360 hours (rule P3).
NOTICE = terms_versions.NOTICE
_INSTANT = timedelta(microseconds=1)
# From the worst for creators to the best; of the others, less is better for some.
_POLICIES = (CodePolicy.IF_WINNER, CodePolicy.IF_INVOLVED, CodePolicy.ALWAYS)
_LESS_IS_BETTER = ("catalogue_only", "hold_days", "shipping_days")


@dataclass(frozen=True)
class Version:
    """The settings for orders placed in [starts_at, ends_at); None is open."""

    starts_at: datetime | None
    ends_at: datetime | None
    values: Mapping[str, Any]
    announced_at: datetime | None

    def holds(self, at: datetime) -> bool:
        """Say whether an order placed at `at` is judged by it."""
        is_begun = self.starts_at is None or self.starts_at <= at
        return is_begun and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True)
class Planned:
    """One setting that will have another value from `starts_at` on."""

    name: str
    value: Any
    starts_at: datetime
    announced_at: datetime


def versions(program: Program) -> list[Version]:
    """Return all versions of a program's settings, the first one first."""
    found: list[Version] = []
    starts_at = announced_at = None
    for row in sorted(program.earlier_settings.all(), key=lambda row: row.ends_at):
        found.append(Version(starts_at, row.ends_at, _values(row), announced_at))
        starts_at, announced_at = row.ends_at, row.announced_at
    return [*found, Version(starts_at, None, _values(program), announced_at)]


def in_force(program: Program, *, at: datetime) -> Mapping[str, Any]:
    """Return the settings, by name, of an order placed at `at`."""
    return next(each.values for each in versions(program) if each.holds(at))


def planned(program: Program, *, at: datetime) -> list[Planned]:
    """Return what will change after `at`, the first first; one row a setting."""
    known = versions(program)
    return [
        Planned(name, after.values[name], after.starts_at, after.announced_at)
        for before, after in pairwise(known)
        if after.starts_at and after.announced_at and after.starts_at > at
        for name in NAMES
        if after.values[name] != before.values[name]
    ]


def favours(name: str, before: Any, after: Any) -> bool:
    """Say whether a setting is no worse for creators than it was (rules A2 to C2)."""
    if name == "code_policy":
        return _POLICIES.index(after) >= _POLICIES.index(before)
    return bool(after <= before if name in _LESS_IS_BETTER else after >= before)


@transaction.atomic
def change(
    program: Program,
    wanted: Mapping[str, Any],
    *,
    at: datetime,
    by: User | None = None,
) -> list[Planned]:
    """Let the settings named have these values as soon as they may; return the plans.

    What favours the creators holds for orders placed from `at` on, the rest 15 days
    later. A setting that was planned otherwise is planned anew; one that is to stay as
    it is now loses its plan. What is wanted and planned already stays as it is planned.

    The bounds of the values are the caller's to check. Two changes at once follow one
    another, the second one as if it were said an instant after the first.
    """
    program, at = _locked(program, at)
    wanted = {
        name: value for name, value in wanted.items() if getattr(program, name) != value
    }
    if not wanted:
        return planned(program, at=at)
    held, before = in_force(program, at=at), planned(program, at=at)
    line = _Line(versions(program), at)
    for name, value in wanted.items():
        if favours(name, held[name], value):
            line.turn(name, value, at)
        else:
            line.turn(name, held[name], at)
            line.turn(name, value, at + NOTICE)
    _write(program, line, at)
    plans = planned(program, at=at)
    if program.status != ProgramStatus.DRAFT:
        _leave_word(program, before, plans, at)
    _note(program, wanted, held, plans, at, by)
    return plans


@transaction.atomic
def withdraw(program: Program, *, at: datetime, by: User | None = None) -> None:
    """Drop all that is planned after `at`: what holds now goes on. Twice is harmless.

    What has begun to hold is no plan any more and stays.
    """
    program, at = _locked(program, at)
    change(program, in_force(program, at=at), at=at, by=by)


def _locked(program: Program, at: datetime) -> tuple[Program, datetime]:
    """Lock a program; return it and a moment after all that was said of it."""
    program = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    last = program.settings_changed_at
    return program, at if last is None else max(at, last + _INSTANT)


class _Line:
    """The versions of the settings as they are being changed, each by its end."""

    def __init__(self, known: list[Version], at: datetime) -> None:
        self.at = at
        self.ends = {each.ends_at: dict(each.values) for each in known}
        self.known_ends = set(self.ends)

    def turn(self, name: str, value: Any, starts_at: datetime) -> None:
        """Give a setting this value for all orders placed from `starts_at` on."""
        if starts_at not in self.ends:
            self.ends[starts_at] = dict(self._after(starts_at))
        for ends_at, values in self.ends.items():
            if ends_at is None or ends_at > starts_at:
                values[name] = value

    def rows(self) -> dict[datetime | None, dict[str, Any]]:
        """Return what holds until each end; an end after which nothing is other goes.

        What has ended by now stays, whatever it was.
        """
        return {
            ends_at: values
            for ends_at, values in self.ends.items()
            if ends_at is None
            or (ends_at <= self.at and ends_at in self.known_ends)
            or values != self._after(ends_at)
        }

    def _after(self, moment: datetime) -> dict[str, Any]:
        later = [end for end in self.ends if end is not None and end > moment]
        return self.ends[min(later, default=None)]


def _write(program: Program, line: _Line, at: datetime) -> None:
    """Write what comes to be before the program's own settings, and delete after them.

    The database looks at what held while they change (`program_settings_are_dated`).
    """
    rows = line.rows()
    kept = {row.ends_at: row for row in program.earlier_settings.all()}
    for ends_at, values in rows.items():
        if ends_at is None:
            continue
        row = kept.get(ends_at)
        if row is None:
            program.earlier_settings.create(ends_at=ends_at, announced_at=at, **values)
        elif _values(row) != values:
            program.earlier_settings.filter(pk=row.pk).update(**values)
    for name, value in rows[None].items():
        setattr(program, name, value)
    program.settings_changed_at = at
    program.save(update_fields=[*NAMES, "settings_changed_at"])
    gone = [row.pk for ends_at, row in kept.items() if ends_at not in rows]
    program.earlier_settings.filter(pk__in=gone).delete()


def _leave_word(
    program: Program, before: list[Planned], after: list[Planned], at: datetime
) -> None:
    """Leave word of plans that are new, or of those that are no more."""
    ids: dict[str, int | str] = {"program": program.pk, "moment": at.isoformat()}
    if any(each.announced_at == at for each in after):
        outbox.leave("program.settings_planned", **ids)
    elif not after:
        for plan in sorted({each.announced_at for each in before}):
            outbox.leave("program.settings_withdrawn", **ids, plan=plan.isoformat())


def _values(row: EarlierSettings | Program) -> dict[str, Any]:
    return {name: getattr(row, name) for name in NAMES}


def _note(
    program: Program,
    wanted: Mapping[str, Any],
    held: Mapping[str, Any],
    plans: list[Planned],
    at: datetime,
    by: User | None,
) -> None:
    starts = {each.name: each.starts_at.isoformat() for each in plans}
    audit.record(
        f"shop:{program.shop_id}",
        "program.settings_changed",
        program,
        at=at,
        actor=by,
        before={name: held[name] for name in wanted},
        after={**wanted, "from": {name: starts.get(name) for name in wanted}},
    )
