"""TikTok Shop: notices and answers of its API, and its export of affiliate orders.

A webhook of TikTok Shop is a notice without amounts: it is believed where it says that
an order was called off or delivered. The amounts are in the answers of its API (order
detail, list of orders, returns), which whoever asks for them sends on to the same
address with the same signature, or imports as a file. What was paid for the lines is
in `_tiktok_shop_amounts`, the export in `_tiktok_shop_export`.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from affiliate.common.errors import Refusal
from shops import orders
from shops.intake import _documents
from shops.intake import _tiktok_shop_amounts as amounts
from shops.intake import _tiktok_shop_export as export
from shops.intake._events import (
    Event,
    Happened,
    Nothing,
    NotUnderstood,
    Ordered,
    Unclear,
    document,
)
from shops.intake._fields import (
    Raw,
    country_in,
    currency_of,
    number,
    objects_of,
    seconds,
    words,
)
from shops.intake._files import Item, Options, Place, Rejected
from shops.models import OrderStatus, Shop

# By rising rank: a state of the same second with a higher rank is the newer one.
_STATUSES = {
    "UNPAID": OrderStatus.PENDING,
    # Paid, and the buyer may still call it off without asking.
    "ON_HOLD": OrderStatus.PENDING,
    "AWAITING_SHIPMENT": OrderStatus.PAID,
    "PARTIALLY_SHIPPING": OrderStatus.PAID,
    "AWAITING_COLLECTION": OrderStatus.PAID,
    "IN_TRANSIT": OrderStatus.PAID,
    "DELIVERED": OrderStatus.PAID,
    "COMPLETED": OrderStatus.PAID,
    "CANCELLED": OrderStatus.CANCELLED,
}
_RANKS = {status: rank for rank, status in enumerate(_STATUSES)}
_ARRIVED = {"DELIVERED", "COMPLETED"}
_COMPLETE = "RETURN_OR_REFUND_REQUEST_COMPLETE"
_LISTS = ("orders", "return_orders")
_SETTLED = ("statements", "statement_transactions", "payments")
# Answers that tell a part, and the one that tells the whole.
_PARTS = {
    "subtotal": "The sums of an order, without its lines: send the order's detail.",
    "records": "The history of a return, without its items: send the list of returns.",
}
# Kinds of notices.
_ORDER_CHANGED, _RETURN_CHANGED = 1, 12
_NO_BASE = (
    "A settlement: what TikTok Shop pays out after its fees. A commission is of what"
    " the buyer paid, which comes with orders and returns."
)
_NO_AMOUNTS = "A notice without amounts: they come with the answer of the API."


def topic_of(body: bytes) -> str:
    """Return what a message says: the kind of a notice, or what an answer lists."""
    try:
        raw = document(body)
    except NotUnderstood:
        return ""
    if not isinstance(raw, dict):
        return ""
    if type(raw.get("type")) is int:
        return f"type {raw['type']}"
    data = raw.get("data")
    listed = [
        name for name in (*_LISTS, *_SETTLED) if isinstance(data, dict) and name in data
    ]
    return " ".join(listed)


def read(topic: str, body: bytes, shop: Shop, *, at: datetime) -> list[Event]:
    """Return what a notice, or an answer of the API, says. Raises NotUnderstood."""
    raw = document(body)
    if not isinstance(raw, dict):
        raise NotUnderstood("Expected an object.")
    try:
        if type(raw.get("type")) is int:
            return [_notice(raw, at)]
        return _answer(raw, at)
    except Refusal as refusal:
        raise NotUnderstood.of(refusal) from refusal


def columns(path: Path) -> Sequence[str]:
    """Return the columns of an export, or the name of a document's only one."""
    return _documents.COLUMNS if _documents.is_json(path) else export.columns(path)


def count(path: Path) -> int:
    """Return how many rows, or orders and returns, the file has."""
    if not _documents.is_json(path):
        return export.count(path)
    return sum(len(_parts(raw)) for raw in _documents.read(path))


def read_file(path: Path, shop: Shop, options: Options) -> Iterator[Item]:
    """Yield the orders and returns of a file. Raises NotUnderstood.

    JSON holds answers of the API; CSV and XLSX are exports of affiliate orders.
    """
    if not _documents.is_json(path):
        yield from export.read_file(path, shop, options)
        return
    parts = [part for raw in _documents.read(path) for part in _parts(raw)]
    for row, raw in enumerate(parts, 1):
        place = _documents.place(row, raw)
        if affiliate := _affiliate_order(raw):
            yield from _understood(affiliate, place, shop, options)
        else:
            body = json.dumps(raw).encode()
            said = partial(read, "", body, shop, at=options.at)
            yield from _documents.items(said, place, options)


def _understood(raw: Raw, place: Place, shop: Shop, options: Options) -> Iterator[Item]:
    try:
        yield from export.read_order(raw, place, shop, options)
    except NotUnderstood as error:
        yield Rejected(place, "not_understood", str(error))


def _parts(raw: Any) -> list[Any]:
    """Return the single orders and returns of an answer, each as an answer."""
    data = raw.get("data") if isinstance(raw, dict) else None
    if not isinstance(data, dict):
        return [raw]
    for name in _LISTS:
        if isinstance(data.get(name), list):
            return [{"data": {name: [each]}} for each in data[name]]
    return [raw]


def _affiliate_order(raw: Any) -> Raw | None:
    """Return the order if the answer is one of affiliate orders: they have `skus`."""
    data = raw.get("data") if isinstance(raw, dict) else None
    found = data.get("orders") if isinstance(data, dict) else None
    order = found[0] if isinstance(found, list) and found else None
    return order if isinstance(order, dict) and "skus" in order else None


