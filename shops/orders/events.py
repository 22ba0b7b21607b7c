"""Refunds, cancellations and deliveries: kept once, in any order (rule A7)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from affiliate.common.errors import Refusal
from shops.models import Order, Shop
from shops.orders import early, errors
from shops.orders.facts import (
    CancelFacts,
    DeliveryFacts,
    Event,
    Outcome,
    RefundFacts,
)
from shops.orders.parse import is_number
from shops.orders.state import Orders

# What a newer version of the order may turn into an event that can be taken.
_MAY_PASS = (errors.BeforeOrder, errors.RefundExceedsPaid, errors.UnknownLine)


def refund(
    shop: Shop, order_external_id: str, facts: RefundFacts, *, at: datetime
) -> Outcome:
    """Give money back on an order; the same refund again changes nothing.

    `kept` says that the order has not come: the refund is applied when it comes.
    Raises RefundConflict, RefundExceedsPaid, UnknownLine, BeforeOrder or InvalidNumber;
    nothing was refunded.
    """
    return _one(shop, order_external_id, facts, at)


def cancel(
    shop: Shop,
    order_external_id: str,
    cancelled_at: datetime,
    *,
    at: datetime | None = None,
) -> Outcome:
    """Call an order off for good, whatever its later versions say; twice is harmless.

    The earliest moment said counts. `kept` says that the order has not come. Without
    `at` the database says when it was kept. Raises BeforeOrder or InvalidNumber.
    """
    return _one(shop, order_external_id, CancelFacts(cancelled_at), at)


def deliver(
    shop: Shop,
    order_external_id: str,
    delivered_at: datetime,
    *,
    at: datetime | None = None,
) -> Outcome:
    """Note that a parcel arrived; the last one of an order starts its hold (rule C2).

    The same moment again changes nothing. `kept` says that the order has not come.
    Without `at` the database says when it was kept. Raises BeforeOrder or
    InvalidNumber.
    """
    return _one(shop, order_external_id, DeliveryFacts(delivered_at), at)


def refund_many(
    shop: Shop, refunds: Sequence[tuple[str, RefundFacts]], *, at: datetime
) -> list[Outcome]:
    """Give money back on many orders and say what became of each, in order.

    A rejected refund leaves nothing and never stops the others. See `refund`.
    """
    return apply_many(shop, refunds, at=at)


@transaction.atomic
def apply_many(
    shop: Shop,
    events: Sequence[tuple[str, Event]],
    *,
    at: datetime | None,
    keep_refused: bool = False,
) -> list[Outcome]:
    """Apply events, each beside its order's number; say what became of each, in order.

    With `keep_refused` what its order refuses for now is kept and tried again
    with every newer version: for channels where nobody reads the refusal. It is
    answered as rejected all the same.
    """
    numbers = {number for number, _event in events if is_number(number)}
    known = set(
        Order.objects.filter(shop=shop, external_id__in=numbers).values_list(
            "external_id", flat=True
        )
    )
    with connection.cursor() as cursor:
        absent = early.claim(cursor, shop, numbers - known)
        orders = Orders(cursor, shop.pk, numbers - absent)
        orders.read(events)
        outcomes, applied = [], []
        for number, event in events:
            outcome = _take(shop, orders, number, event, at, keep_refused)
            outcomes.append(outcome)
            if outcome.status in {"created", "updated"}:
                applied.append((number, event))
        orders.write()
        early.forget(shop, applied)
        early.queue(cursor, orders.changed)
    return outcomes


def _take(
    shop: Shop,
    orders: Orders,
    number: str,
    event: Event,
    at: datetime | None,
    keep_refused: bool,
) -> Outcome:
    is_refund = isinstance(event, RefundFacts)
    external_id = event.external_id if isinstance(event, RefundFacts) else number
    try:
        if not is_number(number):
            raise errors.InvalidNumber
        if number not in orders.by_number:
            early.keep(shop, number, event, at=at)
            return Outcome(external_id, "kept")
        is_new = orders.take(number, event)
    except Refusal as refusal:
        if keep_refused and isinstance(refusal, _MAY_PASS):
            early.keep(shop, number, event, at=at, refusal=refusal)
        return Outcome(external_id, "rejected", refusal.code, refusal.errors)
    if not is_new:
        return Outcome(external_id, "unchanged")
    return Outcome(external_id, "created" if is_refund else "updated")


def _one(shop: Shop, number: str, event: Event, at: datetime | None) -> Outcome:
    (outcome,) = apply_many(shop, [(number, event)], at=at)
    if outcome.status == "rejected":
        raise errors.BY_CODE[outcome.code](errors=outcome.errors)
    return outcome
