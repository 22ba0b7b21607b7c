"""Lists cut into pages by a row's place, so that new rows neither repeat nor hide."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

Row = TypeVar("Row")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_shape = re.compile(r"(-?[0-9]{1,17})_([0-9]{1,18})").fullmatch


@dataclass(frozen=True)
class Place:
    """Where a row stands in a list, the latest first: its instant, then its id."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}_{self.id}"


def place(text: str) -> Place | None:
    """Return the place written by `str(place)`; None for anything else."""
    found = _shape(text)
    if found is None:
        return None
    try:
        return Place(_EPOCH + int(found[1]) * _MICROSECOND, int(found[2]))
    except OverflowError:
        return None


@dataclass(frozen=True)
class Asked:
    """What part of a list is wanted: below one place, above one, or its beginning."""

    older_than: Place | None = None
    newer_than: Place | None = None


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list; where the older and newer ones begin, None at the ends."""

    rows: Sequence[Row]
    older_than: Place | None
    newer_than: Place | None


def read(
    asked: Asked,
    size: int,
    fetch: Callable[[Place | None, bool, int], Sequence[Row]],
    place_of: Callable[[Row], Place],
) -> Page[Row]:
    """Return one page of at most `size` rows, the latest first.

    `fetch(place, is_upward, limit)` gives the rows beyond a place, the nearest first.
    A place with nothing beyond it, perhaps any more, gives the list's beginning.
    """
    start = asked.newer_than or asked.older_than
    is_upward = asked.newer_than is not None
    found = list(fetch(start, is_upward, size + 1))
    if start is not None and not found:
        return read(Asked(), size, fetch, place_of)
    has_more, rows = len(found) > size, found[:size]
    if is_upward:
        rows.reverse()
    has_older = has_more or is_upward
    has_newer = has_more if is_upward else start is not None
    return Page(
        rows,
        place_of(rows[-1]) if rows and has_older else None,
        place_of(rows[0]) if rows and has_newer else None,
    )
