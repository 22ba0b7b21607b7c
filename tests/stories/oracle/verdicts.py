"""Who a line is attributed to, and why (A1-A6, decisions D2 and D3).

Readings of the rules where they leave room:
- A code "works" on an order when it is known, not retired, inside its window and not
  used up. Each working code on a paid order takes one use, whoever wins the lines.
- `if_involved` asks for an eligible click on that line through the same enrollment;
  `if_winner` asks that the latest eligible click on that line is of that enrollment.
- A link that names no product shows the whole program: product-only leaves it alone.
- A touch that nobody knows is a touch that lost, so an order with nothing but an
  unknown code has the reason `code_unknown`, not `no_touch`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from tests.stories.oracle.facts import Line, Order, Touches
from tests.stories.oracle.pricing import is_excluded
from tests.stories.oracle.terms import Click, Code, Enrollment, Market


@dataclass(frozen=True)
class Verdict:
    """The one verdict of one line; `ref` is the code or the click id that won."""

    order: str
    line: int
    state: str
    reason: str
    via: str = ""
    ref: str = ""
    creator: str = ""
    program: str = ""


@dataclass(frozen=True)
class OrderCode:
    """A code on an order; `why_not` says why it does not work, for any line."""

    code: Code | None
    why_not: str


class Judge:
    """Gives the verdicts, order by order; remembers the uses of the codes.

    Orders must come in their turn (`Order.turn`), as the uses are taken in it.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        self.uses: Counter[tuple[str, int]] = Counter()

    def judge(self, order: Order, touches: Touches) -> list[Verdict]:
        """Give one verdict for each line of the order."""
        if order.status == "pending":
            return [
                self._verdict(order, line, "order_not_paid") for line in order.lines
            ]
        if order.status == "cancelled":
            return [
                self._verdict(order, line, "order_cancelled") for line in order.lines
            ]
        codes = self._codes(order, touches)
        clicks = [self.market.clicks.get(click) for click in touches.clicks]
        known = [click for click in clicks if click is not None]
        known.sort(key=lambda click: (click.at, click.id), reverse=True)
        has_unknown = len(known) < len(clicks)
        return [
            self._judge_line(order, line, codes, known, has_unknown)
            for line in order.lines
        ]

    def _codes(self, order: Order, touches: Touches) -> list[OrderCode]:
        """List the codes as applied, two of one name by age; take their uses."""
        found = []
        for text in touches.codes:
            same = self.market.codes.get(text.upper(), [])
            if not same:
                found.append(OrderCode(None, "code_unknown"))
            for code in same:
                why_not = self._why_code_fails(code, order)
                found.append(OrderCode(code, why_not))
                if not why_not:
                    self.uses[code.text, code.id] += 1
        return found

    def _why_code_fails(self, code: Code, order: Order) -> str:
        if code.is_retired:
            return "code_retired"
        if code.window.is_before(order.placed_at):
            return "code_not_started"
        if code.window.is_over(order.placed_at):
            return "code_expired"
        used = self.uses[code.text, code.id]
        if code.max_uses is not None and used >= code.max_uses:
            return "code_used_up"
        return ""

    def _judge_line(
        self,
        order: Order,
        line: Line,
        codes: list[OrderCode],
        clicks: list[Click],
        has_unknown: bool,
    ) -> Verdict:
        lost = [(click, self._why_click_loses(click, order, line)) for click in clicks]
        eligible = [click for click, why_not in lost if not why_not]
        reasons = []
        for entry in codes:
            why_not = self._why_code_loses(entry, order, line, eligible)
            if not why_not and entry.code:
                won = entry.code.enrollment
                return self._won(order, line, won, "code", entry.code.text)
            reasons.append(why_not)
        if eligible:
            click = eligible[0]
            return self._won(order, line, click.link.enrollment, "click", click.id)
        reasons += [why_not for _, why_not in lost]
        reasons += ["click_unknown"] if has_unknown else []
        return self._verdict(order, line, reasons[0] if reasons else "no_touch")

    def _why_code_loses(
        self, entry: OrderCode, order: Order, line: Line, eligible: list[Click]
    ) -> str:
        if entry.code is None or entry.why_not:
            return entry.why_not
        enrollment = entry.code.enrollment
        if why_not := self._why_not_here(enrollment, order, line):
            return why_not
        policy = enrollment.program.setting("code_policy", order.placed_at)
        involved = [click.link.enrollment == enrollment for click in eligible]
        if policy == "if_involved" and not any(involved):
            return "code_without_click"
        if policy == "if_winner" and not any(involved[:1]):
            return "code_without_winning_click"
        return ""

    def _why_click_loses(self, click: Click, order: Order, line: Line) -> str:
        program = click.link.enrollment.program
        if why_not := self._why_not_here(click.link.enrollment, order, line):
            return why_not
        if click.is_bot:
            return "bot_click"
        if click.at > order.placed_at:
            return "click_after_order"
        days = program.setting("window_days", order.placed_at)
        if order.placed_at - click.at > timedelta(days=days):
            return "outside_window"
        shown, has_halo = click.link.product, program.setting("halo", order.placed_at)
        if not has_halo and shown is not None and shown != line.sku:
            return "product_only"
        return ""

    def _why_not_here(self, enrollment: Enrollment, order: Order, line: Line) -> str:
        """Name why a creator cannot earn on this line, by whatever touch."""
        program, shop = enrollment.program, self.market.shop
        if not enrollment.window.holds(order.placed_at):
            return "enrollment_not_active"
        if not program.is_active(order.placed_at):
            return "program_not_active"
        if is_excluded(program, shop, line.sku, order.placed_at):
            return "excluded"
        is_limited = program.setting("catalogue_only", order.placed_at)
        if is_limited and line.sku not in shop.products:
            return "not_in_catalogue"
        return ""

    def _verdict(self, order: Order, line: Line, reason: str) -> Verdict:
        state = "pending" if reason == "order_not_paid" else "nobody"
        return Verdict(order.invoice, line.number, state, reason)

    def _won(
        self, order: Order, line: Line, enrollment: Enrollment, via: str, ref: str
    ) -> Verdict:
        return Verdict(
            order=order.invoice,
            line=line.number,
            state="attributed",
            reason=via,
            via=via,
            ref=ref,
            creator=enrollment.creator,
            program=enrollment.program.slug,
        )


def in_turn(orders: list[Order]) -> Iterator[Order]:
    """Give the orders as they were placed."""
    yield from sorted(orders, key=lambda order: order.turn)
