"""TikTok Shop's affiliate orders: its export as CSV or XLSX, and its API's answer.

The sale is TikTok's to attribute and to pay, so that it is recorded without a touch:
a creator's handle is neither a click nor a code of ours. Amounts have no VAT beside
them. There is no version either: states only follow one another, and a number of states
passed is one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from affiliate.common import money
from affiliate.common.errors import Refusal
from shops import orders
from shops.intake import _local, _touches
from shops.intake import _tiktok_shop_words as words
from shops.intake._events import Happened, NotUnderstood, Ordered
from shops.intake._fields import Raw, amount, currency_of, number, seconds
from shops.intake._files import Item, Options, Place, Read, Rejected
from shops.intake._sheets import Sheet
from shops.intake._table import BrokenRow, Row
from shops.models import OrderStatus, Shop

_NEEDED = ("order", "quantity", "status", "created")
_NUMBER = re.compile(r"[0-9]{6,30}")
_UNITS = re.compile(r"[0-9]{1,6}")
_DATE = re.compile(
    r"([0-9]{1,4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,4})"
    r"(?:[ T,]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
)
_RANKS = {word: rank for rank, said in words.STATUSES.items() for word in said}
_ORDER_STATUSES = {
    words.UNPAID: OrderStatus.PENDING,
    words.FROZEN: OrderStatus.PENDING,
    words.RUNNING: OrderStatus.PAID,
    words.SETTLED: OrderStatus.PAID,
    words.INELIGIBLE: OrderStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Sale:
    """One SKU of an affiliate order; `back` are units that were given back."""

    order: str
    sku: str
    quantity: int
    back: int
    paid_cents: int
    currency: str
    rank: int
    created_at: datetime
    delivered_at: datetime | None
    place: Place


def columns(path: Path) -> Sequence[str]:
    """Return the columns of the file, for what is rejected."""
    return Sheet(path, words.COLUMNS).columns


def count(path: Path) -> int:
    """Return how many rows the file has. Raises NotUnderstood."""
    return sum(1 for _row in Sheet(path, words.COLUMNS).rows())


def read_file(path: Path, shop: Shop, options: Options) -> Iterator[Item]:
    """Yield the orders of an export; a bad row rejects its whole order.

    Raises NotUnderstood for a file without the columns that are needed, or with dates
    that cannot be of one kind.
    """
    sheet = Sheet(path, words.COLUMNS)
    sheet.demand(*_NEEDED)
    if not {"payment", "price"} & set(sheet.places):
        sheet.demand("payment")
    is_month_first = _is_month_first(sheet)
    sales: list[Sale] = []
    broken: dict[str, list[tuple[Place, str, str]]] = {}
    for row in sheet.rows():
        place = Place(row.number, row.line, row.cells)
        if isinstance(row, BrokenRow):
            # Its order is where it should be, or it is of no order that is known.
            order = "".join(row.cells[sheet.places["order"] :][:1])
            broken.setdefault(order, []).append((place, row.code, row.reason))
            continue
        try:
            sales.append(_sale(sheet, row, place, shop, options, is_month_first))
        except NotUnderstood as error:
            order = sheet.cell(row, "order")
            broken.setdefault(order, []).append((place, "invalid_row", str(error)))
    for faults in broken.values():
        yield from (Rejected(*fault) for fault in faults)
    for order, of_order in groupby(
        sorted(sales, key=attrgetter("order")), key=attrgetter("order")
    ):
        if order in broken:
            line = broken[order][0][0].line
            reason = f"Line {line} of the file, of the same order, cannot be read."
            yield from (Rejected(s.place, "incomplete_order", reason) for s in of_order)
        else:
            yield from _items(list(of_order), shop, options)


def read_order(raw: Raw, place: Place, shop: Shop, options: Options) -> Iterator[Item]:
    """Yield one affiliate order of the API's answer. Raises NotUnderstood."""
    skus = raw.get("skus")
    sales = [
        _sale_of(raw, sku, f"skus[{i}]", place)
        for i, sku in enumerate(skus if isinstance(skus, list) else [skus])
    ]
    yield from _items(sales, shop, options)


