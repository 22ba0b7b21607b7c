import time
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import Error, connection

from affiliate.management.base import ProductCommand
from creators.clicks import importer


class Command(ProductCommand):
    """Brings the clicks spooled on this host into the database."""

    help = (
        "Import the clicks that the redirect spooled on this host. A host without a "
        "worker runs it with --every."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add how often it goes on."""
        super().add_arguments(parser)
        parser.add_argument(
            "--every",
            type=int,
            metavar="SECONDS",
            help="go on until stopped, also while the database is away",
        )

    def perform(self, *, every: int | None = None, **_: Any) -> dict[str, Any]:
        """Return how many segments and clicks there were, and of what kind."""
        if every is None:
            return asdict(importer.import_segments(settings.CLICK_SPOOL_DIR))
        while True:
            try:
                importer.import_segments(settings.CLICK_SPOOL_DIR)
            except Error as error:
                self.stderr.write(f"The clicks wait for the database: {error}")
            finally:
                connection.close()
            time.sleep(every)
