"""Orders in our own shape: the API's JSON, or a table with one row a line.

Columns of the table (comma, semicolon or tab; in any order; others are passed over):

- `external_id`, `placed_at`, `status`, `sku`, `quantity` and `net` are needed, and
- `version` (1 without it) or `updated_at`, `currency` (else the caller's, else the
  shop's), `buyer_email`, `buyer_country`, `clicks` and `codes` (separated by spaces),
  `line_external_id` (1, 2 ... in the order of the file without it), `tax` may be there.

`net` and `tax` are amounts such as 12.50 or 12,50, alike in the whole file; instead of
them `net_cents` and `tax_cents` may hold minor units. An instant without an offset, or
a mere date, is read in the shop's time zone (rule R4). The rows of one order may stand
apart; what is said of the order itself may be left empty after its first row.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from affiliate.common import money
from affiliate.common.errors import Refusal
from shops import orders
from shops.intake import _documents, _local
from shops.intake._events import (
    Event,
    Happened,
    Nothing,
    NotUnderstood,
    Ordered,
    document,
)
from shops.intake._files import Item, Options, Place, Read, Rejected
from shops.intake._table import BrokenRow, Row, Scan, Table
from shops.models import Shop

_OF_ORDER = (
    "version",
    "updated_at",
    "placed_at",
    "currency",
    "status",
    "buyer_email",
    "buyer_country",
    "clicks",
    "codes",
)
_OF_LINE = (
    "line_external_id",
    "sku",
    "quantity",
    "net",
    "net_cents",
    "tax",
    "tax_cents",
)
COLUMNS = ("external_id", *_OF_ORDER, *_OF_LINE)
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_LOCAL = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?"
)
_LINE_PATH = re.compile(r"lines\[([0-9]+)\]\.([a-z_]+)")
_FIRST_VERSION = "1"


def read(topic: str, body: bytes, shop: Shop, *, at: datetime) -> list[Event]:
    """Return what a message in the shape of the API says. Raises NotUnderstood.

    Topics: `orders` (an order, or `{"orders": [...]}`), and, with the order's number
    as `order_external_id`, `refunds`, `cancel` and `deliveries`.
    """
    raw = document(body)
    try:
        if topic == "orders":
            many = raw.get("orders") if isinstance(raw, dict) else None
            rows = many if isinstance(many, list) else [raw]
            return [Ordered(orders.parse(row, shop, at=at)) for row in rows]
        if topic in {"refunds", "cancel", "deliveries"}:
            return [_event(topic, raw, at)]
    except Refusal as refusal:
        raise NotUnderstood.of(refusal) from refusal
    return [Nothing(f"Nothing is done with {topic or 'a message without a topic'}.")]


def _event(topic: str, raw: Any, at: datetime) -> Event:
    number = raw.get("order_external_id") if isinstance(raw, dict) else None
    if not isinstance(number, str) or not orders.is_number(number):
        raise NotUnderstood("Expected the order's number.", "order_external_id")
    if topic == "refunds":
        return Happened(number, orders.parse_refund(raw, at=at))
    if topic == "cancel":
        moment = orders.parse_instant(raw, "cancelled_at", at=at)
        return Happened(number, orders.CancelFacts(moment))
    moment = orders.parse_instant(raw, "delivered_at", at=at)
    return Happened(number, orders.DeliveryFacts(moment))


# ------------------------------------------------------------------ files


def columns(path: Path) -> Sequence[str]:
    """Return the columns of the file, for what is rejected."""
    if _documents.is_json(path):
        return _documents.COLUMNS
    return Table(path, COLUMNS).columns


def count(path: Path) -> int:
    """Return how many rows the file has. Raises NotUnderstood."""
    if _documents.is_json(path):
        return len(_documents.read(path))
    return sum(1 for _row in Table(path, COLUMNS).rows())


def read_file(path: Path, shop: Shop, options: Options) -> Iterator[Item]:
    """Yield the orders of a table, or of JSON in the shape of the API.

    A row that cannot be read rejects the rows of its whole order: an order without one
    of its lines would be another order. Raises NotUnderstood.
    """
    if _documents.is_json(path):
        yield from _read_documents(path, shop, options)
        return
    table = Table(path, COLUMNS)
    table.demand("external_id", "placed_at", "status", "sku", "quantity")
    if not {"net", "net_cents"} & set(table.columns):
        raise NotUnderstood("A column is missing: net, or net_cents.", "line 1")
    scan = table.scan("external_id", ("net", "tax"))
    for group in table.groups("external_id", scan):
        if isinstance(group, BrokenRow):
            place = Place(group.number, group.line, group.cells)
            yield Rejected(place, group.code, group.reason)
        else:
            yield from _Group(table, scan, group, shop, options).items()


def _read_documents(path: Path, shop: Shop, options: Options) -> Iterator[Item]:
    for number, raw in enumerate(_documents.read(path), 1):
        place = _documents.place(number, raw)
        try:
            if isinstance(raw, dict):
                touches = options.touches(str(raw.get("external_id")))
                raw = {**raw, **{name: v for name, v in touches.items() if v}}
            yield Read(Ordered(orders.parse(raw, shop, at=options.at)), (place,))
        except Refusal as refusal:
            yield Rejected(place, refusal.code, str(NotUnderstood.of(refusal)))


class _Group:
    """The rows of one order."""

    def __init__(
        self, table: Table, scan: Scan, rows: list[Row], shop: Shop, options: Options
    ) -> None:
        self._scan = scan
        self._shop = shop
        self._options = options
        self._rows = [dict(zip(table.columns, row.cells, strict=True)) for row in rows]
        self._places = [Place(row.number, row.line, row.cells) for row in rows]
        self._number = self._rows[0]["external_id"]

    def items(self) -> Iterator[Item]:
        """Yield the order, or why its rows are rejected."""
        if line := self._scan.broken.get(self._number):
            reason = f"Line {line} cannot be read and may be of the same order."
            yield from self._reject("incomplete_order", reason)
            return
        repeats, kept = self._repeats()
        for i in repeats:
            yield Rejected(
                self._places[i],
                "duplicate_row",
                "The same row stands in the file before: it is taken once.",
            )
        try:
            facts = orders.parse(self._raw(kept), self._shop, at=self._options.at)
        except NotUnderstood as error:
            yield from self._reject("invalid_order", str(error), kept)
        except Refusal as refusal:
            yield from self._reject(refusal.code, self._reason(refusal, kept), kept)
        else:
            yield Read(Ordered(facts), tuple(self._places[i] for i in kept))

    def _reject(
        self, code: str, reason: str, places: Sequence[int] | None = None
    ) -> Iterator[Rejected]:
        for i in range(len(self._places)) if places is None else places:
            yield Rejected(self._places[i], code, reason)

    def _reason(self, refusal: Refusal, kept: Sequence[int]) -> str:
        """Return why, by the columns and lines of the file."""
        return "; ".join(
            f"{self._column(path, kept)}: {' '.join(said)}"
            for path, said in refusal.errors.items()
        )

    def _column(self, path: str, kept: Sequence[int]) -> str:
        if found := _LINE_PATH.fullmatch(path):
            place, name = int(found[1]), found[2]
            name = "line_external_id" if name == "external_id" else name
            if name not in self._rows[0]:
                name = name.removesuffix("_cents")
            return f"{name}, line {self._places[kept[place]].line}"
        # A list's place counts from 0, and in a cell it is not to be seen.
        return path.partition("[")[0].replace(".", "_")

    def _repeats(self) -> tuple[list[int], list[int]]:
        seen: set[tuple[str, ...]] = set()
        repeats: list[int] = []
        kept: list[int] = []
        for i, place in enumerate(self._places):
            cells = tuple(place.cells)
            (repeats if cells in seen else kept).append(i)
            seen.add(cells)
        return repeats, kept

    def _raw(self, kept: Sequence[int]) -> dict[str, Any]:
        said = {name: self._of_order(name, kept) for name in _OF_ORDER}
        currency = (
            said["currency"] or self._options.currency or self._shop.currency
        ).upper()
        if not money.is_currency(currency):
            # First: an amount is read with the decimals of its currency.
            raise NotUnderstood(f"{currency[:40]!r} is no ISO 4217 code.", "currency")
        touches = self._options.touches(self._number)
        unversioned = "" if said["updated_at"] else _FIRST_VERSION
        return {
            "external_id": self._number,
            "version": _whole(said["version"] or unversioned),
            "updated_at": self._instant("updated_at", said),
            "placed_at": self._instant("placed_at", said),
            "currency": currency,
            "status": said["status"],
            "buyer": {
                "email": said["buyer_email"],
                "country": said["buyer_country"],
            },
            "clicks": [*said["clicks"].split(), *touches["clicks"]],
            "codes": [*said["codes"].split(), *touches["codes"]],
            "lines": self._lines(kept, currency),
        }

    def _of_order(self, name: str, kept: Sequence[int]) -> str:
        """Return what the rows say of the order; they must not say two things."""
        said = ""
        for i in kept:
            cell = self._rows[i].get(name, "").strip()
            if said and cell and cell != said:
                raise NotUnderstood(
                    f"The rows of one order say {said!r} and {cell!r}.",
                    f"{name}, line {self._places[i].line}",
                )
            said = said or cell
        return said

    def _lines(self, kept: Sequence[int], currency: str) -> list[dict[str, Any]]:
        lines, seen = [], dict[str, int]()
        for number, i in enumerate(kept, 1):
            line = self._line(number, i, currency)
            at = self._places[i].line
            first = seen.setdefault(line["external_id"], at)
            if first != at:
                raise NotUnderstood(
                    f"Line {first} of the file has the same.",
                    f"line_external_id, line {at}",
                )
            lines.append(line)
        return lines

    def _line(self, number: int, i: int, currency: str) -> dict[str, Any]:
        row = self._rows[i]
        return {
            "external_id": row.get("line_external_id") or str(number),
            "sku": row["sku"],
            "quantity": _whole(row["quantity"].strip()),
            "net_cents": self._cents(i, "net", currency),
            "tax_cents": self._cents(i, "tax", currency),
        }

    def _cents(self, i: int, name: str, currency: str) -> object:
        row = self._rows[i]
        if f"{name}_cents" in row:
            return _whole(row[f"{name}_cents"].strip())
        cell = text = row.get(name, "").strip()
        if not text:
            return None
        if self._scan.decimal_sign == "," and "." not in text:
            text = text.replace(",", ".")
        try:
            places = len(text.partition(".")[2])
            # 1.000 may be a thousand or one: nobody is paid by a guess.
            if places > money.exponent(currency):
                raise ValueError
            return money.cents_from_decimal(text, currency)
        except ValueError as error:
            example = "12,50" if self._scan.decimal_sign == "," else "12.50"
            raise NotUnderstood(
                f"{cell[:40]!r} is not an amount such as {example} in {currency}.",
                f"{name}, line {self._places[i].line}",
            ) from error

    def _instant(self, name: str, said: Mapping[str, str]) -> str | None:
        text = said[name]
        if not text:
            return None
        if not _LOCAL.fullmatch(text):
            return text
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            return text
        zone = ZoneInfo(self._shop.time_zone)
        # A mere date names no time that could be skipped: it is the day's beginning.
        is_date = len(text) == len("2026-11-03")
        found = local.replace(tzinfo=zone) if is_date else _local.moment(local, zone)
        if found is None:
            raise NotUnderstood(f"The clocks of {zone} skipped {text!r}.", name)
        return found.isoformat()


def _whole(text: str) -> object:
    """Return the whole number in a cell; what is none is left for `parse` to name."""
    return int(text) if _WHOLE.fullmatch(text) else (text or None)
