from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Whole days of a shop's zone, `first` and `last` included; or until `cut_at`."""

    first: date
    last: date
    zone: str
    cut_at: datetime | None = None

    @classmethod
    def latest(cls, days: int, at: datetime, zone: str) -> Self:
        """Return the last so many days, today included."""
        today = at.astimezone(ZoneInfo(zone)).date()
        return cls(today - (days - 1) * _DAY, today, zone)

    @classmethod
    def month_of(cls, on: date, zone: str) -> Self:
        """Return the whole calendar month of a day."""
        first = on.replace(day=1)
        return cls(first, _next_month(first) - _DAY, zone)

    @property
    def starts_at(self) -> datetime:
        """Return the midnight at which the first day begins."""
        return _midnight(self.first, self.zone)

    @property
    def ends_at(self) -> datetime:
        """Return the first moment that no longer belongs to it."""
        return self.cut_at or _midnight(self.last + _DAY, self.zone)

    @property
    def days(self) -> list[date]:
        """Return each of its days."""
        return [self.first + n * _DAY for n in range((self.last - self.first).days + 1)]

    def before(self) -> "Span":
        """Return as many days just before it."""
        length = self.last - self.first + _DAY
        return Span(self.first - length, self.first - _DAY, self.zone)

    def month_before(self, at: datetime) -> "Span":
        """Return the same part of the month before, for the month that `at` lies in.

        It ends at the same day and time of day; where that month is shorter, with it.
        """
        whole = Span.month_of(self.first - _DAY, self.zone)
        local = at.astimezone(ZoneInfo(self.zone))
        if not self.first <= local.date() <= self.last:
            return whole
        if local.day > whole.last.day:
            return whole
        last = whole.first.replace(day=local.day)
        cut = datetime.combine(last, local.time(), ZoneInfo(self.zone))
        return Span(whole.first, last, self.zone, cut.astimezone(UTC))


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(on: date, zone: str) -> datetime:
    return datetime.combine(on, time(), ZoneInfo(zone)).astimezone(UTC)
