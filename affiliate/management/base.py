"""What the product's commands share: the clock, JSON figures, refusals in words."""

import json
from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware, now

from affiliate.common.errors import Refusal


def instant(text: str) -> datetime:
    """Read an RFC 3339 instant with its offset, for `--at`."""
    try:
        found = parse_datetime(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not an instant: {error}.") from error
    if found is None or not is_aware(found):
        raise ArgumentTypeError(
            f"{text!r} is not an instant with an offset, such as"
            " 2026-11-01T06:00:00+01:00."
        )
    return found


class ProductCommand(BaseCommand):
    """A command with `--json`, and `--at` where `depends_on_time`.

    `perform` does the work and returns its figures; they are printed as lines, or as
    one JSON object. A refusal is printed with its code and the way out, and the exit
    status is 1.
    """

    depends_on_time = False
    prints_figures = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what every command of ours takes."""
        if self.depends_on_time:
            parser.add_argument(
                "--at", type=instant, help="RFC 3339 instant (default: now)"
            )
        if self.prints_figures:
            parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Call `perform` and print its figures."""
        if self.depends_on_time:
            options["at"] = options["at"] or now()
        # One language: what the commands say themselves is English. The words of a
        # refusal are chosen where they are read, so that is in here too.
        with translation.override("en"):
            try:
                figures = self.perform(**options)
            except Refusal as refusal:
                way_out = f" {refusal.way_out}" if refusal.way_out else ""
                raise CommandError(f"{refusal.code}: {refusal}{way_out}") from refusal
        if options.get("json"):
            self.stdout.write(json.dumps(figures, default=str))
        else:
            for name, value in figures.items():
                self.stdout.write(f"{name.replace('_', ' ')}: {value}")

    def perform(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Do the command's work and return its figures by name."""
        raise NotImplementedError
