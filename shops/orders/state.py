"""Decides what refunds, cancellations and deliveries do to locked orders.

The orders are read once, the events are taken one after the other in Python, and what
changed is written by one statement a kind, for one event and for thousands.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from shops.orders import errors, shares, sql
from shops.orders.facts import (
    CancelFacts,
    DeliveryFacts,
    Event,
    OrderFacts,
    RefundFacts,
)

NOTHING = shares.Paid(0, 0, 0)
# Two clocks of one shop may differ, and a mere date is a whole day.
_SKEW = timedelta(days=1)


@dataclass(slots=True)
class _Refund:
    """One refund; `given` and `cents` are by line. `id` is None until it is written."""

    refunded_at: datetime
    content_hash: str
    reason: str = ""
    id: int | None = None
    given: dict[str, shares.Given] = field(default_factory=dict)
    cents: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Order:
    id: int
    placed_at: datetime
    cancelled_at: datetime | None
    delivered_at: datetime | None
    line_ids: dict[str, int] = field(default_factory=dict)
    paid: dict[str, shares.Paid] = field(default_factory=dict)
    refunds: dict[str, _Refund] = field(default_factory=dict)
    parcels: set[datetime] = field(default_factory=set)

    def refunds_of(self, line: str) -> list[_Refund]:
        """Return the refunds of a line in the order in which units are counted."""
        names = sorted(
            (refund.refunded_at, name)
            for name, refund in self.refunds.items()
            if line in refund.given
        )
        return [self.refunds[name] for _at, name in names]


class Orders:
    """Orders of one shop, locked and read, by number; `write` leaves what changed."""

    def __init__(self, cursor: CursorWrapper, shop_id: int, numbers: Iterable[str]):
        """Lock the orders of these numbers that exist, by rising number."""
        self._cursor = cursor
        cursor.execute(sql.LOCK_KNOWN, [shop_id, sorted(set(numbers))])
        self.by_number = {
            number: _Order(id, *moments)
            for number, id, _version, _hash, _currency, *moments in cursor.fetchall()
        }
        self.changed: set[int] = set()
        self._new: list[tuple[_Order, str]] = []
        self._reshared: dict[tuple[int, int], int] = {}
        self._refunded: dict[int, int] = {}
        self._cancelled: dict[int, datetime] = {}
        self._parcels: list[tuple[int, datetime]] = []

    def read(self, events: Sequence[tuple[str, Event]]) -> None:
        """Read what these events need to know of their orders."""
        delivered = self._named(events, DeliveryFacts)
        by_id = {order.id: order for order in delivered}
        if by_id:
            for order_id, delivered_at in self._rows(sql.DELIVERIES, by_id):
                by_id[order_id].parcels.add(delivered_at)
        self._read_refunds(self._named(events, RefundFacts))

    def take(self, number: str, event: Event) -> bool:
        """Apply one event and say whether it changed anything.

        Raises BeforeOrder, RefundConflict, UnknownLine or RefundExceedsPaid, having
        done nothing.
        """
        order = self.by_number[number]
        if isinstance(event, RefundFacts):
            is_new = self._refund(order, event)
        elif isinstance(event, CancelFacts):
            is_new = self._cancel(order, event)
        else:
            is_new = self._deliver(order, event)
        if is_new:
            self.changed.add(order.id)
        return is_new

    def reprice(self, facts: Sequence[OrderFacts]) -> dict[str, dict[str, list[str]]]:
        """Share the refunds of these orders anew, on what their new versions say.

        Returns the errors, by order, of those that would pay less than was refunded;
        of these nothing is written.
        """
        wanted = {each.external_id: self.by_number[each.external_id] for each in facts}
        self._read_refunds(wanted.values())
        refused = {}
        for each in facts:
            order = wanted[each.external_id]
            if order.refunds:
                errors_here = self._reprice(order, each)
                if errors_here:
                    refused[each.external_id] = errors_here
        return refused

    def clear(self) -> None:
        """Lift the refunds off the repriced lines until `write` puts them back.

        In between, the amounts of lines and of refunds are of different versions.
        """
        if self._refunded:
            self._cursor.execute(sql.CLEAR_REFUNDED, [sorted(self._refunded)])

    def write(self) -> None:
        """Leave in the database what was decided."""
        if self._new:
            self._cursor.execute(sql.REFUND, self._new_refunds())
        if self._reshared:
            refunds, lines = zip(*self._reshared, strict=True)
            cents = list(self._reshared.values())
            self._cursor.execute(sql.RESHARE, [list(refunds), list(lines), cents])
        if self._refunded:
            ids = sorted(self._refunded)
            cents = [self._refunded[id] for id in ids]
            self._cursor.execute(sql.SET_REFUNDED, [ids, cents])
        if self._cancelled:
            ids = sorted(self._cancelled)
            moments = [self._cancelled[id] for id in ids]
            self._cursor.execute(sql.CANCEL, [ids, moments])
        if self._parcels:
            ids = [id for id, _at in self._parcels]
            self._cursor.execute(sql.DELIVER, [ids, [at for _id, at in self._parcels]])

    # -------------------------------------------------------------- reading

    def _named(
        self, events: Iterable[tuple[str, Event]], kind: type[Event]
    ) -> list[_Order]:
        numbers = {number for number, event in events if isinstance(event, kind)}
        return [order for n, order in self.by_number.items() if n in numbers]

    def _rows(self, statement: str, ids: Iterable[int]) -> list[tuple[Any, ...]]:
        self._cursor.execute(statement, [sorted(ids)])
        return list(self._cursor.fetchall())

    def _read_refunds(self, orders: Iterable[_Order]) -> None:
        by_id = {order.id: order for order in orders}
        if not by_id:
            return
        for order_id, id, number, *paid in self._rows(sql.LINES, by_id):
            by_id[order_id].line_ids[number] = id
            by_id[order_id].paid[number] = shares.Paid(*paid)
        for order_id, name, id, at, content_hash in self._rows(sql.REFUNDS, by_id):
            by_id[order_id].refunds[name] = _Refund(at, content_hash, id=id)
        for order_id, name, line, cents, *given in self._rows(sql.REFUND_LINES, by_id):
            refund = by_id[order_id].refunds[name]
            refund.given[line] = shares.Given(*given)
            refund.cents[line] = cents

    # -------------------------------------------------------------- deciding

    def _cancel(self, order: _Order, event: CancelFacts) -> bool:
        # The earliest cancellation counts, whichever comes first.
        if order.cancelled_at and order.cancelled_at <= event.cancelled_at:
            return False
        _refuse_before(order, event)
        order.cancelled_at = self._cancelled[order.id] = event.cancelled_at
        return True

    def _deliver(self, order: _Order, event: DeliveryFacts) -> bool:
        if event.delivered_at in order.parcels:
            return False
        _refuse_before(order, event)
        order.parcels.add(event.delivered_at)
        self._parcels.append((order.id, event.delivered_at))
        return True

    def _refund(self, order: _Order, event: RefundFacts) -> bool:
        content_hash = event.content_hash()
        if (known := order.refunds.get(event.external_id)) is not None:
            if known.content_hash == content_hash:
                return False
            raise errors.RefundConflict(
                errors={"external_id": [_("This refund is known with other amounts.")]}
            )
        _refuse_before(order, event)
        _refuse_unknown_lines(order, event)
        refund = _Refund(event.refunded_at, content_hash, event.reason)
        refund.given = {
            line.external_id: shares.Given(line.net_cents, line.quantity)
            for line in event.lines
        }
        order.refunds[event.external_id] = refund
        beyond = {}
        for i, line in enumerate(event.lines):
            paid = order.paid[line.external_id]
            for name, message in _excess(order, line.external_id, paid):
                beyond[f"lines[{i}].{name}"] = [message]
        if beyond:
            del order.refunds[event.external_id]
            raise errors.RefundExceedsPaid(errors=beyond)
        for line in event.lines:
            self._share(order, line.external_id, order.paid[line.external_id])
        self._new.append((order, event.external_id))
        return True

    def _reprice(self, order: _Order, facts: OrderFacts) -> dict[str, list[str]]:
        paid = {
            line.external_id: (i, _paid(line)) for i, line in enumerate(facts.lines)
        }
        refused: dict[str, list[str]] = {}
        lines = {line for refund in order.refunds.values() for line in refund.given}
        for line in sorted(lines):
            place, now = paid.get(line, (None, NOTHING))
            for name, message in _excess(order, line, now):
                path = "lines" if place is None else f"lines[{place}].{name}"
                refused.setdefault(path, []).append(message)
        if not refused:
            for line in lines:
                self._share(order, line, paid.get(line, (None, NOTHING))[1])
        return refused

    def _share(self, order: _Order, line: str, paid: shares.Paid) -> None:
        refunds = order.refunds_of(line)
        amounts = shares.amounts(paid, [refund.given[line] for refund in refunds])
        for refund, cents in zip(refunds, amounts, strict=True):
            if refund.id is not None and refund.cents[line] != cents:
                self._reshared[refund.id, order.line_ids[line]] = cents
            refund.cents[line] = cents
        self._refunded[order.line_ids[line]] = sum(amounts)

    def _new_refunds(self) -> Mapping[str, str]:
        refunds = [
            {
                "n": n,
                "order_id": order.id,
                "external_id": name,
                "content_hash": order.refunds[name].content_hash,
                "refunded_at": order.refunds[name].refunded_at,
                "reason": order.refunds[name].reason,
            }
            for n, (order, name) in enumerate(self._new)
        ]
        lines = [
            {
                "order_id": order.id,
                "refund": name,
                "line_id": order.line_ids[line],
                "net_cents": order.refunds[name].cents[line],
                "given_cents": given.net_cents,
                "quantity": given.quantity,
            }
            for order, name in self._new
            for line, given in order.refunds[name].given.items()
        ]
        return {
            "refunds": json.dumps(refunds, default=str),
            "lines": json.dumps(lines),
        }


def _paid(line: Any) -> shares.Paid:
    return shares.Paid(line.net_cents, line.tax_cents, line.quantity)


def _refuse_before(order: _Order, event: Event) -> None:
    name, moment = event.moment()
    if moment < order.placed_at - _SKEW:
        message = _("The order is of %(moment)s.")
        placed_at = order.placed_at.astimezone(UTC).isoformat()
        raise errors.BeforeOrder(errors={name: [message % {"moment": placed_at}]})


def _refuse_unknown_lines(order: _Order, event: RefundFacts) -> None:
    known = ", ".join(sorted(order.paid)[:10])
    message = _("The order has the lines %(lines)s.") % {"lines": known}
    unknown = {
        f"lines[{i}].external_id": [message]
        for i, line in enumerate(event.lines)
        if line.external_id not in order.paid
    }
    if unknown:
        raise errors.UnknownLine(errors=unknown)


def _excess(order: _Order, line: str, paid: shares.Paid) -> Iterable[tuple[str, str]]:
    """Yield the field and the message where refunds exceed what was paid of a line."""
    given = [refund.given[line] for refund in order.refunds_of(line)]
    units = shares.units_beyond(paid, given)
    if units:
        message = _("%(count)d units more would be back than were sold.")
        yield "quantity", message % {"count": units}
    cents = sum(shares.amounts(paid, given)) - paid.net_cents
    if cents > 0 and not units:
        message = _("%(cents)d more would be refunded than was paid.")
        yield "net_cents", message % {"cents": cents}
