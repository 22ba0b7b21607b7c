"""What a file of a shop system is read into."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from shops.intake._events import Event
from shops.models import Shop


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file, and how it stands there."""

    row: int
    line: int
    cells: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """One event, and the rows that say it."""

    event: Event
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not taken: `code` is stable, `reason` says it in words."""

    place: Place
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Returned:
    """Units that a customer gave back, of whichever earlier purchases they were."""

    external_id: str
    number: int
    buyer_hash: str
    sku: str
    quantity: int
    returned_at: datetime
    place: Place


Item = Read | Rejected | Returned


@dataclass(frozen=True)
class Options:
    """What the caller adds to the file: the clock, a currency, touches by order."""

    at: datetime
    currency: str = ""
    clicks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    codes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def touches(self, order: str) -> dict[str, list[str]]:
        """Return the clicks and codes given for an order beside the file."""
        return {
            "clicks": [*self.clicks.get(order, ())],
            "codes": [*self.codes.get(order, ())],
        }


class FileReader(Protocol):
    """What a module that reads files offers."""

    def columns(self, path: Path) -> Sequence[str]:
        """Return the names of the cells in what is rejected."""

    def count(self, path: Path) -> int:
        """Return how many rows the file has. Raises NotUnderstood."""

    def read_file(self, path: Path, shop: Shop, options: Options) -> Iterator[Item]:
        """Yield what the file says, row by row. Raises NotUnderstood."""
