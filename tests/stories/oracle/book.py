"""The commissions: accrued, corrected, held, approved, paid (C1-C4, Y3, D1, D7, D8).

Readings of the rules where they leave room:
- A line's first row is what the base remaining at the first settle earns. A line that
  was wholly refunded before it was ever settled has no row.
- A delivery moves the date of pending rows only; what is approved stays approved.
- Only creators with a row to pay in the period are considered by a run.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from tests.stories.oracle.facts import Delivery, Line, Order, Refund, Touches
from tests.stories.oracle.pricing import Earning, price
from tests.stories.oracle.terms import Market, Program
from tests.stories.oracle.verdicts import Judge, Verdict, in_turn

WITHDRAWAL_DAYS = 14
THRESHOLD_CENTS = 1000


def withdrawal_ends_on(received_on: date, country: str) -> date:
    """Find the last day on which a buyer may withdraw (C2)."""
    day = received_on + timedelta(days=WITHDRAWAL_DAYS)
    while day.weekday() >= 5 or day in _public_holidays(country, day.year):
        day += timedelta(days=1)
    return day


@cache
def _public_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


def payable_on(
    order: Order,
    program: Program,
    delivered_at: datetime | None,
    country: str,
    zone: ZoneInfo,
) -> date:
    """Find the day after the hold of an order's lines (D1)."""
    if delivered_at is not None:
        start = delivered_at.astimezone(zone).date()
    else:
        placed_on = order.placed_at.astimezone(zone).date()
        shipping = program.setting("shipping_days", order.placed_at)
        start = placed_on + timedelta(days=shipping)
    held = start + timedelta(days=program.setting("hold_days", order.placed_at))
    return max(held, withdrawal_ends_on(start, country)) + timedelta(days=1)


@dataclass
class Row:
    """One commission row; `amount_cents` carries its sign."""

    kind: str
    amount_cents: int
    status: str
    payable_on: date
    made_at: datetime


@dataclass
class Position:
    """What one line earns one creator: the sale and its corrections."""

    order: Order
    line: Line
    creator: str
    program: Program
    earning: Earning
    rows: list[Row] = field(default_factory=list)

    @property
    def so_far_cents(self) -> int:
        """Sum the rows."""
        return sum(row.amount_cents for row in self.rows)


@dataclass
class Step:
    """One settle: what it did to each creator, in cents (and how many rows)."""

    at: datetime
    cents: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def note(self, creator: str, event: str, cents: int) -> None:
        """Add an event to a creator's sums."""
        self.cents[creator][event + "_cents"] += cents
        self.cents[creator][event + "_rows"] += 1


@dataclass
class Run:
    """One payout run: what was paid, and who was skipped with which sum and reason."""

    first: date
    end: date
    at: datetime
    payouts: dict[str, int] = field(default_factory=dict)
    skips: dict[str, tuple[str, int]] = field(default_factory=dict)
    rows: int = 0


