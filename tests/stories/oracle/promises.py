"""Which terms pay a line while they change and have conditions (R6, C6).

Readings of the rules where they leave room:
- What a program says of its rates at one moment is a *state*: the rates that it has by
  then made, each with the end that it has by then. An enrolled creator has, for each
  change since the enrollment whose notice still runs, a right to the state before it:
  the line is priced by each of these states and by today's, and the best sum is paid;
  of equal sums the one that is best without a boost (its budget may have nothing left),
  and then the latest state counts.
- A cap counts the live commissions of the creator by that rate in the local period in
  which the line was placed; lines are asked in the order in which they were placed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from tests.stories.oracle.facts import Line
from tests.stories.oracle.pricing import Earning, best_boost, earning_of, in_order
from tests.stories.oracle.terms import Program, Rate, Shop, Window


@dataclass(frozen=True)
class Moved:
    """An end that was moved: what it was, and by which announcement."""

    ended_at_before: datetime | None
    at: datetime
    binds_at: datetime


@dataclass(frozen=True)
class Said:
    """A rate with its story: announced when, binding from when, its end moved."""

    rate: Rate
    at: datetime | None = None
    binds_at: datetime | None = None
    moved: Moved | None = None
    first_only: bool = False
    most: int | None = None
    per: str = ""


@dataclass
class Sold:
    """A line that was sold, and whether the buyer had bought before."""

    creator: str
    since: datetime
    line: Line
    placed_at: datetime
    is_first: bool = False


@dataclass
class Places:
    """How many live commissions of a creator count under each cap."""

    taken: dict[tuple[int, str, date], int] = field(default_factory=dict)

    def key(self, said: Said, sold: Sold, shop: Shop) -> tuple[int, str, date]:
        """Name the place: the rate, the creator, the first day of the period."""
        day = sold.placed_at.astimezone(shop.time_zone).date()
        first = {
            "day": day,
            "week": day - timedelta(days=day.weekday()),
            "month": day.replace(day=1),
            "ever": date.min,
        }[said.per]
        return said.rate.id, sold.creator, first


def price_in_turn(
    program: Program, shop: Shop, terms: Iterable[Said], solds: Iterable[Sold]
) -> list[Earning]:
    """Price lines one after the other, as they were placed."""
    places, terms = Places(), list(terms)
    return [_price(program, shop, terms, sold, places) for sold in solds]


def _price(
    program: Program, shop: Shop, terms: list[Said], sold: Sold, places: Places
) -> Earning:
    boost = best_boost(program, shop, sold.creator, sold.line.sku, sold.placed_at)

    def is_met(said: Said) -> bool:
        if said.first_only and not sold.is_first:
            return False
        if said.most is None:
            return True
        return places.taken.get(places.key(said, sold, shop), 0) < said.most

    best, by, most = None, None, (-1, -1)
    for at in _states(terms, sold):
        won = _first_met(program, shop, sold, _known(terms, at), is_met)
        rate = won.rate if won else None
        earning = earning_of(program, sold.line, rate, boost)
        alone = earning_of(program, sold.line, rate, None)
        net = sold.line.net_cents
        if (earning.of(net), alone.of(net)) >= most:
            best, by, most = earning, won, (earning.of(net), alone.of(net))
    assert best is not None
    if by is not None and by.most is not None and best.of(sold.line.net_cents):
        key = places.key(by, sold, shop)
        places.taken[key] = places.taken.get(key, 0) + 1
    return best


def _states(terms: list[Said], sold: Sold) -> list[datetime | None]:
    """List the moments whose state the creator may claim, the latest last."""
    changes = [(said.at, said.binds_at) for said in terms]
    changes += [(s.moved.at, s.moved.binds_at) for s in terms if s.moved]
    told = {at for at, _ in changes if at is not None}
    still = {
        at
        for at, binds_at in changes
        if at and binds_at and sold.since < at and sold.placed_at < binds_at
    }
    if not still:
        return [None]
    # Each state that was before an open change: the one from the announcement before
    # it on, or from the beginning.
    before = sorted({max((t for t in told if t < at), default=_EVER) for at in still})
    return [*before, None]


_EVER = datetime.min.replace(tzinfo=UTC)


def _known(terms: list[Said], at: datetime | None) -> list[Said]:
    """Return the rates as they stood at a moment; None is by now."""
    if at is None:
        return terms
    known = []
    for said in terms:
        if said.at is not None and said.at > at:
            continue
        rate = said.rate
        if said.moved is not None and said.moved.at > at:
            window = Window(rate.window.starts_at, said.moved.ended_at_before)
            rate = replace(rate, window=window)
        known.append(replace(said, rate=rate))
    return known


def _first_met(
    program: Program,
    shop: Shop,
    sold: Sold,
    known: list[Said],
    is_met: Callable[[Said], bool],
) -> Said | None:
    by_rate = {said.rate.id: said for said in known}
    rates = [said.rate for said in known]
    for rate in in_order(rates, program, shop, sold.creator, sold.line, sold.placed_at):
        if is_met(by_rate[rate.id]):
            return by_rate[rate.id]
    return None
