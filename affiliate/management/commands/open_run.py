from argparse import ArgumentTypeError
from datetime import date, datetime
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Count, Sum

from affiliate.management.base import ProductCommand
from payouts import runs


def _month(text: str) -> date:
    try:
        return runs.month_of(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a month such as 2026-10.") from error


class Command(ProductCommand):
    """Opens and builds the payout run of a month."""

    help = "Open the payout run of a month that is over, and build it."
    depends_on_time = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the month and the currency."""
        super().add_arguments(parser)
        parser.add_argument("--period", type=_month, required=True, help="2026-10")
        parser.add_argument("--currency", default="EUR")

    def perform(
        self, *, period: date, currency: str, at: datetime, **_: Any
    ) -> dict[str, Any]:
        """Return the run's id, how many are paid and skipped, and the total.

        Parts that failed are tried again by the workers, and parked in the end.
        """
        run = runs.open_run(period, at=at, currency=currency)
        failed = runs.build(run.pk)
        run.refresh_from_db()
        found = run.payouts.aggregate(count=Count("id"), total=Sum("amount_cents"))
        return {
            "run": run.pk,
            "status": run.status,
            "payouts": found["count"],
            "total_cents": int(found["total"] or 0),
            "currency": run.currency,
            "skipped": run.skips.count(),
            "parts_failed": failed,
            "parts_parked": run.chunks.parked().count(),
        }
