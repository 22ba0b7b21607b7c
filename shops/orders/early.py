"""Events that come before their order: kept, and applied when the order comes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from affiliate.common.errors import Refusal
from shops.models import EarlyEvent, Shop
from shops.orders import errors, sql
from shops.orders.facts import (
    CancelFacts,
    DeliveryFacts,
    Event,
    RefundFacts,
    RefundLineFacts,
)
from shops.orders.state import Orders


def claim(cursor: CursorWrapper, shop: Shop, numbers: Iterable[str]) -> set[str]:
    """Return the order numbers that nobody has brought, and hold them until commit.

    Whoever brings one of these orders meanwhile waits for us, and so finds what we
    keep. Waits in turn for whoever is bringing one.
    """
    wanted = sorted(set(numbers))
    if not wanted:
        return set()
    cursor.execute(sql.CLAIM, [shop.pk, wanted])
    ours = dict(cursor.fetchall())
    if ours:
        cursor.execute(sql.UNCLAIM, [list(ours.values())])
    return set(ours)


def keep(
    shop: Shop,
    number: str,
    event: Event,
    *,
    at: datetime | None,
    refusal: Refusal | None = None,
) -> None:
    """Keep an event for an order number that the caller has claimed or locked.

    With `refusal` it is one that its order refuses for now: it is tried again with
    each newer version. Its code is kept: words are for whoever reads them, see
    `errors.words`. The same event again changes nothing.

    Raises RefundConflict if the refund is kept with other amounts already.
    """
    kind, key = _name(event)
    facts = _as_json(event)
    why = refusal.code if refusal else ""
    there = EarlyEvent.objects.filter(
        shop=shop, order_external_id=number, kind=kind, key=key
    ).first()
    if there is None:
        when = {"received_at": at} if at else {}
        EarlyEvent.objects.create(
            shop=shop,
            order_external_id=number,
            kind=kind,
            key=key,
            facts=facts,
            refusal=why,
            **when,
        )
    elif _differs(there, event):
        raise errors.RefundConflict(
            errors={"external_id": [_("This refund is kept with other amounts.")]}
        )


def apply(cursor: CursorWrapper, shop: Shop, ids: Mapping[str, int]) -> set[int]:
    """Apply what was kept for these new or changed orders; return who changed.

    What its order still refuses stays, with the reason, for people to see and for the
    order's next version.
    """
    waiting = _waiting(cursor, shop, ids) if ids else []
    if not waiting:
        return set()
    orders = Orders(cursor, shop.pk, {each.order_external_id for each in waiting})
    events = [
        (each.order_external_id, _from_json(each.kind, each.facts)) for each in waiting
    ]
    orders.read(events)
    done: list[int] = []
    for each, (number, event) in zip(waiting, events, strict=True):
        try:
            orders.take(number, event)
        except Refusal as refusal:
            each.refusal = refusal.code
            each.save(update_fields=["refusal"])
        else:
            done.append(each.pk)
    orders.write()
    EarlyEvent.objects.filter(pk__in=done).delete()
    return orders.changed


def forget(shop: Shop, applied: Iterable[tuple[str, Event]]) -> None:
    """Drop what was kept of events that have been applied since by another way."""
    numbers = {(number, *_name(event)) for number, event in applied}
    if not numbers:
        return
    kept = EarlyEvent.objects.filter(
        shop=shop, order_external_id__in={number for number, _kind, _key in numbers}
    )
    names = kept.values_list("pk", "order_external_id", "kind", "key")
    done = [pk for pk, *name in names if tuple(name) in numbers]
    EarlyEvent.objects.filter(pk__in=done).delete()


def queue(cursor: CursorWrapper, order_ids: Iterable[int]) -> None:
    """Leave the lines of these changed orders to the floor above.

    Called once a transaction, by rising line, so that two callers and a settling worker
    never wait in a circle.
    """
    ids = sorted(order_ids)
    if ids:
        cursor.execute(sql.QUEUE, [ids])


def _waiting(
    cursor: CursorWrapper, shop: Shop, ids: Mapping[str, int]
) -> list[EarlyEvent]:
    # One array instead of ten thousand parameters: this runs for every batch.
    cursor.execute(sql.WAITING, [shop.pk, list(ids)])
    kept = [pk for (pk,) in cursor.fetchall()]
    if not kept:
        return []
    return list(EarlyEvent.objects.filter(pk__in=kept).order_by("received_at", "pk"))


def _name(event: Event) -> tuple[str, str]:
    if isinstance(event, RefundFacts):
        return "refund", event.external_id
    if isinstance(event, CancelFacts):
        return "cancel", event.cancelled_at.astimezone(UTC).isoformat()
    return "delivery", event.delivered_at.astimezone(UTC).isoformat()


def _as_json(event: Event) -> dict[str, Any]:
    if isinstance(event, CancelFacts):
        return {"cancelled_at": event.cancelled_at.astimezone(UTC).isoformat()}
    if isinstance(event, DeliveryFacts):
        return {"delivered_at": event.delivered_at.astimezone(UTC).isoformat()}
    return {
        "external_id": event.external_id,
        "refunded_at": event.refunded_at.isoformat(),
        "reason": event.reason,
        "lines": [
            {
                "external_id": line.external_id,
                "net_cents": line.net_cents,
                "quantity": line.quantity,
            }
            for line in event.lines
        ],
    }


def _from_json(kind: str, facts: dict[str, Any]) -> Event:
    if kind == "cancel":
        return CancelFacts(datetime.fromisoformat(facts["cancelled_at"]))
    if kind == "delivery":
        return DeliveryFacts(datetime.fromisoformat(facts["delivered_at"]))
    return RefundFacts(
        facts["external_id"],
        datetime.fromisoformat(facts["refunded_at"]),
        tuple(RefundLineFacts(**line) for line in facts["lines"]),
        facts["reason"],
    )


def _differs(there: EarlyEvent, event: Event) -> bool:
    kept = _from_json(there.kind, there.facts)
    return (
        isinstance(event, RefundFacts)
        and isinstance(kept, RefundFacts)
        and kept.content_hash() != event.content_hash()
    )
