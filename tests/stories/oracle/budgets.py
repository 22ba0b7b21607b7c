"""What sales earn where boosts and programs may cost only so much (B2, B4, P4).

Readings of the rules where they leave room:
- Sales are asked in the order in which they were placed, each as it was sold, whatever
  was refunded since. What one is given, no other has, and it never comes back.
- "The best single boost in money" is the one that still can pay most; of equals one
  that can pay all it says, then the higher multiplier, then the lower id.
- After a refund a sale earns what the rest earns by its terms, but its boost adds no
  more than it was given, and in all it earns no more than the program gave it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.stories.oracle.pricing import Earning, applies, earning_of, in_order
from tests.stories.oracle.promises import Sold
from tests.stories.oracle.terms import Boost, Program, Shop


@dataclass
class Purse:
    """What boosts, by id, and the program still may cost; None and absent: any."""

    boosts: dict[int, int] = field(default_factory=dict)
    program: int | None = None


@dataclass(frozen=True)
class Given:
    """What a sale was given: by rate and boost, at most so much."""

    plain: Earning
    boosted: Earning
    extra: int | None
    most: int | None

    def of(self, remaining: int) -> int:
        """Compute what it earns while `remaining` of the line is paid for."""
        cents = self.boosted.of(remaining)
        if self.extra is not None:
            cents = min(cents, self.plain.of(remaining) + self.extra)
        return cents if self.most is None else min(cents, self.most)


def give(
    program: Program, shop: Shop, purse: Purse, solds: Iterable[Sold]
) -> list[Given]:
    """Let each sale have what the purse has for it, one after the other."""
    return [_give(program, shop, purse, sold) for sold in solds]


def _give(program: Program, shop: Shop, purse: Purse, sold: Sold) -> Given:
    line, net = sold.line, sold.line.net_cents
    rates = in_order(program.rates, program, shop, sold.creator, line, sold.placed_at)
    rate = rates[0] if rates else None
    plain = earning_of(program, line, rate, None)

    def extra_of(boost: Boost) -> int:
        return earning_of(program, line, rate, boost).of(net) - plain.of(net)

    def can(boost: Boost) -> int:
        return min(extra_of(boost), purse.boosts.get(boost.id, extra_of(boost)))

    boosts = [
        boost
        for boost in program.boosts
        if applies(boost, program, shop, sold.creator, line.sku, sold.placed_at)
        and (can(boost) > 0 or extra_of(boost) == 0)
    ]
    best = max(
        boosts,
        key=lambda b: (can(b), can(b) == extra_of(b), b.multiplier_pct, -b.id),
        default=None,
    )
    extra = can(best) if best else 0
    most = None
    if purse.program is not None:
        most = min(plain.of(net) + extra, purse.program)
        purse.program -= most
        extra = min(extra, max(0, most - plain.of(net)))
    is_limited = best is not None and best.id in purse.boosts
    if best is not None and is_limited:
        purse.boosts[best.id] -= extra
    return Given(
        plain,
        earning_of(program, line, rate, best),
        extra if is_limited else None,
        most,
    )
