from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from affiliate import stack
from affiliate.common import embedded


class Command(BaseCommand):
    """Runs the whole stack over the data that is there."""

    help = "Start database, broker, worker, beat and web over the data that is there."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the port."""
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, port: int, **_: Any) -> None:
        """Serve until Ctrl-C."""
        try:
            with stack.running(port) as up:
                self.stdout.write(f"{up.url} — Ctrl-C stops everything.")
                up.watch(self.stderr.write)
        except embedded.CannotStart as error:
            raise CommandError(str(error)) from error
