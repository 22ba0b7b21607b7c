"""Why this date: the way of one sale from the order to the transfer (rule C2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from payouts.commissions import withdrawal
from payouts.models import Commission, Payout, PayoutStatus
from payouts.portal import balances, sales

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """One step; `on` is None where it has no day, or none yet."""

    key: str
    on: date | None
    is_done: bool
    is_next: bool = False


@dataclass(frozen=True)
class Hold:
    """How long the sale waits, and who says so: the program, or the law."""

    hold_days: int
    shipping_days: int
    is_by_law: bool
    is_moved_by_law: bool


def hold(rows: Sequence[Commission]) -> Hold:
    """Return the hold of a sale, read from its own dates: terms change, they do not."""
    waited, line = _row_that_waited(rows), rows[0].line
    ends_on = waited.payable_on - _DAY
    hold_days = (ends_on - waited.hold_starts_on).days
    legal_end = withdrawal.ends_on(waited.hold_starts_on, line.order.shop.country)
    is_by_law = ends_on == legal_end and hold_days != rows[0].snapshot.get("hold_days")
    ordered_on = _in_shop(line.order.placed_at, rows)
    return Hold(
        hold_days=hold_days,
        shipping_days=(waited.hold_starts_on - ordered_on).days,
        is_by_law=is_by_law,
        is_moved_by_law=is_by_law and hold_days > withdrawal.DAYS,
    )


def steps(
    sale: sales.SaleRow,
    rows: Sequence[Commission],
    payout: Payout | None,
    *,
    at: datetime,
) -> list[Step]:
    """Return the steps of a sale as they stand at `at`, in their order."""
    order = rows[0].line.order
    waited, today = _row_that_waited(rows), _in_shop(at, rows)
    delivered_on = waited.hold_starts_on
    delivered = "delivered" if order.delivered_at else "delivery_assumed"
    begun = [
        Step("ordered", _in_shop(order.placed_at, rows), is_done=True),
        Step(delivered, delivered_on, delivered_on <= today),
    ]
    if sale.state == "void":
        last = rows[-1]
        ended_on = timezone.localdate(last.accrued_at) if last.number else None
        known = begun if order.delivered_at else begun[:1]
        return [*known, Step("void", ended_on, is_done=True)]
    payable_on = waited.payable_on
    way = [
        *begun,
        Step("hold_ends", payable_on - _DAY, payable_on <= today),
        Step("payable", payable_on, payable_on <= today),
        *_transfer(payout, payable_on, at),
    ]
    return _halted(way) if sale.state == "held" else _marked(way)


def _transfer(payout: Payout | None, payable_on: date, at: datetime) -> list[Step]:
    if payout is None:
        on = max(balances.run_after(payable_on), balances.next_run_on(at))
        return [Step("in_run", on, is_done=False)]
    is_paid = payout.status == PayoutStatus.PAID
    paid_on = timezone.localdate(payout.settled_at) if payout.settled_at else None
    return [
        Step("in_run", timezone.localdate(payout.run.opened_at), is_done=True),
        Step("paid", paid_on if is_paid else None, is_paid),
    ]


def _marked(way: Sequence[Step]) -> list[Step]:
    coming = next((step for step in way if not step.is_done), None)
    return [replace(step, is_next=step is coming) for step in way]


def _halted(way: Sequence[Step]) -> list[Step]:
    """Nothing comes while a sale is held: show what was, and the hold."""
    return [*(step for step in way if step.is_done), Step("held", None, is_done=False)]


def _row_that_waited(rows: Sequence[Commission]) -> Commission:
    """Return the row whose dates hold: the newest that waited for them itself.

    A correction of an approved sale is payable the day it is made, and waits for
    nothing.
    """
    return next(
        (row for row in reversed(rows) if row.hold_starts_on < row.payable_on), rows[0]
    )


def _in_shop(moment: datetime, rows: Sequence[Commission]) -> date:
    return moment.astimezone(ZoneInfo(rows[0].line.order.shop.time_zone)).date()
