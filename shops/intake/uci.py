"""The tables of the UCI Online Retail data set: sales and cancellations (decision D9).

An invoice is an order. A row of a cancellation (invoice C...) gives back units of the
same customer's earlier purchases of the same stock code, the latest first; what finds
no purchase is rejected.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from affiliate.common import ids, money
from affiliate.common.errors import Refusal
from shops import orders
from shops.intake import _local
from shops.intake._events import Event, Nothing, NotUnderstood, Ordered
from shops.intake._files import Item, Options, Place, Read, Rejected, Returned
from shops.intake._table import BrokenRow, Row, Table
from shops.models import Shop

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
CURRENCY = "GBP"
_LONDON = ZoneInfo("Europe/London")
_CANCELLATION = "C"
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_PRICE = re.compile(r"([+-]?)([0-9]{1,12})(?:\.([0-9]{1,8}))?")
_VERSION = 1


def read(topic: str, body: bytes, shop: Shop, *, at: datetime) -> list[Event]:
    """Return nothing: this data set is a set of files and sends no messages."""
    return [Nothing("These orders come as files.")]


def columns(path: Path) -> Sequence[str]:
    """Return the columns of the file, for what is rejected."""
    return Table(path, COLUMNS).columns


def count(path: Path) -> int:
    """Return how many rows the file has. Raises NotUnderstood."""
    return sum(1 for _row in Table(path, COLUMNS).rows())


def read_file(path: Path, shop: Shop, options: Options) -> Iterator[Item]:
    """Yield the file's invoices as orders, and the units that came back.

    A sale row that cannot be one (no units, no price) is left out of its invoice; a
    row that cannot be read at all rejects its invoice. Raises NotUnderstood.
    """
    table = Table(path, COLUMNS)
    table.demand(*(name for name in COLUMNS if name not in {"Description", "Country"}))
    scan = table.scan("InvoiceNo", ())
    for group in table.groups("InvoiceNo", scan):
        if isinstance(group, BrokenRow):
            place = Place(group.number, group.line, group.cells)
            yield Rejected(place, group.code, group.reason)
            continue
        rows = [_Row(table.columns, row) for row in group]
        if line := scan.broken.get(rows[0].invoice):
            reason = f"Line {line} of the file, of the same invoice, cannot be read."
            yield from (Rejected(r.place, "incomplete_order", reason) for r in rows)
        elif rows[0].invoice.startswith(_CANCELLATION):
            yield from (_cancellation(row) for row in rows)
        else:
            yield from _invoice(rows, shop, options)


# ------------------------------------------------------------------ rows


class _Row:
    """One row, with what a sale and a cancellation both need of it."""

    def __init__(self, names: Sequence[str], row: Row) -> None:
        cells = dict(zip(names, row.cells, strict=True))
        self.place = Place(row.number, row.line, row.cells)
        self.invoice = cells["InvoiceNo"]
        self.sku = cells["StockCode"]
        self.quantity_text = cells["Quantity"].strip()
        self.price_text = cells["UnitPrice"].strip()
        self.date_text = cells["InvoiceDate"].strip()
        self.customer = cells["CustomerID"].strip()

    @property
    def quantity(self) -> int:
        """Return the units; 0 where there is no number."""
        text = self.quantity_text
        return int(text) if _WHOLE.fullmatch(text) else 0

    @property
    def net_cents(self) -> int | None:
        """Return quantity times unit price, rounded once; None without a price."""
        found = _PRICE.fullmatch(self.price_text)
        if found is None:
            return None
        decimals = found[3] or ""
        units = int(found[2] + decimals) * self.quantity * 100
        cents = money.round_half_up(units, 10 ** len(decimals))
        return -cents if found[1] == "-" else cents

    @property
    def is_free(self) -> bool:
        """Say whether the unit price is zero, negative or missing."""
        return self.price_text.startswith("-") or not self.price_text.strip("0.+")


def buyer_hash(customer: str) -> str:
    """Return what stands for a customer of the data set; empty for an unknown one."""
    return ids.keyed_hash("customer", f"uci:{customer}") if customer else ""


@lru_cache(maxsize=4096)
def _instant(text: str) -> datetime | None:
    """Return an InvoiceDate in UTC: what the clock in London showed; None if never."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return None
    found = _local.moment(local, _LONDON)
    return found.astimezone(UTC) if found else None


def _why_no_sale(row: _Row) -> tuple[str, str] | None:
    if row.quantity < 0:
        return "negative_quantity", "Units come back on invoices that begin with C."
    if row.quantity == 0:
        return "no_quantity", "A sale has at least one unit."
    if row.is_free:
        return "price_not_positive", "A sale has a unit price."
    if row.net_cents is None:
        return "unreadable_price", f"{row.price_text[:40]!r} is not a price."
    if _instant(row.date_text) is None:
        return "unreadable_date", f"{row.date_text[:40]!r} is not a date and time."
    return None


def _invoice(rows: Sequence[_Row], shop: Shop, options: Options) -> Iterator[Item]:
    sold = []
    for row in rows:
        if why := _why_no_sale(row):
            yield Rejected(row.place, *why)
        else:
            sold.append(row)
    if not sold:
        return
    first = sold[0]
    lines = [
        {
            "external_id": str(number),
            "sku": row.sku,
            "quantity": row.quantity,
            "net_cents": row.net_cents,
        }
        for number, row in enumerate(sold, 1)
    ]
    placed_at = min(moment for row in sold if (moment := _instant(row.date_text)))
    raw = {
        "external_id": first.invoice,
        "version": _VERSION,
        "placed_at": placed_at.isoformat(),
        "currency": options.currency or CURRENCY,
        "status": "paid",
        "lines": lines,
        **options.touches(first.invoice),
    }
    try:
        facts = orders.parse(raw, shop, at=options.at)
    except Refusal as refusal:
        reason = str(NotUnderstood.of(refusal))
        for row in sold:
            yield Rejected(row.place, refusal.code, reason)
        return
    facts = replace(facts, buyer_hash=buyer_hash(first.customer))
    yield Read(Ordered(facts), tuple(row.place for row in sold))


def _cancellation(row: _Row) -> Item:
    returned_at = _instant(row.date_text)
    number = row.invoice.removeprefix(_CANCELLATION)
    if returned_at is None:
        reason = f"{row.date_text[:40]!r} is not a date and time."
        return Rejected(row.place, "unreadable_date", reason)
    if row.quantity >= 0:
        reason = "A cancellation gives back at least one unit."
        return Rejected(row.place, "no_quantity", reason)
    if not _WHOLE.fullmatch(number) or not orders.is_fit(row.sku):
        reason = f"{row.invoice[:40]!r} is not the number of a cancellation."
        return Rejected(row.place, "unreadable_invoice", reason)
    return Returned(
        external_id=f"{row.invoice}:{row.place.row}",
        number=int(number),
        buyer_hash=buyer_hash(row.customer),
        sku=row.sku,
        quantity=-row.quantity,
        returned_at=returned_at,
        place=row.place,
    )
