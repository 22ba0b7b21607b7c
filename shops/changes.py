"""What an announced term changes for those who sell already: from what to what (R6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from shops.models import Category, Exclusion, Rate

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Earned:
    """What a sale earns: `rate_bp` or `flat_cents` a unit; 0 bp is nothing."""

    rate_bp: int | None
    flat_cents: int | None = None
    is_conditional: bool = False

    @property
    def number(self) -> int:
        """Return the amount, to compare with another of the same unit."""
        return (self.flat_cents if self.rate_bp is None else self.rate_bp) or 0


NOTHING = Earned(0)


@dataclass(frozen=True)
class Change:
    """One announcement of a term, for those who were enrolled before it.

    `from_at` is when it takes effect for them, `until_at` when it is over again.
    """

    term: Rate | Exclusion
    before: Earned
    after: Earned
    announced_at: datetime
    from_at: datetime
    until_at: datetime | None
    is_of_end: bool

    @property
    def way(self) -> str:
        """Say lower, higher or same; unclear for other units, and under conditions."""
        return way(self.before, self.after)

    @property
    def is_felt(self) -> bool:
        """Say whether it ever reaches those enrolled before, and changes anything."""
        is_in_time = self.until_at is None or self.from_at < self.until_at
        return is_in_time and self.way != "same"


def way(one: Earned, other: Earned) -> str:
    """Say whether the other is lower, higher, the same or unclear; see `Change.way`."""
    is_nothing = NOTHING in (one, other)
    has_units = (one.rate_bp is None) == (other.rate_bp is None) or is_nothing
    if not has_units or one.is_conditional or other.is_conditional:
        return "unclear"
    if one.number == other.number:
        return "same"
    return "lower" if other.number < one.number else "higher"


def of_start(term: Rate | Exclusion) -> Change | None:
    """Return what a new term changes; None if it was never announced.

    It is compared with what held for the same creators, else for all, and the same
    goods, else those above, in the moment before it starts.
    """
    if term.announced_at is None or term.binds_at is None:
        return None
    starts_at = max(term.starts_at or term.announced_at, term.announced_at)
    before, after = _next_best(term, starts_at - _TICK), _own(term)
    return _change(
        term, before, after, term.announced_at, starts_at, term.binds_at, term.ends_at
    )


def of_end(term: Rate | Exclusion) -> Change | None:
    """Return what the move of a term's end changes; None if it was never announced.

    An earlier end gives way to what holds beside the term from then on; a later one
    puts the term in its place, from the end that was promised to the new one.
    """
    said, binds_at, ends_at = term.end_announced_at, term.end_binds_at, term.ends_at
    if said is None or binds_at is None or ends_at is None:
        return None
    promised = term.promised_ends_at
    if promised is None or ends_at < promised:
        # Who was promised the old end has it, or the notice, whichever is over first.
        kept = binds_at if promised is None else min(binds_at, promised)
        other = _next_best(term, ends_at)
        return _change(term, _own(term), other, said, ends_at, kept, None, True)
    other = _next_best(term, promised)
    return _change(term, other, _own(term), said, promised, binds_at, ends_at, True)


def is_followed(term: Rate | Exclusion) -> bool:
    """Say whether another rate for the same was announced with this one's end.

    Then it is one change, from the one rate to the other (`rates.replace`).
    """
    return (
        isinstance(term, Rate)
        and term.end_announced_at is not None
        and Rate.objects.filter(
            program=term.program_id,
            audience=term.audience_id,
            product=term.product_id,
            category=term.category_id,
            starts_at=term.ends_at,
            announced_at=term.end_announced_at,
        ).exists()
    )


def _change(
    term: Rate | Exclusion,
    before: Earned,
    after: Earned,
    announced_at: datetime,
    starts_at: datetime,
    binds_at: datetime,
    until_at: datetime | None,
    is_of_end: bool = False,
) -> Change:
    """Return the change, in effect at once if it raises, else once it binds."""

    def made(from_at: datetime) -> Change:
        return Change(term, before, after, announced_at, from_at, until_at, is_of_end)

    at_once = made(starts_at)
    return at_once if at_once.way == "higher" else made(max(starts_at, binds_at))


def _own(term: Rate | Exclusion) -> Earned:
    if isinstance(term, Exclusion):
        return NOTHING
    is_conditional = term.is_first_purchase_only or term.most_sales is not None
    return Earned(term.rate_bp, term.flat_cents, is_conditional)


def _next_best(term: Rate | Exclusion, at: datetime) -> Earned:
    """Return what the goods of a term earn those of its audience without it (R2)."""
    audience = getattr(term, "audience_id", None)
    found = list(_holding(term, audience, at))
    if not found:
        return Earned(term.program.rate_bp)
    line = _line_of(term)
    return _own(min(found, key=lambda rate: _rank(rate, audience, line)))


def _holding(
    term: Rate | Exclusion, audience: int | None, at: datetime
) -> Iterable[Rate]:
    """Find the other rates that reach the goods of a term at a moment."""
    what = Q(product=None, category=None) | Q(category__in=_line_of(term))
    if term.product_id is not None:
        what |= Q(product=term.product_id)
    rates = Rate.objects.filter(
        Q(audience=None) | Q(audience=audience),
        Q(starts_at=None) | Q(starts_at__lte=at),
        Q(ends_at=None) | Q(ends_at__gt=at),
        what,
        program=term.program_id,
    )
    return rates.exclude(pk=term.pk) if isinstance(term, Rate) else rates


def _rank(rate: Rate, audience: int | None, line: list[int]) -> tuple[bool, int, int]:
    """Order by who, then by what, the more specific first; the newer of two last."""
    if rate.product_id is not None:
        depth = -1
    elif rate.category_id is not None:
        depth = line.index(rate.category_id)
    else:
        depth = len(line)
    return rate.audience_id != audience, depth, -rate.pk


def _line_of(term: Rate | Exclusion) -> list[int]:
    """Return the categories that the goods of a term are in, the nearest first."""
    here = term.product.category_id if term.product else term.category_id
    if here is None:
        return []
    rows = Category.objects.filter(shop=term.program.shop_id)
    parents = dict(rows.values_list("pk", "parent"))
    line: list[int] = []
    while here is not None:
        line.append(here)
        here = parents[here]
    return line
