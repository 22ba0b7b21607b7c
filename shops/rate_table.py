"""A program's rates as a table: who they are for, and what they are on (rule R1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shops import history, standing
from shops.changes import Earned
from shops.models import Audience, Category, Program


@dataclass(frozen=True)
class Term:
    """A rate or exclusion in a cell; `goods` names its product, or category's branch.

    `is_now` is False for one that is announced for later.
    """

    entry: history.Entry
    goods: str
    is_now: bool


@dataclass(frozen=True)
class Row:
    """What one audience has; None is everyone, whom exclusions reach too."""

    audience: Audience | None
    everything: list[Term] = field(default_factory=list)
    categories: list[Term] = field(default_factory=list)
    products: list[Term] = field(default_factory=list)

    @property
    def has_default(self) -> bool:
        """Say whether the program's own rate is what everyone has on everything."""
        if self.audience is not None:
            return False
        return not any(
            term.is_now
            and not term.entry.is_first_purchase_only
            and term.entry.most_sales is None
            for term in self.everything
        )


def of(program: Program, entries: Iterable[history.Entry]) -> list[Row]:
    """Return a row for everyone, then groups, then creators, each by its name.

    `entries` are those of `history.of`; boosts and what is over are left out, and of
    an increase the moment it would bind. Two queries, however many rates there are.
    """
    entries = list(entries)
    terms = standing.of(program, entries, is_of_one=False)
    tree = Category.objects.filter(shop=program.shop_id)
    names = {pk: (slug, parent) for pk, slug, parent in _named(tree)}
    rows: dict[int | None, Row] = {None: Row(None)}
    for entry in entries:
        if entry.kind == "boost" or entry.state == "over":
            continue
        who = entry.audience.pk if entry.audience else None
        row = rows.setdefault(who, Row(entry.audience))
        goods, is_now = _goods(entry, names), entry.state != "announced"
        term = Term(terms.settled(entry), goods, is_now)
        if entry.product is not None:
            row.products.append(term)
        elif entry.category is not None:
            row.categories.append(term)
        else:
            row.everything.append(term)
    for row in rows.values():
        for cell in (row.everything, row.categories, row.products):
            cell.sort(key=_by_goods)
    return sorted(rows.values(), key=_by_who)


def default(program: Program, everyone: Row) -> Earned:
    """Return what everyone earns on everything now, by the row of everyone.

    Of a rate that ended and is still promised to some, new creators have nothing.
    """
    for term in everyone.everything:
        entry = term.entry
        if (
            entry.state == "running"
            and entry.kind == "rate"
            and standing.is_plain(entry)
        ):
            return Earned(entry.rate_bp, entry.flat_cents)
    return Earned(program.rate_bp)


def _named(tree: "Iterable[Category]") -> Iterable[tuple[int, str, int | None]]:
    return ((each.pk, str(each), each.parent_id) for each in tree)


def _goods(entry: history.Entry, names: Mapping[int, tuple[str, int | None]]) -> str:
    if entry.product is not None:
        return str(entry.product)
    branch: list[str] = []
    here = entry.category.pk if entry.category else None
    while here is not None and here in names:
        name, here = names[here]
        branch.insert(0, name)
    return " › ".join(branch)


def _by_goods(term: Term) -> tuple[str, bool, datetime]:
    start = term.entry.starts_at
    ever = datetime.min.replace(tzinfo=start.tzinfo if start else None)
    return term.goods.casefold(), not term.is_now, (start or ever).replace(tzinfo=None)


def _by_who(row: Row) -> tuple[bool, bool, str]:
    audience = row.audience
    if audience is None:
        return False, False, ""
    return True, audience.kind != "group", str(audience).casefold()
