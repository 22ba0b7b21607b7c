from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shops.models import Boost, Exclusion, Rate

Term = Rate | Exclusion | Boost


@dataclass(frozen=True)
class Change:
    """What lines cost by the terms as they are, and with the new one; minor units."""

    lines: int
    before_cents: int
    after_cents: int

    @property
    def difference_cents(self) -> int:
        """Return how much more the lines would have cost."""
        return self.after_cents - self.before_cents


@dataclass(frozen=True)
class Row(Change):
    """One creator, by handle, or one product, by SKU and by its name if it has one."""

    name: str
    title: str = ""


@dataclass(frozen=True)
class Part:
    """The creators or products with the largest differences, those that lose first.

    `others` have a smaller one, of `others_cents` together.
    """

    rows: tuple[Row, ...] = ()
    others: int = 0
    others_cents: int = 0

    @property
    def largest_cents(self) -> int:
        """Return the largest difference, without its sign."""
        return max((abs(row.difference_cents) for row in self.rows), default=0)


@dataclass(frozen=True)
class Cost(Change):
    """The whole in one currency, for whom, and on what."""

    currency: str
    creators: Part
    products: Part

    @property
    def largest_cents(self) -> int:
        """Return the larger of what it cost and what it would have cost."""
        return max(self.before_cents, self.after_cents)


@dataclass(frozen=True)
class Preview:
    """What `term` would have cost on orders placed in [since, until).

    `lines` are those it can reach, and may be more where lines decide for each other
    (caps, budgets). They are the newest so many: `is_whole` says whether they are all
    of the 30 days. `costs` has a row for each currency.
    """

    term: Term
    since: datetime
    until: datetime
    is_whole: bool
    lines: int
    orders: int
    costs: tuple[Cost, ...] = ()

    @property
    def days(self) -> int:
        """Return how many days that is; one that has begun counts."""
        return -((self.since - self.until) // timedelta(days=1))

    @property
    def lowers(self) -> bool:
        """Say whether somebody loses by it."""
        return any(
            row.difference_cents < 0
            for cost in self.costs
            for row in cost.creators.rows
        )

    @property
    def binds_at(self) -> datetime | None:
        """Return from when it binds those enrolled already, if it lowers (R6)."""
        at: datetime | None = getattr(self.term, "binds_at", None)
        return at


def read(rows: Iterable[tuple[Any, ...]]) -> tuple[Cost, ...]:
    """Return the figures of the rows that `sql.COMPARE` gives, a currency each."""
    found: dict[str, dict[str, list[tuple[Any, ...]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for currency, kind, *row in rows:
        found[currency][kind].append(tuple(row))
    return tuple(_cost(currency, parts) for currency, parts in found.items())


def _cost(currency: str, parts: dict[str, list[tuple[Any, ...]]]) -> Cost:
    ((_, _, lines, before, after, *_),) = parts["all"]
    creators, products = _part(parts["creator"]), _part(parts["product"])
    return Cost(lines, before, after, currency, creators, products)


def _part(rows: list[tuple[Any, ...]]) -> Part:
    shown = [
        Row(lines, before, after, name, title)
        for is_rest, _, lines, before, after, name, title in rows
        if not is_rest
    ]
    others = [
        (count, after - before)
        for is_rest, count, _, before, after, *_ in rows
        if is_rest
    ]
    return Part(tuple(shown), *(others[0] if others else (0, 0)))
