from datetime import datetime
from typing import Any

from affiliate.management.base import ProductCommand
from creators import attribution
from payouts import commissions


class Command(ProductCommand):
    """Runs the sweeps until nothing is left."""

    help = (
        "Leave verdicts, commissions and approvals until nothing waits; what was set"
        " aside is tried again."
    )
    depends_on_time = True

    def perform(self, *, at: datetime, **_: Any) -> dict[str, Any]:
        """Return how many lines, sales, corrections and approvals were made."""
        figures = dict.fromkeys(
            ("lines", "attributed", "nobody", "pending", "sales", "corrections"), 0
        )
        attribution.retry()
        commissions.retry()
        while (settled := attribution.settle(at=at)).lines:
            for name in ("lines", "attributed", "nobody", "pending"):
                figures[name] += getattr(settled, name)
        while (accrued := commissions.accrue(at=at)).verdicts:
            figures["sales"] += accrued.sales
            figures["corrections"] += accrued.corrections
        figures["approved"] = 0
        while approved := commissions.approve(at=at):
            figures["approved"] += approved
        return figures
