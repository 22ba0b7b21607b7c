"""What one line earns one creator: rate, boost, cap, rounding (M3, R2, B2, D4-D6)."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from tests.stories.oracle.facts import Line, round_half_up
from tests.stories.oracle.terms import Boost, Program, Rate, Shop, Term, Window

WHO_FIRST = ("creator", "group", "everyone")
WHAT_NEXT = ("product", "category", "everything")


@dataclass(frozen=True)
class Earning:
    """The snapshot of a sale: whatever decides its amount, now and after refunds."""

    net_cents: int
    quantity: int
    cap_bp: int
    multiplier_pct: int
    rate_bp: int | None
    flat_cents: int | None
    rate: str
    boost: str

    def of(self, remaining_cents: int) -> int:
        """Compute what the line earns while `remaining_cents` of it are paid for."""
        if remaining_cents == 0:
            return 0
        if self.flat_cents is None:
            return self._percent_of(remaining_cents)
        return self._flat_of(remaining_cents, self.flat_cents)

    def _percent_of(self, remaining_cents: int) -> int:
        boosted_bp = Fraction((self.rate_bp or 0) * self.multiplier_pct, 100)
        bp = min(boosted_bp, Fraction(self.cap_bp))
        return round_half_up(remaining_cents * bp / 10000)

    def _flat_of(self, remaining_cents: int, flat_cents: int) -> int:
        units_left = Fraction(self.quantity * remaining_cents, self.net_cents)
        exact = flat_cents * units_left * self.multiplier_pct / 100
        return min(round_half_up(exact), remaining_cents * self.cap_bp // 10000)


def price(
    program: Program, shop: Shop, creator: str, line: Line, placed_at: datetime
) -> Earning:
    """Find the rate and the boost of a line and snapshot what they make of it."""
    boost = best_boost(program, shop, creator, line.sku, placed_at)
    rates = [
        rate
        for rate in program.rates
        if applies(rate, program, shop, creator, line.sku, placed_at)
    ]
    path = shop.path(line.sku)
    if not rates:
        return earning_of(program, line, None, boost)
    first = min(_rank(rate, path) for rate in rates)
    tied = [
        earning_of(program, line, rate, boost)
        for rate in rates
        if _rank(rate, path) == first
    ]
    if len(tied) == 1:
        return tied[0]
    # Two groups: in money on this line (R3); max() keeps the first of equals, and
    # the rates stand in the order of their ids.
    return max(tied, key=lambda earning: earning.of(line.net_cents))


def best_boost(
    program: Program, shop: Shop, creator: str, sku: str, placed_at: datetime
) -> Boost | None:
    """Find the one boost that counts: the highest multiplier, then the lowest id."""
    running = [
        boost
        for boost in program.boosts
        if applies(boost, program, shop, creator, sku, placed_at)
    ]
    if not running:
        return None
    return min(running, key=lambda boost: (-boost.multiplier_pct, boost.id))


def is_excluded(program: Program, shop: Shop, sku: str, placed_at: datetime) -> bool:
    """Say whether the product, or a category above it, was excluded at `placed_at`."""
    return any(
        applies(exclusion, program, shop, "", sku, placed_at)
        for exclusion in program.exclusions
    )


def applies(
    term: Term,
    program: Program,
    shop: Shop,
    creator: str,
    sku: str,
    placed_at: datetime,
) -> bool:
    """Say whether a term is for this creator, on this product, at this instant."""
    kind, name = term.who
    if kind == "creator" and name != creator:
        return False
    if kind == "group" and not program.is_in(name, creator, placed_at):
        return False
    if term.what[0] != "everything" and term.what not in shop.path(sku):
        return False
    return term.window.holds(placed_at)


def in_order(
    rates: list[Rate],
    program: Program,
    shop: Shop,
    creator: str,
    line: Line,
    placed_at: datetime,
) -> list[Rate]:
    """List the rates that apply, who wins first: R2, then money, then the lower id."""
    path = shop.path(line.sku)
    found = [
        rate
        for rate in rates
        if applies(rate, program, shop, creator, line.sku, placed_at)
    ]

    def key(rate: Rate) -> tuple[object, ...]:
        alone = earning_of(program, line, rate, None).of(line.net_cents)
        return (*_rank(rate, path), -alone, rate.id)

    return sorted(found, key=key)


def _rank(rate: Rate, path: list[tuple[str, str]]) -> tuple[int, int, int]:
    """Order by who, then by what, then by the nearer category (R2)."""
    kind = rate.what[0]
    nearness = path.index(rate.what) if kind == "category" else 0
    return WHO_FIRST.index(rate.who[0]), WHAT_NEXT.index(kind), nearness


def earning_of(
    program: Program, line: Line, rate: Rate | None, boost: Boost | None
) -> Earning:
    """Snapshot what a rate, or the program's own, and a boost make of a line."""
    if rate is None:
        rate = Rate(0, ("everyone", ""), ("everything", ""), Window(), program.rate_bp)
    return Earning(
        net_cents=line.net_cents,
        quantity=line.quantity,
        cap_bp=program.cap_bp,
        multiplier_pct=boost.multiplier_pct if boost else 100,
        rate_bp=rate.rate_bp,
        flat_cents=rate.flat_cents,
        rate=f"{program.slug} rate {rate.id or 'by default'}",
        boost=boost.name if boost else "",
    )
