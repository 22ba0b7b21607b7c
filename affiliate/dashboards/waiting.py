"""What waits for a merchant: creators, sales soon approved, messages, budgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Left

from creators.models import Enrollment, EnrollmentStatus
from payouts.models import Commission, CommissionKind, CommissionStatus
from shops.admin.terms import time_left
from shops.models import Boost, Budget, EarlyEvent, InboundEvent, InboundStatus

SOON = timedelta(days=7)
_ROWS, _BOOSTS, _BUDGETS = 4, 8, 8
_REASON = 120


@dataclass(frozen=True)
class Limit:
    """A budget, and how far it is spent; amounts in the program's minor units."""

    budget: Budget

    @property
    def left_pct(self) -> int:
        """Return what is left, in whole percent, rounded down."""
        if not self.budget.amount_cents:
            return 0
        return self.budget.left_cents * 100 // self.budget.amount_cents


@dataclass(frozen=True)
class Raised:
    """A boost that runs or comes; `countdown` is to its end, or to its start."""

    boost: Boost
    is_running: bool
    countdown: str
    limit: Limit | None


@dataclass(frozen=True)
class Waiting:
    """What waits for a decision; a list is the beginning of what its count counts."""

    applications: Sequence[Enrollment]
    application_count: int
    silent: Sequence[Commission]
    silent_sums: Sequence[dict[str, Any]]
    silent_until: date
    unclear: Sequence[dict[str, Any]]
    unclear_count: int
    early_count: int

    @property
    def silent_count(self) -> int:
        """Return how many sales are soon approved because nobody objects."""
        return sum(int(row["number"]) for row in self.silent_sums)

    @property
    def is_nothing(self) -> bool:
        """Say whether there is nothing to do."""
        return not (self.application_count or self.silent_sums or self.unclear_count)


def of(rows: "QuerySet[Any]", path: str, shops: Sequence[int] | None) -> Any:
    """Keep what belongs to these shops; None keeps all."""
    return rows if shops is None else rows.filter(**{f"{path}__in": shops})


def waiting(shops: Sequence[int] | None, today: date) -> Waiting:
    """Return what waits for these shops' people; `today` is their own day."""
    applied = of(
        Enrollment.objects.filter(status=EnrollmentStatus.APPLIED),
        "program__shop",
        shops,
    )
    until = today + SOON
    silent = of(
        Commission.objects.filter(
            status=CommissionStatus.PENDING,
            kind=CommissionKind.SALE,
            decline_reason="",
            payable_on__lte=until,
        ),
        "shop",
        shops,
    )
    unclear = _unclear(shops)
    return Waiting(
        applications=list(
            applied.select_related("creator", "program").order_by("asked_at", "pk")[
                :_ROWS
            ]
        ),
        application_count=applied.count(),
        silent=list(
            silent.select_related("line__order", "creator").order_by(
                "payable_on", "-amount_cents", "pk"
            )[:_ROWS]
        ),
        silent_sums=list(
            silent.order_by()
            .values("currency")
            .annotate(number=Count("pk"), total=Sum("amount_cents"))
            .order_by("currency")
        ),
        silent_until=until,
        unclear=unclear[:_ROWS],
        unclear_count=sum(row["number"] for row in unclear),
        early_count=of(EarlyEvent.objects.all(), "shop", shops).count(),
    )


def _unclear(shops: Sequence[int] | None) -> list[dict[str, Any]]:
    """Return why messages were not understood, the most frequent reason first."""
    failed = of(InboundEvent.objects.filter(status=InboundStatus.FAILED), "shop", shops)
    return list(
        failed.order_by()
        .values(why=Left("reason", _REASON))
        .annotate(number=Count("pk"))
        .order_by("-number", "why")
    )


def raised(shops: Sequence[int] | None, at: datetime) -> list[Raised]:
    """Return boosts that run, the first to end first, then those that come.

    Of programs that run: a boost of a draft or a paused program reaches nobody.
    """
    alive = Boost.objects.filter(ends_at__gt=at, program__status="active")
    rows = of(alive, "program__shop", shops)
    boosts = list(rows.select_related("program", "budget").order_by("ends_at", "pk"))
    boosts.sort(key=lambda boost: boost.starts_at > at)
    return [_raised(boost, at) for boost in boosts[:_BOOSTS]]


def _raised(boost: Boost, at: datetime) -> Raised:
    is_running = boost.starts_at is None or boost.starts_at <= at
    budget = getattr(boost, "budget", None)
    return Raised(
        boost,
        is_running,
        time_left(boost.ends_at if is_running else boost.starts_at, at),
        Limit(budget) if budget else None,
    )


def limits(shops: Sequence[int] | None) -> list[Limit]:
    """Return the budgets of programs that run or are paused, the emptiest first."""
    rows = of(Budget.objects.filter(boost=None), "program__shop", shops)
    alive = rows.filter(program__status__in=("active", "paused"))
    found = alive.select_related("program")
    every = [Limit(budget) for budget in found]
    return sorted(every, key=lambda limit: (limit.left_pct, limit.budget.pk))[:_BUDGETS]
