"""Boosts of a program (rules B1 to B4)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from affiliate.common import outbox
from affiliate.common.models import User
from shops import budgets, terms
from shops.models import Audience, Boost, Category, Product, Program

LEAST_PCT, MOST_PCT = 101, 1000
_LONGEST_NAME = 120


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
