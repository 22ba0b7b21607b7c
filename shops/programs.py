"""The life of a program (rule P1): when it is active, moment by moment (rule R4)."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from shops.models import ActivePeriod, Program, ProgramStatus


class ProgramEnded(Refusal):
    """An ended program stays ended: creators were told so."""

    code = "program_ended"
    title = _("This program has ended.")
    way_out = _("Make a new program.")


@transaction.atomic
def activate(
    program: Program, *, at: datetime | None, by: User | None = None
) -> Program:
    """Let orders placed from `at` on earn; an active program stays as it is.

    `None` means since ever, for a past state that is loaded. Raises ProgramEnded.
    """
    program = _lock(program)
    if program.status == ProgramStatus.ACTIVE:
        return program
    if program.status == ProgramStatus.ENDED:
        raise ProgramEnded
    later = program.active_periods.all()
    if at is not None:
        # One that would end after `at` was closed from the future on: it goes on.
        later = later.filter(Q(ends_at__gt=at) | Q(ends_at__isnull=True))
    period = later.order_by(F("starts_at").asc(nulls_first=True)).first()
    if period is None:
        ActivePeriod.objects.create(program=program, starts_at=at)
    else:
        later.exclude(pk=period.pk).delete()
        if at is None or (period.starts_at and at < period.starts_at):
            period.starts_at = at
        period.ends_at = None
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
    _close(program, at)
    return _turn(program, ProgramStatus.ENDED, by, at)


def _lock(program: Program) -> Program:
    return Program.objects.select_for_update().get(pk=program.pk)


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
        audit.record(
            f"shop:{program.shop_id}",
            f"program.{status.value}",
            program,
            at=at,
            actor=by,
            before={"status": before},
            after={"status": status.value},
        )
    return program
