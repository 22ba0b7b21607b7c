from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from affiliate.management.base import ProductCommand
from payouts import runs


class Command(ProductCommand):
    """Marks a sent run as executed by the bank."""

    help = "Mark the payouts of a sent run as paid, once the bank has executed it."
    depends_on_time = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the run."""
        super().add_arguments(parser)
        parser.add_argument("run", type=int)

    def perform(self, *, run: int, at: datetime, **_: Any) -> dict[str, Any]:
        """Return the run's state."""
        finished = runs.finish(run, at=at)
        return {"run": finished.pk, "status": finished.status}
