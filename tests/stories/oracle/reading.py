"""Read the UCI months into orders, refunds and rejected rows (decision D9).

A sale line becomes a line of the order with its invoice number. Line ids count the
lines of the order that were accepted, 1..n in file order. A line of a cancellation
(invoice C...) gives back units of earlier sales of the same customer and stock code,
the latest sale first. "Earlier" is by the printed minute, then by the invoice's number.
A row without a customer has no "same customer", so a cancellation without one finds no
sale. Stock codes are compared as written.
"""

import csv
import gzip
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.stories.oracle.facts import Line, Order, Refund, round_half_up

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Row:
    """One row of a file; `number` counts the rows below the header from 1."""

    number: int
    invoice: str
    sku: str
    description: str
    quantity: int
    at: datetime
    price: Decimal
    customer: str

    @property
    def is_cancellation(self) -> bool:
        """Say whether this row belongs to a cancellation."""
        return self.invoice.startswith("C")

    @property
    def net_cents(self) -> int:
        """Compute quantity times unit price, rounded once."""
        return round_half_up(Fraction(self.price) * self.quantity * 100)


@dataclass(frozen=True)
class Rejected:
    """A row (or the part of its units) that could not be taken, and why."""

    row: Row
    reason: str
    units: int


@dataclass
class Month:
    """What one file says."""

    name: str
    rows: int = 0
    cancellations: list[Row] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    products: dict[str, Row] = field(default_factory=dict)

    @property
    def reasons(self) -> Counter[str]:
        """Count the rejected rows by reason."""
        return Counter(rejected.reason for rejected in self.rejected)


@dataclass
class Sold:
    """A line as the cancellations see it: how many of its units came back."""

    order: Order
    line: Line
    returned: int = 0

    def give_back(self, units: int) -> tuple[int, int]:
        """Take back up to `units` units; return how many, and the cents they are."""
        taken = min(units, self.line.quantity - self.returned)
        before = self._cents_of(self.returned)
        self.returned += taken
        return taken, self._cents_of(self.returned) - before

    def _cents_of(self, units: int) -> int:
        return round_half_up(Fraction(self.line.net_cents * units, self.line.quantity))


def read_files(paths: Sequence[Path]) -> list[Month]:
    """Read the files, the oldest first; a file's name ends in its month."""
    months = []
    sold: dict[tuple[str, str], list[Sold]] = {}
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = [_row(n, raw) for n, raw in enumerate(csv.DictReader(file), 1)]
        months.append(read_rows(path.name.split(".")[0][-7:], rows, sold))
    return months


def read_rows(
    name: str, rows: Sequence[Row], sold: dict[tuple[str, str], list[Sold]]
) -> Month:
    """Read one month's rows; `sold` carries the sales of the months before."""
    month = Month(name, rows=len(rows))
    accepted: dict[str, list[Row]] = {}
    for row in rows:
        if row.is_cancellation:
            month.cancellations.append(row)
        elif reason := why_not_a_sale(row):
            month.rejected.append(Rejected(row, reason, row.quantity))
        else:
            accepted.setdefault(row.invoice, []).append(row)
            month.products.setdefault(row.sku, row)
    for invoice, lines in accepted.items():
        month.orders.append(_order(invoice, lines))
    for order in month.orders:
        for line in order.lines:
            key = order.customer, line.sku
            sold.setdefault(key, []).append(Sold(order, line))
    for row in month.cancellations:
        _match(row, sold, month)
    return month


def why_not_a_sale(row: Row) -> str:
    """Name why a row outside the cancellations is rejected; empty when it is a sale."""
    if row.quantity < 0:
        return "negative_quantity"
    if row.quantity == 0:
        return "no_quantity"
    if row.price <= 0:
        return "price_not_positive"
    return ""


def _row(number: int, raw: dict[str, str]) -> Row:
    local = datetime.fromisoformat(raw["InvoiceDate"]).replace(tzinfo=LONDON)
    return Row(
        number=number,
        invoice=raw["InvoiceNo"],
        sku=raw["StockCode"],
        description=raw["Description"].strip(),
        quantity=int(raw["Quantity"] or 0),
        at=local.astimezone(UTC),
        price=Decimal(raw["UnitPrice"] or 0),
        customer=raw["CustomerID"],
    )


def _order(invoice: str, rows: Iterable[Row]) -> Order:
    rows = list(rows)
    return Order(
        invoice=invoice,
        placed_at=min(row.at for row in rows),
        customer=rows[0].customer,
        lines=tuple(
            Line(number, row.sku, row.quantity, row.net_cents)
            for number, row in enumerate(rows, 1)
        ),
    )


def _match(row: Row, sold: dict[tuple[str, str], list[Sold]], month: Month) -> None:
    left = -row.quantity
    turn = row.at, int(row.invoice[1:])
    candidates = sold.get((row.customer, row.sku), []) if row.customer else []
    earlier = [sale for sale in candidates if sale.order.turn < turn]
    earlier.sort(key=lambda sale: (*sale.order.turn, sale.line.number), reverse=True)
    for sale in earlier:
        units, cents = sale.give_back(left)
        left -= units
        if cents:
            month.refunds.append(
                Refund(sale.order.invoice, sale.line.number, row.at, cents, row.invoice)
            )
    if left:
        month.rejected.append(Rejected(row, "no_matching_sale", -left))


def uncertain_customers(months: Sequence[Month]) -> set[str]:
    """Find the customers whose cancellation carries the minute of one of their sales.

    Which of the two came first is a matter of taste there, so that the overlay leaves
    the orders of these customers without a touch.
    """
    placed = {
        (order.customer, order.placed_at, line.sku)
        for month in months
        for order in month.orders
        for line in order.lines
    }
    return {
        row.customer
        for month in months
        for row in month.cancellations
        if row.customer and (row.customer, row.at, row.sku) in placed
    }
