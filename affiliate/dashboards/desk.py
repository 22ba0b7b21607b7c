"""What finance finds in the morning: runs in progress, what is payable, who is not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum

from affiliate.common.models import OutboxMessage
from payouts.models import (
    Commission,
    CommissionStatus,
    Payout,
    PayoutStatus,
    Run,
    RunStatus,
    SkipReason,
)

_IN_PROGRESS = (
    RunStatus.BUILDING,
    RunStatus.DRAFT,
    RunStatus.APPROVED,
    RunStatus.SENT,
)
_OPEN = (
    CommissionStatus.PENDING,
    CommissionStatus.HELD,
    CommissionStatus.APPROVED,
    CommissionStatus.IN_RUN,
)
_RETURNS_SHOWN = timedelta(days=30)


@dataclass(frozen=True)
class Desk:
    """What the first page shows finance; amounts in minor units."""

    runs: list[Any]
    money: list[dict[str, Any]]
    last_run: Run | None
    skips: list[tuple[Any, int, int, str]]
    returned: list[Payout]
    parked: int


def figures(at: datetime) -> Desk:
    """Return what is in progress, payable, skipped and returned at this moment."""
    last = Run.objects.exclude(
        status__in=[RunStatus.DROPPED, RunStatus.BUILDING]
    ).order_by("-starts_on", "-pk")
    last_run = last.first()
    return Desk(
        runs=_runs(),
        money=_money(),
        last_run=last_run,
        skips=_skips(last_run),
        returned=list(
            Payout.objects.filter(
                status=PayoutStatus.RETURNED, settled_at__gte=at - _RETURNS_SHOWN
            )
            .select_related("creator")
            .order_by("-settled_at")[:5]
        ),
        parked=OutboxMessage.objects.filter(parked_at__isnull=False).count(),
    )


def _runs() -> list[Any]:
    rows = Run.objects.filter(status__in=_IN_PROGRESS).annotate(
        payout_count=Count("payouts", distinct=True),
    )
    found = list(rows.order_by("-starts_on", "-pk"))
    totals = dict(
        Payout.objects.filter(run__in=found)
        .exclude(status=PayoutStatus.DROPPED)
        .values_list("run")
        .annotate(total=Sum("amount_cents"))
    )
    for run in found:
        run.total_cents = totals.get(run.pk, 0)  # type: ignore[attr-defined]  # for the page
    return found


def _money() -> list[dict[str, Any]]:
    """Return, per currency, what waits, what is payable and what is on its way."""

    def cents(*states: CommissionStatus) -> Sum:
        return Sum("amount_cents", filter=Q(status__in=states), default=0)

    rows: Any = (
        Commission.objects.filter(status__in=_OPEN)
        .order_by()
        .values("currency")
        .annotate(
            pending=cents(CommissionStatus.PENDING),
            held=cents(CommissionStatus.HELD),
            payable=cents(CommissionStatus.APPROVED),
            in_run=cents(CommissionStatus.IN_RUN),
            creators=Count(
                "creator",
                distinct=True,
                filter=Q(status=CommissionStatus.APPROVED),
            ),
        )
        .order_by("currency")
    )
    return list(rows)


def _skips(run: Run | None) -> list[tuple[Any, int, int, str]]:
    if run is None:
        return []
    rows = (
        run.skips.order_by()
        .values("reason")
        .annotate(number=Count("pk"), total=Sum("amount_cents"))
    )
    return [
        (SkipReason(row["reason"]), row["number"], row["total"], run.currency)
        for row in rows.order_by("-number")
    ]