# ------------------------------------------------------------------ notices


def _notice(raw: Raw, at: datetime) -> Event:
    kind, data = raw["type"], raw.get("data")
    if kind not in {_ORDER_CHANGED, _RETURN_CHANGED}:
        return Nothing(f"Nothing is done with notices of type {kind}.")
    if not isinstance(data, dict):
        raise NotUnderstood("Expected an object.", "data")
    order = number(data.get("order_id"), "data.order_id")
    if kind == _RETURN_CHANGED:
        if data.get("return_status") != _COMPLETE:
            return Nothing("Nothing was given back yet.")
        name = data.get("return_id")
        return Unclear(
            f"Return {name} of order {order} is complete, and the notice does not say"
            " what was given back: send the answer of the API, or import it."
        )
    status = data.get("order_status")
    if not isinstance(status, str) or status not in _STATUSES:
        raise NotUnderstood(f"Unknown status {status!r}.", "data.order_status")
    if status == "CANCELLED":
        return Happened(order, orders.CancelFacts(_moment(data, "update_time", at)))
    if status == "DELIVERED":
        return Happened(order, orders.DeliveryFacts(_moment(data, "update_time", at)))
    return Nothing(_NO_AMOUNTS)


# ------------------------------------------------------------------ answers


def _answer(raw: Raw, at: datetime) -> list[Event]:
    data = raw.get("data", raw)
    if not isinstance(data, dict):
        raise NotUnderstood("Expected an object.", "data")
    if raw.get("code"):
        raise NotUnderstood(f"TikTok Shop refused: {raw.get('message')}.", "code")
    found: list[Event] = []
    for order in objects_of(data, "orders"):
        found += _order(order, at)
    for returned in objects_of(data, "return_orders"):
        found += _return(returned, at)
    if not found:
        found.append(_other_answer(data))
    return found


def _other_answer(data: Raw) -> Event:
    """Return nothing for a settlement. Raises NotUnderstood for what tells a part."""
    if any(name in data for name in _SETTLED):
        return Nothing(_NO_BASE)
    for name, why in _PARTS.items():
        if name in data:
            raise NotUnderstood(why, "data")
    known = sorted(str(name) for name in data)[:10]
    raise NotUnderstood(
        f"Expected orders or return_orders, found {', '.join(known)}.", "data"
    )


def _order(raw: Raw, at: datetime) -> list[Event]:
    name = number(raw.get("id") or raw.get("order_id"), "id")
    if raw.get("is_sample_order") is True:
        return [Nothing("A sample for a creator: nobody bought it.")]
    if raw.get("is_replacement_order") is True:
        return [Nothing("A replacement: it was paid with the first order.")]
    if "skus" in raw:
        return [Unclear("An affiliate order has no VAT and no version: import it.")]
    status = raw.get("status") or raw.get("order_status")
    if not isinstance(status, str) or status not in _STATUSES:
        raise NotUnderstood(f"Unknown status {status!r}.", "status")
    payment = raw.get("payment")
    currency = currency_of(
        payment.get("currency") if isinstance(payment, dict) else None,
        "payment.currency",
    )
    changed = _moment(raw, "update_time", at)
    facts = orders.parse(
        {
            "external_id": name,
            "version": orders.micros(changed) + _RANKS[status],
            "placed_at": _moment(raw, "create_time", at).isoformat(),
            "currency": currency,
            "status": _status(raw, status).value,
            "buyer": {"email": _email(raw), "country": _country(raw)},
            "lines": amounts.read_lines(raw, currency),
        },
        # The currency is known to be one: no shop is needed to name an example.
        Shop(currency=currency),
        at=at,
    )
    events: list[Event] = [Ordered(facts)]
    if status in _ARRIVED and raw.get("delivery_time"):
        delivered = _moment(raw, "delivery_time", at)
        events.append(Happened(name, orders.DeliveryFacts(delivered)))
    return events


def _status(raw: Raw, status: str) -> OrderStatus:
    """Return the status; cash on delivery is paid when the parcel has arrived."""
    if raw.get("is_cod") is True and status not in {*_ARRIVED, "CANCELLED"}:
        return OrderStatus.PENDING
    return _STATUSES[status]


def _email(raw: Raw) -> str | None:
    found = raw.get("buyer_email")
    return found if isinstance(found, str) else None


def _country(raw: Raw) -> str | None:
    return country_in(raw.get("recipient_address"), "region_code")


def _return(raw: Raw, at: datetime) -> list[Event]:
    name = number(raw.get("return_id"), "return_id")
    if raw.get("return_status") != _COMPLETE:
        return [Nothing(f"Return {name}: nothing was given back yet.")]
    if raw.get("return_type") == "REPLACEMENT":
        return [Nothing(f"Return {name} was replaced, not paid back.")]
    order = number(raw.get("order_id"), "order_id")
    lines = amounts.read_return_lines(raw)
    if not lines:
        return [Nothing(f"Return {name} gives back nothing of a line.")]
    when = "update_time" if raw.get("update_time") else "create_time"
    facts = orders.parse_refund(
        {
            "external_id": name,
            "refunded_at": _moment(raw, when, at).isoformat(),
            "lines": lines,
            "reason": words(raw.get("return_reason_text")),
        },
        at=at,
    )
    return [Happened(order, facts)]


def _moment(raw: Raw, name: str, at: datetime) -> datetime:
    """Return an instant that is given in seconds since 1970. Raises."""
    value = raw.get(name)
    if type(value) is str and value.isdecimal() and len(value) < 12:
        value = int(value)
    said = {name: seconds(value, name).isoformat()}
    return orders.parse_instant(said, name, at=at)
