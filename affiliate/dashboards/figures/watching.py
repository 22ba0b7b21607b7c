"""Which creators a merchant had better look at, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from affiliate.dashboards.figures import sql
from affiliate.dashboards.figures.reading import Scope, read
from affiliate.dashboards.figures.spans import Span

# Fewer orders than this say little, and are marked.
FEW_ORDERS = 10
_HIGH_REFUNDS_BP, _HIGH_DECLINES_BP = 2000, 1000


@dataclass(frozen=True)
class Watched:
    """What came back of one creator's sales, in one currency's minor units."""

    creator_id: int
    handle: str
    currency: str
    sold_cents: int
    refunded_cents: int
    orders: int
    lines: int
    declined: int

    @property
    def refunded_bp(self) -> int:
        """Return the share of the money that was given back, in basis points."""
        return self.refunded_cents * 10_000 // self.sold_cents if self.sold_cents else 0

    @property
    def has_high_refunds(self) -> bool:
        """Say whether a fifth or more was given back."""
        return self.refunded_bp >= _HIGH_REFUNDS_BP

    @property
    def has_many_declines(self) -> bool:
        """Say whether a tenth or more of the sales was declined."""
        return self.declined * 10_000 >= self.lines * _HIGH_DECLINES_BP > 0

    @property
    def is_few(self) -> bool:
        """Say whether these are too few orders to judge by."""
        return self.orders < FEW_ORDERS


def to_check(scope: Scope, span: Span, limit: int) -> Sequence[Watched]:
    """Return who stands out: well founded first, then what most came back of."""
    found = [Watched(*row) for row in read(sql.CAME_BACK, scope, span)]
    odd = [row for row in found if row.has_high_refunds or row.has_many_declines]
    odd.sort(key=lambda row: (row.is_few, -row.refunded_bp, -row.declined, row.handle))
    return odd[:limit]
