from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import pgettext_lazy

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
        "parked": list(run.chunks.parked().order_by("first_creator_id")),
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
    moments = [
        (pgettext_lazy("run", "opened"), run.opened_at),
        (pgettext_lazy("run", "built"), None),
        (pgettext_lazy("run", "approved"), run.approved_at),
        (pgettext_lazy("run", "sent"), run.sent_at),
        (pgettext_lazy("run", "finished"), run.finished_at),
    ]
    done = [at is not None for _name, at in moments]
    # Nobody wrote down when the last chunk was built.
    done[1] = is_built
    return [
        {"name": name, "at": at, "is_done": is_done}
        for (name, at), is_done in zip(moments, done, strict=True)
    ]
