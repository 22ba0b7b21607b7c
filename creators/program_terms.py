"""What a program pays one creator: now, announced, and before (rules R6, B1, B5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from creators.models import Enrollment, EnrollmentStatus, GroupMember
from shops import history, standing
from shops.changes import Earned
from shops.models import Program

_MAY_LOOK = (EnrollmentStatus.ACTIVE, EnrollmentStatus.ENDED)


@dataclass(frozen=True)
class Terms:
    """The terms of one program that reach one creator, what begins last first.

    `standing` is what a sale earns where no product or category is named. `boosts` are
    running or to come, the first to end first; `coming` are rates and exclusions that
    begin later, lower what the reader has once they bind, or whose end was announced;
    `running` those that hold for them, with no rate that another always beats (rule
    R2), and `past` all that is over.
    """

    program: Program
    standing: Earned
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
    known = standing.of(enrollment.program, entries, is_of_one=True)
    live = [known.settled(each) for each in entries if each.state != "over"]
    boosts = [each for each in live if each.kind == "boost"]
    terms = [each for each in live if each.kind != "boost"]
    running = [each for each in terms if _holds(each, at)]
    won = [each for each in terms if not known.is_beaten(each, running, for_good=True)]
    return Terms(
        program=enrollment.program,
        standing=known.on_everything(running),
        boosts=sorted(boosts, key=lambda each: (each.ends_at or at, each.id)),
        coming=[each for each in won if _changes(each, known, at)],
        running=[
            each
            for each in running
            if not known.is_beaten(each, running, for_good=False)
        ],
        past=[each for each in entries if each.state == "over"],
    )


def _holds(entry: history.Entry, at: datetime) -> bool:
    """Say whether a rate or exclusion holds for the reader: begun, and bound by now."""
    is_bound = entry.binds_at is None or entry.binds_at <= at
    return entry.state in {"running", "ending"} and is_bound


def _changes(entry: history.Entry, known: standing.Standing, at: datetime) -> bool:
    """Say whether it begins or binds later, or its end is moved and lowers."""
    is_moved = entry.end_binds_at is not None and entry.end_binds_at > at
    return not _holds(entry, at) or (is_moved and known.ends_lower(entry))
