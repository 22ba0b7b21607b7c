import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from affiliate.common import money
from affiliate.management.base import ProductCommand
from shops import imports
from shops.models import Shop


class Command(ProductCommand):
    """Takes orders, refunds and cancellations from files.

    From a shell the exit status is 1 where rows were rejected, so that a nightly job
    notices; what could be taken is taken all the same.
    """

    help = (
        "Import orders from files; again changes nothing. Rejected rows go to a file"
        " and make the exit status 1."
    )
    depends_on_time = True
    _warning = ""

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as from a shell, and exit with 1 if rows were rejected."""
        super().run_from_argv(argv)
        if self._warning:
            sys.exit(1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, print the figures, and warn last if rows were rejected."""
        super().handle(*args, **options)
        if self._warning:
            self.stderr.write(self.style.WARNING(self._warning))

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the shop, the format, the files and what goes beside them."""
        super().add_arguments(parser)
        parser.add_argument("--shop", required=True, metavar="SLUG")
        parser.add_argument("--format", required=True, choices=imports.formats())
        parser.add_argument("--currency", default="", metavar="EUR")
        parser.add_argument("--touches", type=Path, metavar="FILE.csv")
        parser.add_argument("--rejects", type=Path, metavar="FILE.csv")
        parser.add_argument("files", nargs="+", type=Path)

    def perform(self, **options: Any) -> dict[str, Any]:
        """Return what became of the rows, orders and refunds."""
        shop = Shop.objects.filter(slug=options["shop"]).first()
        if shop is None:
            raise CommandError(f"There is no shop {options['shop']!r}.")
        currency, files = options["currency"], options["files"]
        if currency and not money.is_currency(currency):
            raise CommandError(f"{currency!r} is not an ISO 4217 currency in use.")
        shows = sys.stderr.isatty() and not options["json"]
        with Progress(
            "{task.description}",
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not shows,
        ) as bar:
            total = imports.count(options["format"], files) if shows else None
            task = bar.add_task("Importing rows", total=total)
            summary = imports.run(
                shop,
                options["format"],
                files,
                at=options["at"],
                currency=currency,
                touches=options["touches"],
                rejects=options["rejects"],
                progress=lambda rows: bar.advance(task, rows),
            )
        if summary.rejected_rows:
            self._warning = (
                f"{summary.rejected_rows} of {summary.rows} rows were rejected:"
                f" see {', '.join(summary.rejects)}."
            )
        return {
            "rows": summary.rows,
            "orders": dict(summary.orders),
            "refunds": dict(summary.refunds),
            "rejected_rows": summary.rejected_rows,
            "reasons": dict(summary.reasons),
            "rejects": summary.rejects,
        }
