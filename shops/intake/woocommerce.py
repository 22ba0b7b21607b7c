"""WooCommerce's webhooks and exports: orders, their refunds, deletions.

The webhook of an order names its refunds by their totals only. Which lines they give
back is in the refund objects; a refund without them is shown, never guessed. What was
paid for the lines is in `_woocommerce_amounts`.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from affiliate.common import money
from affiliate.common.errors import Refusal
from shops import orders
from shops.intake import _documents, _touches
from shops.intake import _woocommerce_amounts as amounts
from shops.intake._events import (
    Binned,
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
    amount,
    country_in,
    currency_of,
    list_of,
    loose_objects_of,
    number,
    objects_of,
    words,
)
from shops.intake._files import Item, Options
from shops.models import EarlyEvent, Order, OrderLine, OrderStatus, Refund, Shop

# By rising rank: a state of the same second with a higher rank is the newer one.
_STATUSES = {
    "pending": OrderStatus.PENDING,
    "failed": OrderStatus.PENDING,
    "on-hold": OrderStatus.PENDING,
    "processing": OrderStatus.PAID,
    # A state that the shop has added; it is paid if a moment of payment is given.
    "": OrderStatus.PAID,
    "completed": OrderStatus.PAID,
    "cancelled": OrderStatus.CANCELLED,
    "refunded": OrderStatus.CANCELLED,
    "trash": OrderStatus.CANCELLED,
}
_RANKS = {status: rank for rank, status in enumerate(_STATUSES)}
_OTHERS = {"action", "coupon", "customer", "product", "webhook"}
# What the topics of an order and of a refund say of it.
_VERBS = {"created", "updated", "deleted", "restored"}
_DRAFTS = ("checkout-draft", "auto-draft")
_ATTRIBUTION = "_wc_order_attribution_"
# Not a set: plug-ins write anything for a key, also what no set can be asked for.
_CLICK_KEYS = ("cid", "_cid")
_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
_ADDRESS_OF_ORDER = re.compile(r"/orders/([0-9]{1,20})(/|$)")
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
# Answers of the batch call, and what each list of them says.
_BATCHES = {
    "create": "order.created",
    "update": "order.updated",
    "delete": "order.deleted",
}


def is_ping(body: bytes) -> bool:
    """Say whether this is the unsigned ping of a webhook that was just made."""
    return _PING.fullmatch(body) is not None


def read(topic: str, body: bytes, shop: Shop, *, at: datetime) -> list[Event]:
    """Return what a webhook of this topic says. Raises NotUnderstood."""
    if is_ping(body):
        return [Nothing("A ping.")]
    raw = document(body)
    kind, _dot, what = topic.partition(".")
    if kind not in {"order", "refund"} or what not in _VERBS:
        return [_other(kind, topic)]
    if not isinstance(raw, dict):
        raise NotUnderstood("Expected an object.")
    _demand_kind(kind, raw)
    try:
        if kind == "refund" and what == "deleted":
            return [Unclear(f"Refund {raw.get('id')} was undone: correct the order.")]
        if kind == "refund":
            return _refund(raw, shop, at)
        if what == "deleted":
            return _deletion(raw, shop, at)
        return _order(raw, shop, at)
    except Refusal as refusal:
        raise NotUnderstood.of(refusal) from refusal


def _other(kind: str, topic: str) -> Event:
    """Return nothing for what WooCommerce sends of other things. Raises."""
    if kind in _OTHERS:
        return Nothing(f"Nothing is done with {topic}.")
    raise NotUnderstood(f"Unknown topic {topic!r}.", "topic")


def columns(path: Path) -> Sequence[str]:
    """Return the name of what stands beside a rejected document."""
    return _documents.COLUMNS


def count(path: Path) -> int:
    """Return how many orders and refunds the file has. Raises NotUnderstood."""
    return len(_documents_of(path))


def read_file(path: Path, shop: Shop, options: Options) -> Iterator[Item]:
    """Yield the orders and refunds of an export in JSON. Raises NotUnderstood."""
    for row, (topic, raw) in enumerate(_documents_of(path), 1):
        place = _documents.place(row, raw)
        said = partial(read, topic, json.dumps(raw).encode(), shop, at=options.at)
        yield from _documents.items(said, place, options, unclear="unclear_refund")


def _demand_kind(kind: str, raw: Raw) -> None:
    """Raise NotUnderstood if the topic says an order and the body is a refund, or so.

    An order has a status, a refund has none.
    """
    is_refund = "status" not in raw and "amount" in raw
    is_order = "status" in raw
    if (kind == "order" and is_refund) or (kind == "refund" and is_order):
        body, said = ("A refund", "an order") if is_refund else ("An order", "a refund")
        raise NotUnderstood(f"{body} came under the topic of {said}.", "topic")


def _documents_of(path: Path) -> list[tuple[str, Any]]:
    """Return the documents with their topics: also of an answer of the batch call."""
    found: list[tuple[str, Any]] = []
    for raw in _documents.read(path):
        names = set(raw) if isinstance(raw, dict) else set()
        if names and names <= set(_BATCHES):
            for name in names & set(_BATCHES):
                found += [(_BATCHES[name], each) for each in list_of(raw, name)]
        elif "refunded_payment" in names or {"amount", "reason"} <= names:
            found.append(("refund.created", raw))
        else:
            found.append(("order.updated", raw))
    return found


# ------------------------------------------------------------------ orders


def _order(raw: Raw, shop: Shop, at: datetime) -> list[Event]:
    order = number(raw.get("id"), "id")
    status = raw.get("status")
    if status in _DRAFTS:
        return [Nothing("A draft: nobody has ordered yet.")]
    currency = currency_of(raw.get("currency"))
    refunds = _refunds(raw, currency)
    facts = orders.parse(
        {
            "external_id": order,
            "version": _version(raw, at),
            "placed_at": _utc(raw.get("date_created_gmt")),
            "currency": currency,
            "status": _status(raw, refunds, currency).value,
            "buyer": {"email": _email(raw), "country": _country(raw)},
            "clicks": _clicks(raw),
            "codes": _codes(raw),
            "lines": amounts.read_lines(raw, currency),
        },
        shop,
        at=at,
    )
    events: list[Event] = [Ordered(facts)]
    if facts.status != OrderStatus.CANCELLED:
        events += _untold(shop, order, refunds, currency)
    return events


def _status(raw: Raw, refunds: dict[str, int], currency: str) -> OrderStatus:
    status = raw.get("status")
    if not isinstance(status, str) or (
        status not in _STATUSES and not raw.get("date_paid_gmt")
    ):
        raise NotUnderstood(f"Unknown status {status!r}.", "status")
    total = amount(raw.get("total"), currency, "total", rounding=True)
    if refunds and sum(refunds.values()) >= total:
        return OrderStatus.CANCELLED
    return _STATUSES.get(status, _STATUSES[""])


def _version(raw: Raw, at: datetime) -> int:
    changed = {"date_modified_gmt": _utc(raw.get("date_modified_gmt"))}
    moment = orders.parse_instant(changed, "date_modified_gmt", at=at)
    return orders.micros(moment) + _RANKS.get(str(raw.get("status")), _RANKS[""])


def _utc(value: object) -> object:
    """Return a moment with its offset: `*_gmt` is UTC and does not say so."""
    is_local = isinstance(value, str) and _LOCAL.fullmatch(value)
    return f"{value}Z" if is_local else value


def _email(raw: Raw) -> str | None:
    billing = raw.get("billing")
    found = billing.get("email") if isinstance(billing, dict) else None
    return found if isinstance(found, str) else None


def _country(raw: Raw) -> str | None:
    for name in ("shipping", "billing"):
        if code := country_in(raw.get(name), "country"):
            return code
    return None


def _clicks(raw: Raw) -> list[str]:
    """Return the click ids in the metadata of the order.

    Ours are under `cid` or `_cid`, where a plug-in keeps them, or in what WooCommerce's
    order attribution keeps: the address of the first page, and `utm_content`.
    """
    found: list[Any] = []
    for each in loose_objects_of(raw, "meta_data"):
        key, value = each.get("key"), each.get("value")
        if key in _CLICK_KEYS or key == f"{_ATTRIBUTION}utm_content":
            found.append(value)
        elif key == f"{_ATTRIBUTION}session_entry":
            found += _touches.clicks_in(value)
    return _touches.clicks(found)


def _codes(raw: Raw) -> list[str]:
    return _touches.codes(
        each.get("code") for each in loose_objects_of(raw, "coupon_lines")
    )


def _deletion(raw: Raw, shop: Shop, at: datetime) -> list[Event]:
    """Return what the bin makes of an order: WooCommerce says so before it is emptied.

    The webhook has the number alone, the answer of the batch call the whole order.
    """
    if "status" in raw:
        return _order({**raw, "status": "trash"}, shop, at)
    return [Binned(number(raw.get("id"), "id"))]


# ------------------------------------------------------------------ refunds


def _refunds(raw: Raw, currency: str) -> dict[str, int]:
    """Return the refunds that an order names, with VAT, by number."""
    return {
        number(each.get("id"), f"refunds[{i}].id"): amount(
            str(each.get("total")).lstrip("-"),
            currency,
            f"refunds[{i}].total",
            rounding=True,
        )
        for i, each in enumerate(objects_of(raw, "refunds"))
    }


def _untold(
    shop: Shop, order: str, refunds: dict[str, int], currency: str
) -> list[Event]:
    """Return the refunds of which nobody has told yet which lines they give back."""
    if not refunds:
        return []
    told = set(
        Refund.objects.filter(
            order__shop=shop, order__external_id=order, external_id__in=refunds
        ).values_list("external_id", flat=True)
    ) | set(
        EarlyEvent.objects.filter(
            shop=shop, order_external_id=order, kind="refund", key__in=refunds
        ).values_list("key", flat=True)
    )
    return [
        _without_lines(name, cents, currency)
        for name, cents in refunds.items()
        if name not in told and cents
    ]


def _without_lines(name: str, cents: int, currency: str) -> Event:
    return Unclear(
        f"Refund {name} gives back {money.show(cents, currency, 'en')}, and does not"
        " say of which lines: send the refund itself (refund.created), import it, or"
        " name its lines by the API."
    )


def _refund(raw: Raw, shop: Shop, at: datetime) -> list[Event]:
    """Return what a refund gives back of the lines; shipping and fees are none."""
    name, order = number(raw.get("id"), "id"), _order_of(raw)
    # A refund names no currency: it is the order's, whatever the shop's is.
    known = Order.objects.filter(shop_id=shop.pk, external_id=order)
    orders_own = known.values_list("currency", flat=True).first()
    currency = currency_of(raw.get("currency") or orders_own or shop.currency)
    lines = amounts.read_refund_lines(raw, currency)
    rest = amounts.rest_of(raw, currency)
    events: list[Event] = []
    given = {
        "external_id": name,
        "refunded_at": _utc(raw.get("date_created_gmt")),
        "lines": lines,
        "reason": words(raw.get("reason")),
    }
    if lines:
        events.append(Happened(order, orders.parse_refund(given, at=at)))
    # A cent is what rounding line by line leaves.
    if rest > 1 and lines:
        events.append(_shared(shop, order, given, rest, at))
    elif rest > 1:
        events.append(_without_lines(name, rest, currency))
    return events or [Nothing(f"Refund {name} gives back nothing of a line.")]


def _shared(
    shop: Shop, order: str, given: dict[str, Any], rest: int, at: datetime
) -> Event:
    """Return the free amount of a refund that names lines, as a refund of its own.

    Whoever named the lines would have named the shipping: the rest is for the goods.
    What was shared once stays so, whatever the order becomes.
    """
    name = given["external_id"]
    free = f"{name}-amount"
    sold = OrderLine.objects.filter(shop_id=shop.pk, order__external_id=order)
    if not sold:
        return Unclear(
            f"Refund {name} has an amount beside its lines, and order {order} is not"
            " known: send or import it, then try this message again."
        )
    known = Refund.objects.filter(order__shop_id=shop.pk, order__external_id=order)
    told = set(known.values_list("external_id", flat=True))
    if free in told:
        return Nothing(f"What refund {name} gives back beside its lines is known.")
    own = (
        {}
        if name in told
        else {x["external_id"]: x["net_cents"] for x in given["lines"]}
    )
    left = [
        amounts.Left(
            line.external_id,
            max(0, line.net_cents - line.refunded_cents - own.get(line.external_id, 0)),
            line.net_cents,
            line.tax_cents,
        )
        for line in sold.order_by("pk")
    ]
    shares = amounts.share_rest(rest, left)
    if not shares:
        return Nothing(f"Refund {name} leaves nothing to give back of the lines.")
    said = {**given, "external_id": free, "lines": shares}
    return Happened(order, orders.parse_refund(said, at=at))


def _order_of(raw: Raw) -> str:
    """Return the order of a refund: WooCommerce names it in its links only."""
    for name in ("order_id", "parent_id"):
        if raw.get(name):
            return number(raw[name], name)
    links = raw.get("_links")
    for up in loose_objects_of(links, "up") if isinstance(links, dict) else []:
        found = _ADDRESS_OF_ORDER.search(str(up.get("href")))
        if found:
            return found[1]
    raise NotUnderstood("Expected the number of the order.", "parent_id")