def _items(sales: Sequence[Sale], shop: Shop, options: Options) -> Iterator[Item]:
    places = tuple(dict.fromkeys(sale.place.row for sale in sales))
    by_row = {sale.place.row: sale.place for sale in sales}
    here = tuple(by_row[row] for row in places)
    try:
        facts = _facts(sales, shop, options)
    except (Refusal, NotUnderstood) as error:
        if isinstance(error, Refusal):
            code, reason = error.code, str(NotUnderstood.of(error))
        else:
            code, reason = "invalid_order", str(error)
        yield from (Rejected(place, code, reason) for place in here)
        return
    yield Read(_touches.added(Ordered(facts), options), here)
    delivered = [sale.delivered_at for sale in sales if sale.delivered_at]
    if delivered:
        event = orders.DeliveryFacts(max(delivered))
        yield Read(Happened(facts.external_id, event), here)


def _facts(sales: Sequence[Sale], shop: Shop, options: Options) -> orders.OrderFacts:
    first = sales[0]
    if {(s.currency, s.created_at) for s in sales} != {
        (first.currency, first.created_at)
    }:
        raise NotUnderstood("The rows of one order say two currencies or moments.")
    # Every step of a row, and every unit that comes back, makes a later version.
    steps = sum(sale.rank + sale.back for sale in sales)
    live = [sale for sale in sales if sale.rank != words.INELIGIBLE]
    status = _ORDER_STATUSES[min(sale.rank for sale in live or sales)]
    lines: dict[str, dict[str, object]] = {}
    for sale in sales:
        twins = sum(name.partition("#")[0] == sale.sku for name in lines)
        name = f"{sale.sku}#{twins + 1}" if twins else sale.sku
        kept = sale.quantity - sale.back if sale in live else 0
        lines[name] = {
            "external_id": name,
            "sku": sale.sku,
            "quantity": kept,
            "net_cents": money.round_half_up(sale.paid_cents * kept, sale.quantity),
        }
    return orders.parse(
        {
            "external_id": first.order,
            "version": orders.micros(first.created_at) + steps,
            "placed_at": first.created_at.isoformat(),
            "currency": first.currency,
            "status": status.value,
            "lines": list(lines.values()),
        },
        shop,
        at=options.at,
    )


# ------------------------------------------------------------------ rows


def _sale(
    sheet: Sheet,
    row: Row,
    place: Place,
    shop: Shop,
    options: Options,
    is_month_first: bool,
) -> Sale:
    cells = {name: sheet.cell(row, name) for name in words.COLUMNS}
    if not _NUMBER.fullmatch(cells["order"]):
        raise NotUnderstood("Expected the number of an order.", "order")
    sku = cells["sku"] or cells["product"]
    if not sku or not orders.is_number(sku):
        raise NotUnderstood("Expected the number of a SKU.", "sku")
    currency = currency_of(cells["currency"] or options.currency or shop.currency)
    quantity = _units(cells["quantity"], "quantity")
    if not quantity:
        raise NotUnderstood("A sale has at least one unit.", "quantity")
    back = _units(cells["back"] or "0", "back")
    if _is_yes(cells["all_back"]):
        back = quantity
    name = "payment" if cells["payment"] else "price"
    paid = _amount(cells[name], currency, name)
    return Sale(
        order=cells["order"],
        sku=sku,
        quantity=quantity,
        back=min(back, quantity),
        paid_cents=paid if name == "payment" else paid * quantity,
        currency=currency,
        rank=_rank(cells["status"]),
        created_at=_instant(cells["created"], shop, is_month_first, "created"),
        delivered_at=(
            _instant(cells["delivered"], shop, is_month_first, "delivered")
            if cells["delivered"].strip("-/ ")
            else None
        ),
        place=place,
    )


