"""What a shop says of an order, checked and without the buyer's address."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line; `net_cents` is what was paid without VAT, after every discount."""

    external_id: str
    sku: str
    quantity: int
    net_cents: int
    tax_cents: int = 0


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One version of one order. `placed_at` is in UTC; the e-mail is a keyed hash."""

    external_id: str
    version: int
    placed_at: datetime
    currency: str
    status: str
    lines: tuple[LineFacts, ...]
    buyer_hash: str = ""
    buyer_country: str = ""
    clicks: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def content_hash(self) -> str:
        """Return 64 hex digits, equal for equal facts whatever their version.

        The order of the lines says nothing; the order of the codes does (rule A2).
        """
        lines = sorted(
            (line.external_id, line.sku, line.quantity, line.net_cents, line.tax_cents)
            for line in self.lines
        )
        return _hash(
            self.placed_at.isoformat(),
            self.currency,
            self.status,
            self.buyer_hash,
            self.buyer_country,
            self.clicks,
            self.codes,
            lines,
        )


@dataclass(frozen=True, slots=True)
class RefundLineFacts:
    """What a refund gives back of one line: an amount without VAT, units, or both.

    Units alone stand for their share of what was paid for the line.
    """

    external_id: str
    net_cents: int | None = None
    quantity: int = 0


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """Money given back to the buyer, known by the shop's `external_id`."""

    external_id: str
    refunded_at: datetime
    lines: tuple[RefundLineFacts, ...]
    reason: str = ""

    def moment(self) -> tuple[str, datetime]:
        """Return when it happened, after the name of the field that says so."""
        return "refunded_at", self.refunded_at

    def content_hash(self) -> str:
        """Return 64 hex digits, equal for equal money; the reason is only words."""
        lines = sorted(
            (line.external_id, line.quantity, str(line.net_cents))
            for line in self.lines
        )
        return _hash(self.refunded_at.isoformat(), lines)


@dataclass(frozen=True, slots=True)
class CancelFacts:
    """The whole order was called off; the earliest moment said counts."""

    cancelled_at: datetime

    def moment(self) -> tuple[str, datetime]:
        """Return when it happened, after the name of the field that says so."""
        return "cancelled_at", self.cancelled_at


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """One parcel arrived; the last one of an order counts."""

    delivered_at: datetime

    def moment(self) -> tuple[str, datetime]:
        """Return when it happened, after the name of the field that says so."""
        return "delivered_at", self.delivered_at


Status = Literal["created", "updated", "unchanged", "rejected", "kept"]
Event = RefundFacts | CancelFacts | DeliveryFacts


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order of a batch, or of one event of an order.

    `kept` is an event whose order has not come: it is applied when the order comes.
    `code` and `errors` say why something was rejected, as in the API's errors.
    """

    external_id: str
    status: Status
    code: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)


def _hash(*content: object) -> str:
    return hashlib.sha256(_encode(content).encode()).hexdigest()
