"""Windows of time laid side by side on one line, for the pictures of boosts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# How many parts a picture is wide: a thousandth is less than a pixel.
WIDTH = 1000


@dataclass(frozen=True)
class Part:
    """A stretch of the picture, in parts of WIDTH from its left side."""

    x: int
    width: int


@dataclass(frozen=True)
class Strip:
    """One window; `crossings` are the stretches where another one is there too."""

    of: Any
    bar: Part
    crossings: Sequence[Part]


@dataclass(frozen=True)
class Timeline:
    """Windows between two moments; `now_x` is None where the moment is not between."""

    starts_at: datetime
    ends_at: datetime
    now_x: int | None
    strips: Sequence[Strip]


def draw(
    windows: Iterable[Any],
    *,
    at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Timeline | None:
    """Return the picture of what has `starts_at` and `ends_at`, in the order given.

    It reaches from `since` to `until`, by default from the first start to the last
    end. What lies outside is left out; None where nothing is left.
    """
    rows = [row for row in windows if row.starts_at and row.ends_at]
    first = since or min((row.starts_at for row in rows), default=at)
    last = until or max((row.ends_at for row in rows), default=at)
    shown = [row for row in rows if row.starts_at < last and row.ends_at > first]
    if not shown or first >= last:
        return None

    def part(starts_at: datetime, ends_at: datetime) -> Part:
        x = _place(max(starts_at, first), first, last)
        return Part(x, max(2, _place(min(ends_at, last), first, last) - x))

    strips = [
        Strip(
            row,
            part(row.starts_at, row.ends_at),
            [
                part(max(row.starts_at, it.starts_at), min(row.ends_at, it.ends_at))
                for it in shown
                if it is not row
                and it.starts_at < row.ends_at
                and row.starts_at < it.ends_at
            ],
        )
        for row in shown
    ]
    now_x = _place(at, first, last) if first <= at <= last else None
    return Timeline(first, last, now_x, strips)


def _place(moment: datetime, first: datetime, last: datetime) -> int:
    return int((moment - first) * WIDTH / (last - first))
