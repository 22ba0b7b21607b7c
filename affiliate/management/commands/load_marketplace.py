import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from affiliate import marketplace
from affiliate.management.base import ProductCommand


class Command(ProductCommand):
    """Loads shops, terms, creators and past clicks from one file."""

    help = "Load a marketplace file; a bad one changes nothing and every fault is told."
    depends_on_time = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def perform(self, *, file: Path, at: datetime, **_: Any) -> dict[str, Any]:
        """Return how many rows of each kind were made; none the second time."""
        try:
            document = json.loads(file.read_bytes())
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{file}: not JSON: {error}.") from error
        try:
            made = marketplace.load(document, at=at)
        except marketplace.BadFile as refusal:
            for place, problems in refusal.errors.items():
                self.stderr.write(f"{place}: {' '.join(problems)}")
            raise
        return made or {"changes": 0}
