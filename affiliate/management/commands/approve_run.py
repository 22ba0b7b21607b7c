from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from affiliate.management.base import ProductCommand
from payouts import runs


class Command(ProductCommand):
    """Approves a draft run for the bank."""

    help = "Approve a draft payout run."
    depends_on_time = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the run."""
        super().add_arguments(parser)
        parser.add_argument("run", type=int)

    def perform(self, *, run: int, at: datetime, **_: Any) -> dict[str, Any]:
        """Return the run's state and when the bank will execute it."""
        approved = runs.approve(run, by=None, at=at)
        return {
            "run": approved.pk,
            "status": approved.status,
            "execution_on": approved.execution_on,
        }
