"""The life of a program (rule P1): when it is active, moment by moment (rule R4)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit, outbox
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from shops import gates
from shops.models import ActivePeriod, Program, ProgramStatus


class ProgramEnded(Refusal):
    """An ended program stays ended: creators were told so."""

    code = "program_ended"
    title = _("This program has ended.")
    way_out = _("Make a new program.")


class EndWithoutNotice(Refusal):
    """Creators sell on the program's word: its end is announced 15 days before."""

    code = "end_without_notice"
    status = 422
    title = _("The end of a program is announced 15 days before.")
    way_out = _("Choose a later day, or pause the program.")


class BudgetUsedUp(Refusal):
    """All that the program may cost is granted: further orders would earn nothing."""

    code = "budget_used_up"
    title = _("The budget of this program is used up.")
    way_out = _("Raise its budget, then activate the program.")


# As long as for a change of the terms (rule P3).
END_NOTICE = timedelta(days=15)


@transaction.atomic
def activate(
    program: Program, *, at: datetime | None, by: User | None = None
) -> Program:
    """Let orders placed from `at` on earn; an active program stays as it is.

    `None` means since ever, for a past state that is loaded. A planned end stays.
    Raises ProgramEnded, BudgetUsedUp, and gates.GateClosed for restricted goods.
    """
    program = _lock(program)
    if program.status == ProgramStatus.ACTIVE:
        return program
    _demand_not_ended(program, at)
    if at is not None:
        gates.demand(program, at=at)
        if program.budgets.filter(boost=None, closed_at__isnull=False).exists():
            raise BudgetUsedUp
    later = program.active_periods.all()
    if at is not None:
        # One that would end after `at` was closed from the future on: it goes on.
        later = later.filter(Q(ends_at__gt=at) | Q(ends_at__isnull=True))
    period = later.order_by(F("starts_at").asc(nulls_first=True)).first()
    if period is None:
        ActivePeriod.objects.create(
            program=program, starts_at=at, ends_at=program.ends_at
        )
    else:
        later.exclude(pk=period.pk).delete()
        if at is None or (period.starts_at and at < period.starts_at):
            period.starts_at = at
        period.ends_at = program.ends_at
        period.save(update_fields=["starts_at", "ends_at"])
    return _turn(program, ProgramStatus.ACTIVE, by, at)


@transaction.atomic
def pause(program: Program, *, at: datetime, by: User | None = None) -> Program:
    """Let orders placed from `at` on earn nothing until `activate`; twice is harmless.

    What was placed before `at` is not touched. Raises ProgramEnded.
    """
    program = _lock(program)
    if program.status == ProgramStatus.ENDED:
        raise ProgramEnded
    if program.status == ProgramStatus.PAUSED:
        return program
    _close(program, at)
    return _turn(program, ProgramStatus.PAUSED, by, at)


@transaction.atomic
def end(program: Program, *, at: datetime, by: User | None = None) -> Program:
    """Close the program for good: the last attributed order is placed before `at`.

    Lines placed before it are still held, approved and paid. Twice is harmless.
    """
    program = _lock(program)
    if program.status == ProgramStatus.ENDED:
        return program
    # A planned end that has passed stays the end, seen by the sweep or not.
    at = min(at, program.ends_at or at)
    _close(program, at)
    program.ends_at = at
    program.end_announced_at = min(program.end_announced_at or at, at)
    program.save(update_fields=["ends_at", "end_announced_at"])
    return _turn(program, ProgramStatus.ENDED, by, at)


