"""What happened: orders, refunds, deliveries, touches; and the one rounding."""

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from math import floor


@dataclass(frozen=True)
class Line:
    """One line of an order; `number` is its external id."""

    number: int
    sku: str
    quantity: int
    net_cents: int


@dataclass(frozen=True)
class Order:
    """One order. `invoice` is its external id, a number written as text."""

    invoice: str
    placed_at: datetime
    lines: tuple[Line, ...]
    customer: str = ""
    status: str = "paid"

    @property
    def turn(self) -> tuple[datetime, int]:
        """Say when it is this order's turn: placed first, then the lower number."""
        return self.placed_at, int(self.invoice)


@dataclass(frozen=True)
class Refund:
    """Money given back on one line."""

    order: str
    line: int
    refunded_at: datetime
    net_cents: int
    external_id: str


@dataclass(frozen=True)
class Delivery:
    """One parcel of an order that arrived."""

    order: str
    delivered_at: datetime


@dataclass(frozen=True)
class Touches:
    """The click ids and the codes on one order, the codes as they were applied."""

    clicks: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def round_half_up(amount: Fraction) -> int:
    """Round an amount that is not negative to a whole cent; halves go up."""
    if amount < 0:
        raise ValueError("Only amounts that are not negative are rounded.")
    return floor(amount + Fraction(1, 2))


def instant(text: str) -> datetime:
    """Read an RFC 3339 instant with its offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no offset.")
    return at.astimezone(UTC)