def _sale_of(raw: Raw, sku: object, where: str, place: Place) -> Sale:
    if not isinstance(sku, dict) or not isinstance(sku.get("price"), dict):
        raise NotUnderstood("Expected an object with its price.", where)
    price = sku["price"]
    currency = currency_of(price.get("currency"), f"{where}.price.currency")
    cents = amount(price.get("amount"), currency, f"{where}.price.amount")
    quantity = _units(str(sku.get("quantity")), f"{where}.quantity")
    if not quantity:
        raise NotUnderstood("A sale has at least one unit.", f"{where}.quantity")
    back = max(
        _units(str(sku.get(name) or 0), f"{where}.{name}")
        for name in ("refunded_quantity", "returned_quantity")
    )
    return Sale(
        order=number(raw.get("id"), "id"),
        sku=number(sku.get("id"), f"{where}.id"),
        quantity=quantity,
        # A unit that was returned was refunded for it: it is in both.
        back=min(back, quantity),
        paid_cents=cents * quantity,
        currency=currency,
        rank=_rank(str(raw.get("status"))),
        created_at=seconds(raw.get("create_time"), "create_time"),
        delivered_at=(
            seconds(raw["delivery_time"], "delivery_time")
            if raw.get("delivery_time")
            else None
        ),
        place=place,
    )


# ------------------------------------------------------------------ cells


def _rank(text: str) -> int:
    rank = _RANKS.get(" ".join(text.casefold().split()))
    if rank is None:
        raise NotUnderstood(f"Unknown status {text[:40]!r}.", "status")
    return rank


def _is_yes(text: str) -> bool:
    plain = text.casefold()
    if plain not in words.YES | words.NO:
        raise NotUnderstood(f"Expected yes or no, found {text[:40]!r}.", "all_back")
    return plain in words.YES


def _units(text: str, where: str) -> int:
    if not _UNITS.fullmatch(text):
        raise NotUnderstood("Expected a whole number.", where)
    return int(text)


def _amount(text: str, currency: str, where: str) -> int:
    """Return the cents of an amount as people write it; what may be two is refused."""
    plain = re.sub(rf"[\s\u202f'’€£$]|{currency}", "", text)
    signs = re.findall(r"[.,]", plain)
    if len(set(signs)) == 2:
        last = signs[-1]
        plain = plain.replace("," if last == "." else ".", "")
    plain = plain.replace(",", ".")
    whole, _point, decimals = plain.rpartition(".")
    # 1.234 may be a thousand or one: nobody is paid by a guess.
    is_thousand = len(decimals) > max(money.exponent(currency), 2) and bool(whole)
    if is_thousand or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", plain):
        raise NotUnderstood(f"{text[:40]!r} is not an amount in {currency}.", where)
    return amount(plain, currency, where)


def _is_month_first(sheet: Sheet) -> bool:
    """Say whether the file writes 11/03 for 3 November, as its other dates show."""
    lines: dict[bool, int] = {}
    for row in sheet.rows():
        found = None
        if isinstance(row, Row):
            found = _DATE.fullmatch(sheet.cell(row, "created"))
        if found and len(found[1]) < 3:
            for is_month_first, place in ((False, 1), (True, 2)):
                if int(found[place]) > 12:
                    lines.setdefault(is_month_first, row.line)
    if len(lines) == 2:
        where = f"line {lines[False]} and line {lines[True]}"
        raise NotUnderstood("Days stand before months, and months before days.", where)
    return True in lines


def _instant(text: str, shop: Shop, is_month_first: bool, where: str) -> datetime:
    """Return a moment of the shop's clock in UTC."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise NotUnderstood(f"{text[:40]!r} is not a date and time.", where)
    first, second, third, hour, minute, seconds = (
        int(part or 0) for part in found.groups()
    )
    day, month, year = first, second, third
    if len(found[1]) == 4:
        day, month, year = third, second, first
    elif is_month_first:
        day, month = second, first
    try:
        zone = ZoneInfo(shop.time_zone)
        # What a clock shows has no zone yet.
        shown = datetime(year, month, day, hour, minute, seconds)  # noqa: DTZ001
        local = _local.moment(shown, zone)
    except (ValueError, OverflowError) as error:
        raise NotUnderstood(f"There is no {text[:40]!r}.", where) from error
    if local is None:
        raise NotUnderstood(f"The clocks of {zone} skipped {text[:40]!r}.", where)
    return local.astimezone(UTC)