@transaction.atomic
def plan_end(
    program: Program, *, ends_at: datetime, at: datetime, by: User | None = None
) -> Program:
    """Announce the moment of the last attributed order; until then all goes on.

    A plan may be moved to any moment that leaves the notice of 15 days; the same again
    changes nothing. Lines placed before the end are still held, approved and paid.

    Raises ProgramEnded, and EndWithoutNotice (a draft has nobody to tell).
    """
    program = _lock(program)
    if program.ends_at == ends_at:
        return program
    _demand_not_ended(program, at)
    notice = timedelta(0) if program.status == ProgramStatus.DRAFT else END_NOTICE
    if ends_at < at + notice:
        said = _("Not before %(earliest)s.") % {"earliest": (at + notice).isoformat()}
        raise EndWithoutNotice(errors={"ends_at": [said]})
    before = program.ends_at
    program.ends_at, program.end_announced_at = ends_at, at
    program.save(update_fields=["ends_at", "end_announced_at"])
    _close(program, ends_at)
    if program.status == ProgramStatus.ACTIVE:
        # A later plan: the period that an earlier one had closed goes on.
        program.active_periods.filter(ends_at=before).update(ends_at=ends_at)
    _leave("program.end_planned", program, at)
    _note(
        program,
        "program.end_planned",
        by,
        at,
        before={"ends_at": before.isoformat() if before else None},
        after={"ends_at": ends_at.isoformat()},
    )
    return program


def finish_planned(*, at: datetime) -> int:
    """End the programs whose planned moment has come; return how many that were.

    Each is a transaction of its own; a second run finds none. Nothing hangs on when it
    runs: orders are judged by the periods, which ended at the planned moment.
    """
    due = Program.objects.filter(ends_at__lte=at).exclude(status=ProgramStatus.ENDED)
    finished = 0
    for found in due.order_by("pk"):
        with transaction.atomic():
            program = _lock(found)
            is_due = program.ends_at is not None and program.ends_at <= at
            if is_due and program.status != ProgramStatus.ENDED:
                _turn(program, ProgramStatus.ENDED, None, at)
                finished += 1
    return finished


def pause_gated(*, at: datetime) -> int:
    """Pause the active programs to which a gate has closed; return how many.

    Such as one whose licence ran out. Each is a transaction of its own; a second run
    finds none. Orders placed before stay due; `activate` says what is missing.
    """
    active = gates.with_goods(Program.objects.filter(status=ProgramStatus.ACTIVE))
    paused = 0
    for found in active.select_related("shop").order_by("pk"):
        closed = gates.unmet(found, at=at)
        if closed:
            with transaction.atomic():
                program = pause(found, at=at)
                _leave("program.gate_closed", program, at)
                reasons = [f"{each.code}.{each.gate}" for each in closed]
                _note(
                    program,
                    "program.gate_closed",
                    None,
                    at,
                    before={},
                    after={"gates": ", ".join(reasons)},
                )
            paused += 1
    return paused


def _demand_not_ended(program: Program, at: datetime | None) -> None:
    is_ended = program.status == ProgramStatus.ENDED
    if is_ended or (at is not None and program.is_over(at)):
        raise ProgramEnded


def _lock(program: Program) -> Program:
    return Program.objects.select_for_update(no_key=True).get(pk=program.pk)


def _close(program: Program, at: datetime) -> None:
    """End what is active at `at`; what would have begun later never was."""
    program.active_periods.filter(starts_at__gte=at).delete()
    program.active_periods.filter(Q(ends_at__gt=at) | Q(ends_at__isnull=True)).update(
        ends_at=at
    )


def _turn(
    program: Program, status: ProgramStatus, by: User | None, at: datetime | None
) -> Program:
    before, program.status = program.status, status
    program.save(update_fields=["status"])
    if at is not None:
        if before != ProgramStatus.DRAFT:
            _leave(f"program.{status.value}", program, at)
        _note(
            program,
            f"program.{status.value}",
            by,
            at,
            before={"status": before},
            after={"status": status.value},
        )
    return program


def _leave(topic: str, program: Program, at: datetime) -> None:
    """Leave word for whoever tells people; there is no row of when it happened."""
    outbox.leave(topic, program=program.pk, moment=at.isoformat())


def _note(
    program: Program,
    action: str,
    by: User | None,
    at: datetime,
    *,
    before: dict[str, str | None],
    after: dict[str, str | None],
) -> None:
    audit.record(
        f"shop:{program.shop_id}",
        action,
        program,
        at=at,
        actor=by,
        before=before,
        after=after,
    )
