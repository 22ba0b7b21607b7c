"""What the clocks of a shop showed, for times that come without an offset."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def moment(shown: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the clocks of `zone` showed this; None if they skipped it.

    In autumn they show an hour twice: the first time is taken.
    """
    found = shown.replace(tzinfo=zone, fold=0)
    is_shown = found.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == shown
    return found if is_shown else None
