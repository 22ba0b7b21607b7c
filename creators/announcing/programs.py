"""What happens to a program is told to those who are in it (rules P1, P3)."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from affiliate.common import notify, outbox
from affiliate.common.models import Notice
from creators.announcing import people
from shops import program_settings
from shops.models import Program, ProgramStatus, TermsVersion


@outbox.subscribe("program.end_planned")
def end_planned(*, program: int, moment: str, at: datetime) -> None:
    """Tell the moment of the last attributed order; `moment` is when it was planned."""
    found = _of(program)
    if found.status != ProgramStatus.ENDED:
        _tell(found, "program_end_planned", f"end:{moment}", at, ends_at=found.ends_at)


@outbox.subscribe("program.paused")
def paused(*, program: int, moment: str, at: datetime) -> None:
    """Tell that orders earn nothing since `moment`; not if it goes on by now.

    Of a budget that is used up its own notice tells.
    """
    found = _of(program)
    is_used_up = found.budgets.filter(boost=None, closed_at__isnull=False).exists()
    if found.status == ProgramStatus.PAUSED and not is_used_up:
        _tell(found, "program_paused", f"paused:{moment}", at, since_at=moment)


@outbox.subscribe("program.active")
def resumed(*, program: int, moment: str, at: datetime) -> None:
    """Tell that a paused program goes on since `moment`; not if it stopped again."""
    found = _of(program)
    if found.status == ProgramStatus.ACTIVE:
        _tell(found, "program_resumed", f"active:{moment}", at, since_at=moment)


@outbox.subscribe("program.ended")
def ended(*, program: int, moment: str, at: datetime) -> None:
    """Tell that a program is over since `moment`, and what was sold before is paid."""
    _tell(_of(program), "program_ended", f"ended:{moment}", at, since_at=moment)


@outbox.subscribe("terms_version.published")
def terms_published(*, version: int, at: datetime) -> None:
    """Tell of a new text of the terms, and from when it holds (15 days' notice)."""
    found = TermsVersion.objects.select_related("program__shop").get(pk=version)
    _tell(
        found.program,
        "terms_published",
        f"terms:{found.number}",
        at,
        number=found.number,
        holds_at=found.in_force_from,
    )


@outbox.subscribe("program.settings_planned")
def settings_planned(*, program: int, moment: str, at: datetime) -> None:
    """Tell which settings will be worse for creators, and from when (15 days' notice).

    Only what was planned at `moment` and still is.
    """
    found = _of(program)
    plans = [
        each
        for each in program_settings.planned(found, at=at)
        if each.announced_at.isoformat() == moment
    ]
    if plans:
        _tell(
            found,
            "settings_planned",
            f"settings:{moment}",
            at,
            changes=[{"name": each.name, "value": each.value} for each in plans],
            holds_at=plans[0].starts_at,
        )


@outbox.subscribe("program.settings_withdrawn")
def settings_withdrawn(*, program: int, moment: str, plan: str, at: datetime) -> None:
    """Tell who was told of what was planned at `plan` that it does not come; once.

    Not if something is planned again. Of several plans there are several messages.
    """
    found = _of(program)
    if not program_settings.planned(found, at=at):
        told = Notice.objects.filter(key=_key(found, f"settings:{plan}")).values("user")
        _tell(found, "settings_withdrawn", f"settings:{moment}", at, told)


def _of(program_id: int) -> Program:
    return Program.objects.select_related("shop").get(pk=program_id)


def _key(program: Program, subject: str) -> str:
    return f"program:{program.pk}:{subject}"


def _tell(
    program: Program,
    topic: str,
    subject: str,
    at: datetime,
    only: "QuerySet[Notice, Any] | None" = None,
    **params: Any,
) -> None:
    """Tell all who are in a program; with `only`, those of them whose ids it has."""
    whom = people.users(people.enrolled(program.pk))
    notify.tell(
        whom if only is None else whom.filter(pk__in=only),
        f"creators/{topic}",
        _key(program, subject),
        path=people.path_of(program),
        at=at,
        params={**people.names(program), **params},
    )
