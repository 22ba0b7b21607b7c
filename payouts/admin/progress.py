from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from payouts.models import PayoutStatus, Run, RunStatus, SkipReason


def overview(run: Any) -> dict[str, Any]:
    """Return what the page shows of a run: progress, sums by state, skips by reason."""
    chunks = run.chunks.aggregate(
        total=Count("pk"), built=Count("pk", filter=Q(built_at__isnull=False))
    )
    paid = run.payouts.values("status").annotate(
        n=Count("pk"), total=Sum("amount_cents")
    )
    skips = run.skips.values("reason").annotate(
        n=Count("pk"), total=Sum("amount_cents")
    )
    return {
        "run": run,
        "is_building": run.status == RunStatus.BUILDING,
        "chunks": chunks,
        "states": [
            (PayoutStatus(row["status"]), row["n"], row["total"])
            for row in paid.order_by("status")
        ],
        "skips": [
            (SkipReason(row["reason"]), row["n"], row["total"])
            for row in skips.order_by("reason")
        ],
        "steps": steps(run),
    }


def steps(run: Run) -> list[dict[str, Any]]:
    """Return the steps of a run's life (rule Y4) with when each was taken."""
    is_built = run.status != RunStatus.BUILDING
    taken = [
        (_("opened"), run.opened_at, True),
        (_("built"), None, is_built),
        (_("approved"), run.approved_at, run.approved_at is not None),
        (_("sent"), run.sent_at, run.sent_at is not None),
        (_("finished"), run.finished_at, run.finished_at is not None),
    ]
    return [{"name": name, "at": at, "is_done": is_done} for name, at, is_done in taken]
