"""Boosts of a program (rules B1 to B5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from affiliate.common import outbox
from affiliate.common.models import User
from shops import budgets, terms
from shops.models import Audience, Boost, Category, Product, Program

LEAST_PCT, MOST_PCT = 101, 1000
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Overlap:
    """A boost that meets another one's sales in [starts_at, ends_at) (rule B5).

    Boosts never multiply each other: of two on one sale, `wins` says whether the other
    one counts. `is_certain` is False where they are for different creators, some of
    whom may be in both.
    """

    boost: Boost
    starts_at: datetime
    ends_at: datetime
    wins: bool
    is_certain: bool


def overlapping(
    program: Program,
    *,
    multiplier_pct: int,
    starts_at: datetime,
    ends_at: datetime,
    audience: Audience | None = None,
    product: Product | None = None,
    category: Category | None = None,
) -> list[Overlap]:
    """Return the program's boosts that would meet such a new one, the earliest first.

    On one sale the higher multiplier pays more; of equal ones the older counts. Two
    queries, however many there are.
    """
    rows = Boost.objects.filter(
        program=program, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).select_related("audience", "product", "category")
    shop = Category.objects.filter(shop=program.shop_id)
    parents: dict[int, int | None] = dict(shop.values_list("pk", "parent"))
    return [
        Overlap(
            boost=other,
            starts_at=max(starts_at, other.starts_at or starts_at),
            ends_at=min(ends_at, other.ends_at or ends_at),
            wins=other.multiplier_pct >= multiplier_pct,
            is_certain=_same(audience, other.audience),
        )
        for other in rows.order_by("starts_at", "pk")
        if _may_meet(audience, other.audience)
        and _share((product, category), (other.product, other.category), parents)
    ]


def _same(one: Audience | None, other: Audience | None) -> bool:
    return one is None or other is None or one == other


def _may_meet(one: Audience | None, other: Audience | None) -> bool:
    """Say whether a creator may be in both: this floor knows no group's members."""
    if one is None or other is None or one == other:
        return True
    return "group" in {one.kind, other.kind}


_Goods = tuple[Product | None, Category | None]


def _share(one: _Goods, other: _Goods, parents: Mapping[int, int | None]) -> bool:
    """Say whether two terms reach a product in common."""
    if one == (None, None) or other == (None, None):
        return True
    (product, category), (its_product, its_category) = one, other
    if product is not None and its_product is not None:
        return product == its_product
    if category is not None and category.pk in _branch(other, parents):
        return True
    return its_category is not None and its_category.pk in _branch(one, parents)


def _branch(goods: _Goods, parents: Mapping[int, int | None]) -> Iterator[int]:
    """Yield the category of these goods and all above it."""
    product, category = goods
    here: int | None = None
    if product is not None:
        here = product.category_id
    elif category is not None:
        here = category.pk
    while here is not None:
        yield here
        here = parents.get(here)


@transaction.atomic
def add(
    program: Program,
    *,
    name: str,
    multiplier_pct: int,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
    audience: Audience | None = None,
    product: Product | None = None,
    category: Category | None = None,
    budget_cents: int | None = None,
    by: User | None = None,
    allow_past: bool = False,
) -> Boost:
    """Return a new boost that multiplies the rate of orders placed in its window.

    It starts in the future, so that creators can see it coming; `allow_past` is for
    loading a past state. Boosts may overlap: the one that pays most wins (rule B2).
    For an audience it is private: nobody else sees it. It may cost `budget_cents` of
    the program's currency on top of the rates, then it is over (rule B4).

    Raises InvalidTerm, saying the bounds.
    """
    faults = terms.Faults()
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        faults.add("name", _("From 1 to %(most)d signs.") % {"most": _LONGEST_NAME})
    if not LEAST_PCT <= multiplier_pct <= MOST_PCT:
        faults.add(
            "multiplier_pct",
            _("From %(least)d to %(most)d: 200 doubles the rate.")
            % {"least": LEAST_PCT, "most": MOST_PCT},
        )
    if starts_at <= at and not allow_past:
        faults.add("starts_at", _("A boost starts in the future."))
    terms.check_window(faults, starts_at, ends_at)
    terms.check_reach(
        program, faults, audience=audience, product=product, category=category
    )
    faults.refuse()
    boost = Boost.objects.create(
        program=program,
        name=name.strip(),
        multiplier_pct=multiplier_pct,
        starts_at=starts_at,
        ends_at=ends_at,
        audience=audience,
        product=product,
        category=category,
    )
    outbox.leave("boost.added", boost=boost.pk)
    terms.note(boost, "boost.added", at=at, by=by, multiplier_pct=multiplier_pct)
    if budget_cents is not None:
        budgets.limit(program, budget_cents, boost=boost, at=at, by=by)
    return boost


@transaction.atomic
def end(
    boost: Boost, ends_at: datetime, *, at: datetime, by: User | None = None
) -> Boost:
    """Move the end of a boost, earlier or later; the rest of it never changes.

    The same end again changes nothing. Raises InvalidTerm if the new end, or the boost
    itself, is over: creators sold on its word.
    """
    boost = Boost.objects.select_for_update().get(pk=boost.pk)
    if boost.ends_at == ends_at:
        return boost
    faults = terms.Faults()
    if ends_at <= at:
        faults.add("ends_at", _("A boost ends in the future."))
    if boost.ends_at is not None and boost.ends_at <= at:
        faults.add("ends_at", _("This boost is over."))
    terms.check_window(faults, boost.starts_at, ends_at)
    faults.refuse()
    boost.ends_at = ends_at
    boost.save(update_fields=["ends_at"])
    outbox.leave("boost.end_moved", boost=boost.pk, moment=at.isoformat())
    terms.note(boost, "boost.end_moved", at=at, by=by, ends_at=ends_at.isoformat())
    return boost
