"""How the terms of a program stand to one another (rules R2, R6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shops import changes
from shops.changes import NOTHING, Earned
from shops.history import Entry
from shops.models import Category, Program

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Standing:
    """The rates and exclusions of `history.of`, compared in memory.

    `is_of_one` says that all of them reach the same creator; otherwise a term is
    compared with those for the same audience and those for everyone.
    """

    program: Program
    terms: Sequence[Entry]
    parents: Mapping[int, int | None]
    is_of_one: bool

    def settled(self, entry: Entry) -> Entry:
        """Return it without the moment it binds, if it pays no less than what it meets.

        An increase holds at once (rule R6); under conditions, and between a share and
        an amount, it may be less.
        """
        if entry.binds_at is None or self._way(entry) in {"lower", "unclear"}:
            return entry
        return replace(entry, binds_at=None)

    def ends_lower(self, entry: Entry) -> bool:
        """Say whether the move of its end lowers, or may lower, what its goods earn.

        Not of one that another for the same follows: that one tells the change.
        """
        promised, ends_at = entry.promised_ends_at, entry.ends_at
        if ends_at is None or self._is_followed(entry):
            return False
        if promised is None or ends_at < promised:
            way = changes.way(_earned(entry), self._before(entry, ends_at))
        else:
            way = changes.way(self._before(entry, promised), _earned(entry))
        return way in {"lower", "unclear"}

    def is_beaten(
        self, entry: Entry, others: Iterable[Entry], *, for_good: bool
    ) -> bool:
        """Say whether one of the others wins wherever this one reaches (rule R2).

        Only what has no conditions; `for_good`, only what lasts as long as it does.
        """
        return any(
            self._beats(other, entry) and (not for_good or _lasts(other, entry))
            for other in others
        )

    def on_everything(self, holding: Iterable[Entry]) -> Earned:
        """Return what a sale earns where no product and no category is named."""
        rates = [
            each
            for each in holding
            if each.kind == "rate" and is_of_everything(each) and is_plain(each)
        ]
        if not rates:
            return Earned(self.program.rate_bp)
        return _earned(min(rates, key=lambda each: self._rank(each, [])))

    def _is_followed(self, entry: Entry) -> bool:
        return any(
            each.starts_at == entry.ends_at
            and each.announced_at == entry.end_announced_at
            and _who(each) == _who(entry)
            and (each.product, each.category) == (entry.product, entry.category)
            for each in self.terms
        )

    def _way(self, entry: Entry) -> str:
        moments = [each for each in (entry.starts_at, entry.announced_at) if each]
        before = self._before(entry, max(moments) - _TICK)
        return changes.way(before, _earned(entry))

    def _before(self, entry: Entry, at: datetime) -> Earned:
        found = [
            each
            for each in self.terms
            if each.kind == "rate"
            and (each.id != entry.id or entry.kind != "rate")
            and (self.is_of_one or _who(each) in {None, _who(entry)})
            and (each.starts_at is None or each.starts_at <= at)
            and (each.ends_at is None or at < each.ends_at)
            and self._covers(each, entry)
        ]
        if not found:
            return Earned(self.program.rate_bp)
        line = self._line(entry)
        return _earned(min(found, key=lambda each: self._rank(each, line)))

    def _beats(self, one: Entry, other: Entry) -> bool:
        if other.kind == "exclusion" or not self._covers(one, other):
            return False
        if one.kind == "exclusion":
            return True
        if not is_plain(one):
            return False
        if level(one) != level(other):
            return level(one) < level(other)
        return self._covers(other, one) and _pays_more(one, other)

    def _covers(self, one: Entry, other: Entry) -> bool:
        """Say whether all goods of the other are goods of this one."""
        if one.product is not None:
            return other.product == one.product
        if one.category is not None:
            return one.category.pk in self._line(other)
        return True

    def _line(self, entry: Entry) -> list[int]:
        """Return the categories that the goods of a term are in, the nearest first."""
        here = entry.category.pk if entry.category else None
        if entry.product is not None:
            here = entry.product.category_id
        line: list[int] = []
        while here is not None:
            line.append(here)
            here = self.parents.get(here)
        return line

    def _rank(self, entry: Entry, line: list[int]) -> tuple[int, int, int, int]:
        depth = len(line)
        if entry.product is not None:
            depth = -1
        elif entry.category is not None:
            depth = line.index(entry.category.pk)
        return level(entry), depth, -_earned(entry).number, -entry.id


def of(program: Program, entries: Iterable[Entry], *, is_of_one: bool) -> Standing:
    """Return how these entries stand, boosts left out; one query."""
    tree = Category.objects.filter(shop=program.shop_id)
    return Standing(
        program,
        [each for each in entries if each.kind != "boost"],
        dict(tree.values_list("pk", "parent")),
        is_of_one,
    )


def level(entry: Entry) -> int:
    """Return how far from one creator its audience is: they, their group, everyone."""
    if entry.audience is None:
        return 2
    return 0 if entry.audience.kind == "creator" else 1


def is_of_everything(entry: Entry) -> bool:
    """Say whether it names neither a product nor a category."""
    return entry.product is None and entry.category is None


def is_plain(entry: Entry) -> bool:
    """Say whether every sale has it: no first purchase only, no most of sales."""
    return not entry.is_first_purchase_only and entry.most_sales is None


def _who(entry: Entry) -> int | None:
    return entry.audience.pk if entry.audience else None


def _earned(entry: Entry) -> Earned:
    if entry.kind == "exclusion":
        return NOTHING
    return Earned(entry.rate_bp, entry.flat_cents, not is_plain(entry))


def _lasts(one: Entry, other: Entry) -> bool:
    """Say whether one ends no earlier than the other."""
    if one.ends_at is None or other.ends_at is None:
        return one.ends_at is None
    return other.ends_at <= one.ends_at


def _pays_more(one: Entry, other: Entry) -> bool:
    """Say whether of two for the same this one wins: by a promise, or by two groups."""
    if changes.way(_earned(other), _earned(one)) == "higher":
        return True
    is_same = changes.way(_earned(other), _earned(one)) == "same"
    return is_same and other.state == "ending" and one.state == "running"