class Book:
    """Everything that was earned, line by line, as the settles and runs go by."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.judge = Judge(market)
        self.verdicts: list[Verdict] = []
        self.positions: dict[tuple[str, int], Position] = {}
        self.by_order: dict[str, list[Position]] = defaultdict(list)
        self.refunded: Counter[tuple[str, int]] = Counter()
        self.delivered: dict[str, datetime] = {}
        self.steps: list[Step] = []
        self.runs: list[Run] = []

    def settle(
        self,
        at: datetime,
        orders: Iterable[Order] = (),
        touches: Mapping[str, Touches] | None = None,
        refunds: Iterable[Refund] = (),
        deliveries: Iterable[Delivery] = (),
    ) -> Step:
        """Take in the new facts, then give verdicts, correct and approve."""
        step = Step(at)
        self.steps.append(step)
        for delivery in deliveries:
            self._deliver(delivery)
        changed = []
        for refund in refunds:
            self.refunded[refund.order, refund.line] += refund.net_cents
            changed.append((refund.order, refund.line))
        for key in dict.fromkeys(changed):
            if key in self.positions:
                self._correct(self.positions[key], step)
        for order in in_turn(list(orders)):
            on_order = (touches or {}).get(order.invoice, Touches())
            found = self.judge.judge(order, on_order)
            self.verdicts += found
            for line, verdict in zip(order.lines, found, strict=True):
                if verdict.state == "attributed":
                    self._accrue(order, line, verdict, step)
        self._approve(step)
        return step

    def _local_date(self, at: datetime) -> date:
        return at.astimezone(self.market.shop.time_zone).date()

    def _payable_on(self, order: Order, program: Program) -> date:
        shop = self.market.shop
        last = self.delivered.get(order.invoice)
        return payable_on(order, program, last, shop.country, shop.time_zone)

    def _deliver(self, delivery: Delivery) -> None:
        before = self.delivered.get(delivery.order, delivery.delivered_at)
        self.delivered[delivery.order] = max(before, delivery.delivered_at)
        for position in self.by_order[delivery.order]:
            for row in position.rows:
                if row.status == "pending":
                    row.payable_on = self._payable_on(position.order, position.program)

    def _remaining_cents(self, position: Position) -> int:
        line = position.line
        back = self.refunded[position.order.invoice, line.number]
        if back > line.net_cents:
            raise ValueError(f"More than was paid came back on {position}.")
        return line.net_cents - back

    def _accrue(self, order: Order, line: Line, verdict: Verdict, step: Step) -> None:
        program = self.market.programs[verdict.program]
        creator = verdict.creator
        earning = price(program, self.market.shop, creator, line, order.placed_at)
        position = Position(order, line, creator, program, earning)
        self.positions[order.invoice, line.number] = position
        self.by_order[order.invoice].append(position)
        full = earning.of(line.net_cents)
        cents = earning.of(self._remaining_cents(position))
        if full != cents:
            step.note(creator, "refunded_before_accrual", cents - full)
        if cents:
            due = self._payable_on(order, program)
            position.rows.append(Row("sale", cents, "pending", due, step.at))
            step.note(creator, "accrued", cents)

    def _correct(self, position: Position, step: Step) -> None:
        """Bring the rows of a line to what its remaining base earns (C4, D7)."""
        target = position.earning.of(self._remaining_cents(position))
        delta = target - position.so_far_cents
        if delta == 0:
            return
        sale = position.rows[0]
        status, due = "approved", self._local_date(step.at)
        if sale.status == "pending":
            status, due = "pending", sale.payable_on
        kind = "clawback" if sale.status == "paid" else "reversal"
        if delta > 0:
            kind = "restoration"
        position.rows.append(Row(kind, delta, status, due, step.at))
        step.note(position.creator, f"{kind}_of_{sale.status}", delta)
        if sale.status == "pending" and target == 0:
            for row in position.rows:
                row.status = "void"
            step.note(position.creator, "voided_lines", 0)

    def _approve(self, step: Step) -> None:
        today = self._local_date(step.at)
        for position in self.positions.values():
            for row in position.rows:
                if row.status == "pending" and row.payable_on <= today:
                    row.status = "approved"
                    step.note(position.creator, "approved", row.amount_cents)

    def run(self, first: date, end: date, at: datetime) -> Run:
        """Pay what is approved and due before `end`; whole or not at all (Y3)."""
        run = Run(first, end, at)
        self.runs.append(run)
        due: dict[str, list[Row]] = defaultdict(list)
        for position in self.positions.values():
            for row in position.rows:
                if row.status == "approved" and row.payable_on < end:
                    due[position.creator].append(row)
        for creator in sorted(due):
            rows = due[creator]
            total = sum(row.amount_cents for row in rows)
            if reason := self._why_not_paid(creator, total, at):
                run.skips[creator] = reason, total
                continue
            run.payouts[creator] = total
            run.rows += len(rows)
            for row in rows:
                row.status = "paid"
        return run

    def _why_not_paid(self, handle: str, total: int, at: datetime) -> str:
        creator = self.market.creators[handle]
        if not creator.has_tax_data:
            return "no_tax_data"
        if not creator.has_bank_account:
            return "no_bank_account"
        held = creator.bank_on_hold_until
        if held is not None and at < held:
            return "bank_account_on_hold"
        if total <= 0:
            return "negative_balance"
        if total < THRESHOLD_CENTS:
            return "below_threshold"
        return ""
