"""Boosts are told to those they reach: added, started, moved, used up (B4, B5)."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from affiliate.common import notify, outbox
from creators.announcing import people
from shops.models import Boost, Budget, ProgramStatus

# A start that could not be told on its day is news no more.
_NEWS = timedelta(days=1)


@outbox.subscribe("boost.added")
def added(*, boost: int, at: datetime) -> None:
    """Tell of a boost, with its window, whom it reaches; not if it is over by now."""
    found = _of(boost)
    if found.ends_at is not None and at < found.ends_at:
        _tell(found, "boost_added", "added", at)


@outbox.subscribe("boost.end_moved")
def end_moved(*, boost: int, moment: str, at: datetime) -> None:
    """Tell when a boost ends now; `moment` is when it was moved."""
    _tell(_of(boost), "boost_end_moved", f"end:{moment}", at)


@outbox.subscribe("budget.closed")
def used_up(*, budget: int, at: datetime) -> None:
    """Tell that a boost, or a whole program, has spent its budget (B4, P4).

    Not if the budget was raised meanwhile, nor of a boost that was over before: only
    orders that came late met its end.
    """
    found = Budget.objects.select_related("program__shop", "boost").get(pk=budget)
    if found.closed_at is None:
        return
    if found.boost is not None:
        if found.boost.ends_at is not None and found.closed_at <= found.boost.ends_at:
            when = f"used_up:{found.closed_at.isoformat()}"
            _tell(_of(found.boost.pk), "boost_used_up", when, at)
        return
    program = found.program
    notify.tell(
        people.users(people.enrolled(program.pk)),
        "creators/program_used_up",
        f"program:{program.pk}:used_up:{found.closed_at.isoformat()}",
        path=people.path_of(program),
        at=at,
        params={**people.names(program), "closed_at": found.closed_at},
    )


def remind(*, at: datetime) -> int:
    """Tell those who were there before of boosts that have started; return how many.

    Within a day of the start, while the boost and its program run; once.
    """
    started = _boosts().filter(
        starts_at__gt=at - _NEWS,
        starts_at__lte=at,
        ends_at__gt=at,
        program__status=ProgramStatus.ACTIVE,
    )
    return sum(
        _tell(boost, "boost_started", "started", at, before=boost.starts_at)
        for boost in started.order_by("pk")
    )


def _boosts() -> "QuerySet[Boost]":
    return Boost.objects.select_related("program__shop", "product", "category")


def _of(boost_id: int) -> Boost:
    return _boosts().get(pk=boost_id)


def _tell(
    boost: Boost, topic: str, when: str, at: datetime, before: datetime | None = None
) -> int:
    """Tell whom a boost reaches: one with an audience is private to it (rule B1)."""
    what = boost.product or boost.category
    rows = people.enrolled(boost.program_id, [boost.audience_id], before=before)
    return notify.tell(
        people.users(rows),
        f"creators/{topic}",
        f"boost:{boost.pk}:{when}",
        path=people.path_of(boost.program),
        at=at,
        params={
            **people.names(boost.program),
            "boost": boost.name,
            "what": what.name if what else "",
            "multiplier_pct": boost.multiplier_pct,
            "starts_at": boost.starts_at,
            "ends_at": boost.ends_at,
        },
    )
