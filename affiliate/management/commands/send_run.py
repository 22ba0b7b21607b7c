from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from affiliate.management.base import ProductCommand
from payouts import runs


class Command(ProductCommand):
    """Writes the bank's file of an approved run."""

    help = "Write the bank's file of an approved run and mark it as sent."
    depends_on_time = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the run and where its file goes."""
        super().add_arguments(parser)
        parser.add_argument("run", type=int)
        parser.add_argument("--out", type=Path, default=settings.BANK_FILE_DIR)

    def perform(self, *, run: int, out: Path, at: datetime, **_: Any) -> dict[str, Any]:
        """Return the run's state, the file and its SHA-256."""
        sent, path = runs.send(run, out, at=at)
        return {
            "run": sent.pk,
            "status": sent.status,
            "file": str(path) if path else None,
            "sha256": sent.file_sha256,
        }
