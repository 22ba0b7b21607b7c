"""What a program pays one creator: now, announced, and before (rules R6, B1, B5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from creators.models import Enrollment, EnrollmentStatus, GroupMember
from shops import history
from shops.models import Program

_MAY_LOOK = (EnrollmentStatus.ACTIVE, EnrollmentStatus.ENDED)


@dataclass(frozen=True)
class Terms:
    """The terms of one program that reach one creator, what begins last first.

    `boosts` are running or to come, the first to end first; `coming` are rates and
    exclusions announced for later, or whose end is; `running` those that hold, and
    `past` all that is over.
    """

    program: Program
    boosts: Sequence[history.Entry]
    coming: Sequence[history.Entry]
    running: Sequence[history.Entry]
    past: Sequence[history.Entry]


def read(creator_id: int, program_id: int, *, at: datetime) -> Terms | None:
    """Return the terms as they stand at `at`; None for who never joined the program.

    What is for other creators or groups is not among them: a private boost is
    invisible to others (rule B1).
    """
    enrollment = (
        Enrollment.objects.filter(
            Q(program=program_id), creator=creator_id, status__in=_MAY_LOOK
        )
        .select_related("program__shop")
        .first()
    )
    if enrollment is None:
        return None
    groups = GroupMember.objects.filter(
        GroupMember.inside(at), enrollment=enrollment
    ).values_list("audience", flat=True)
    audiences = [*groups, enrollment.audience_id]
    entries = history.of(
        enrollment.program,
        at=at,
        audiences=[each for each in audiences if each is not None],
        since=enrollment.since,
    )
    live = [each for each in entries if each.state != "over"]
    boosts = [each for each in live if each.kind == "boost"]
    rates = [each for each in live if each.kind != "boost"]
    coming = [each for each in rates if _changes(each, at)]
    return Terms(
        program=enrollment.program,
        boosts=sorted(boosts, key=lambda each: (each.ends_at or at, each.id)),
        coming=coming,
        running=[each for each in rates if each not in coming],
        past=[each for each in entries if each.state == "over"],
    )


def _changes(entry: history.Entry, at: datetime) -> bool:
    """Say whether a rate or exclusion begins or ends for the reader later."""
    moments = (entry.binds_at, entry.ends_at, entry.end_binds_at)
    is_later = any(moment is not None and moment > at for moment in moments)
    return entry.state in {"announced", "ending"} or is_later
