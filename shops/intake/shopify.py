"""Shopify's webhooks and exports: orders, refunds, cancellations, deliveries.

What was paid for a line is its price less its discounts, less the VAT in it; never
shipping, never gift cards (rule M2). How discounts and taxes reach the lines is in
`_shopify_amounts`.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path

from affiliate.common import money
from affiliate.common.errors import Refusal
from shops import orders
from shops.intake import _documents, _touches
from shops.intake import _shopify_amounts as amounts
from shops.intake._events import (
    Erase,
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
    list_of,
    loose_objects_of,
    number,
    objects_of,
    words,
)
from shops.intake._files import Item, Options
from shops.models import OrderStatus, Shop

# By rising rank: a state of the same second with a higher rank is the newer one.
# Shopify's clock has seconds, and an order may be made and paid in one.
_STATUSES = {
    "": OrderStatus.PENDING,
    "pending": OrderStatus.PENDING,
    "authorized": OrderStatus.PENDING,
    "expired": OrderStatus.PENDING,
    # Not paid in full is not paid: only paid orders earn (rule A6).
    "partially_paid": OrderStatus.PENDING,
    "paid": OrderStatus.PAID,
    # What was given back comes as refunds.
    "partially_refunded": OrderStatus.PAID,
    "refunded": OrderStatus.PAID,
    "voided": OrderStatus.CANCELLED,
}
_RANKS = {status: rank for rank, status in enumerate(_STATUSES)}
_TO_REDACT = "orders_to_redact"
_SHORTEST_NAME = 6
_SAYING_AN_ORDER = {
    "orders/create",
    "orders/updated",
    "orders/paid",
    "orders/cancelled",
    "orders/fulfilled",
    "orders/partially_fulfilled",
}
_SAYING_NOTHING = {
    "orders/delete": "Only orders that earn nothing can be deleted.",
    "orders/edited": "The edited order comes as orders/updated.",
    "customers/data_request": "Of buyers only a keyed hash of the address is kept,"
    " beside the messages as they came: see the messages of these orders.",
}
# Of other things than orders: what is before the slash.
_OTHERS = {
    "app", "app_subscriptions", "carts", "checkouts", "collections", "customers",
    "disputes", "domains", "draft_orders", "fulfillment_orders", "inventory_items",
    "inventory_levels", "locations", "order_transactions", "products",
    "product_listings", "shop", "tender_transactions", "themes", "variants",
}  # fmt: skip


def read(topic: str, body: bytes, shop: Shop, *, at: datetime) -> list[Event]:
    """Return what a webhook of this topic says. Raises NotUnderstood.

    Both the body as Shopify sends it and the one wrapped in `{"order": ...}`, as its
    API gives it, are read.
    """
    raw = document(body)
    reader = _reader(topic)
    if isinstance(reader, Nothing):
        return [reader]
    for name in ("order", "refund", "fulfillment"):
        if isinstance(raw, dict) and set(raw) == {name}:
            raw = raw[name]
    if not isinstance(raw, dict):
        raise NotUnderstood("Expected an object.")
    _demand_kind(topic, raw)
    try:
        return reader(raw, shop, at)
    except Refusal as refusal:
        raise NotUnderstood.of(refusal) from refusal


def columns(path: Path) -> Sequence[str]:
    """Return the name of what stands beside a rejected document."""
    return _documents.COLUMNS


def count(path: Path) -> int:
    """Return how many orders and refunds the file has. Raises NotUnderstood."""
    return len(_documents.read(path))


def read_file(path: Path, shop: Shop, options: Options) -> Iterator[Item]:
    """Yield the orders and refunds of an export in JSON. Raises NotUnderstood."""
    for row, raw in enumerate(_documents.read(path), 1):
        place = _documents.place(row, raw)
        is_refund = isinstance(raw, dict) and (
            "refund" in raw or "refund_line_items" in raw
        )
        topic = "refunds/create" if is_refund else "orders/updated"
        said = partial(read, topic, json.dumps(raw).encode(), shop, at=options.at)
        yield from _documents.items(said, place, options)


def _reader(topic: str) -> "Callable[[Raw, Shop, datetime], list[Event]] | Nothing":
    if topic in _SAYING_NOTHING:
        return Nothing(_SAYING_NOTHING[topic])
    if topic in _SAYING_AN_ORDER:
        return _order
    if topic == "refunds/create":
        return lambda raw, shop, at: [_refund(raw, shop, at)]
    if topic in {"fulfillments/create", "fulfillments/update"}:
        return lambda raw, shop, at: [_delivery(raw, "shipment_status", at)]
    if topic in {"fulfillment_events/create", "fulfillment_events/update"}:
        return lambda raw, shop, at: [_delivery(raw, "status", at)]
    if topic in {"customers/redact", "shop/redact"}:
        return lambda raw, shop, at: [_erasure(topic, raw)]
    if topic.partition("/")[0] in _OTHERS:
        return Nothing(f"Nothing is done with {topic}.")
    raise NotUnderstood(f"Unknown topic {topic!r}.", "topic")


def _demand_kind(topic: str, raw: Raw) -> None:
    """Raise NotUnderstood if the topic says an order and the body is a refund, or so.

    Only an order has no number of an order beside its own.
    """
    if "refund_line_items" in raw or "order_adjustments" in raw:
        kind = "refunds"
    elif "fulfillment_id" in raw:
        kind = "fulfillment_events"
    elif "order_id" in raw:
        kind = "fulfillments"
    else:
        kind = "orders" if "line_items" in raw else ""
    said = topic.partition("/")[0]
    if kind and kind != said:
        raise NotUnderstood(f"The body of {kind} came under {said}.", "topic")


# ------------------------------------------------------------------ orders


def _order(raw: Raw, shop: Shop, at: datetime) -> list[Event]:
    if raw.get("test") is True:
        return [Nothing("A test order.")]
    order = number(raw.get("id"), "id")
    currency = currency_of(raw.get("currency"))
    financial = raw.get("financial_status") or ""
    if not isinstance(financial, str) or financial not in _STATUSES:
        raise NotUnderstood(f"Unknown status {financial!r}.", "financial_status")
    lines, beyond = amounts.read_lines(raw, currency)
    facts = orders.parse(
        {
            "external_id": order,
            "version": _version(raw, financial, at),
            "placed_at": raw.get("created_at"),
            "currency": currency,
            "status": _STATUSES[financial].value,
            "buyer": {"email": _email(raw), "country": _country(raw)},
            "clicks": _clicks(raw),
            "codes": _codes(raw),
            "lines": [asdict(line) for line in lines],
        },
        shop,
        at=at,
    )
    events: list[Event] = [Ordered(facts)]
    if raw.get("cancelled_at"):
        cancelled_at = orders.parse_instant(raw, "cancelled_at", at=at)
        events.append(Happened(order, orders.CancelFacts(cancelled_at)))
    for refund in objects_of(raw, "refunds"):
        events.append(_refund({"order_id": order, **refund}, shop, at, currency))
    if beyond:
        said = money.show(beyond, currency, "en")
        events.append(
            Unclear(
                f"Refunds of order {order} give back {said} beside units of its lines:"
                " name the lines by the API."
            )
        )
    return events


def _version(raw: Raw, financial: str, at: datetime) -> int:
    updated_at = orders.parse_instant(raw, "updated_at", at=at)
    return orders.micros(updated_at) + _RANKS[financial]


def _email(raw: Raw) -> str | None:
    customer = raw.get("customer")
    found = [raw.get("email"), raw.get("contact_email")]
    if isinstance(customer, dict):
        found.append(customer.get("email"))
    return next((each for each in found if isinstance(each, str) and each), None)


def _country(raw: Raw) -> str | None:
    for name in ("shipping_address", "billing_address"):
        if code := country_in(raw.get(name), "country_code"):
            return code
    return None


def _clicks(raw: Raw) -> list[str]:
    """Return the click ids that the landing page and the cart carried."""
    found: list[object] = [*_touches.clicks_in(raw.get("landing_site"))]
    for each in loose_objects_of(raw, "note_attributes"):
        if each.get("name") == _touches.CLICK:
            found.append(each.get("value"))
    return _touches.clicks(found)


def _codes(raw: Raw) -> list[str]:
    codes = list_of(raw, "discount_codes")
    return _touches.codes(each.get("code") for each in codes if isinstance(each, dict))


# ------------------------------------------------------------------ events


def _refund(raw: Raw, shop: Shop, at: datetime, currency: str = "") -> Event:
    """Return what a refund gives back of the order's lines, in units.

    Shipping and duties are no line's; money by amount is in the order's version. The
    subtotal beside the units is compared with their share when the order is at hand,
    see `orders.shares`.
    """
    order = number(raw.get("order_id"), "order_id")
    name = number(raw.get("id"), "id")
    lines = amounts.read_refund_lines(raw, currency or _refund_currency(raw, shop))
    if not lines:
        return Nothing(
            f"Refund {name} gives back no unit of a line; an amount comes with its"
            " order (orders/updated)."
        )
    facts = orders.parse_refund(
        {
            "external_id": name,
            "refunded_at": raw.get("created_at"),
            "lines": lines,
            "reason": words(raw.get("note")),
        },
        at=at,
    )
    return Happened(order, facts)


def _refund_currency(raw: Raw, shop: Shop) -> str:
    """Return the shop's currency, in which subtotals are; buyers may pay in another."""
    for item in list_of(raw, "refund_line_items"):
        both = item.get("subtotal_set") if isinstance(item, dict) else None
        sums = both.get("shop_money") if isinstance(both, dict) else None
        if isinstance(sums, dict) and sums.get("currency_code"):
            return currency_of(sums["currency_code"], "refund_line_items")
    for each in list_of(raw, "transactions"):
        currency = each.get("currency") if isinstance(each, dict) else None
        if isinstance(currency, str) and money.is_currency(currency):
            return currency
    return shop.currency


def _delivery(raw: Raw, status: str, at: datetime) -> Event:
    """Return that a parcel arrived; `status` names the field that says so."""
    order = number(raw.get("order_id"), "order_id")
    if raw.get(status) != "delivered":
        return Nothing("Not delivered yet.")
    # The event of a parcel says when it happened, the parcel when it was changed.
    when = "happened_at" if raw.get("happened_at") else "updated_at"
    return Happened(order, orders.DeliveryFacts(orders.parse_instant(raw, when, at=at)))


def _erasure(topic: str, raw: Raw) -> Event:
    """Return whose messages a buyer, or the shop, wants erased."""
    if topic == "shop/redact":
        return Erase(None)
    customer = raw.get("customer")
    address = customer.get("email") if isinstance(customer, dict) else None
    named = [number(each, "orders_to_redact") for each in list_of(raw, _TO_REDACT)]
    names = [each for each in [address, *named] if isinstance(each, str)]
    # A short word stands in messages of others, too.
    return Erase(tuple(each for each in names if len(each) >= _SHORTEST_NAME))
