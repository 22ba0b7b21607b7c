"""Rates and exclusions of a program (rules R1, R2, R6, R7, C6).

A program's own rate changes no more once the program was active: a rate for everyone
and everything takes its place, so that it is announced like any other.
"""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from affiliate.common.models import User
from shops import terms
from shops.models import (
    Audience,
    Category,
    Exclusion,
    Period,
    Product,
    Program,
    Rate,
)

_MOST_FLAT_CENTS = 10**13
_MOST_SALES = 1_000_000


@transaction.atomic
def add(
    program: Program,
    *,
    at: datetime,
    rate_bp: int | None = None,
    flat_cents: int | None = None,
    audience: Audience | None = None,
    product: Product | None = None,
    category: Category | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    is_first_purchase_only: bool = False,
    most_sales: int | None = None,
    most_sales_per: str = "",
    by: User | None = None,
) -> Rate:
    """Return a new rate: `rate_bp` of what was paid, or `flat_cents` for each unit.

    Without an audience it is for everyone, without product and category for
    everything, without a window for ever. An order is judged by the moment it was
    placed, so that a window in the past changes orders that come late.

    In a program that is no draft it is announced now: creators enrolled before have
    the better of what they had and of this rate until `binds_at` (rule R6), those who
    enroll from now on have this rate at once.

    It may be for a buyer's first purchase only, and for `most_sales` live commissions
    of one creator in each `most_sales_per` (day, week, month, ever); other sales have
    the next rate (rule C6).

    Raises InvalidTerm, saying the bounds, and TermOverlaps if another rate for the
    same creators and products holds at the same time.
    """
    faults = terms.Faults()
    _check_amount(program, rate_bp, flat_cents, faults)
    _check_cap(most_sales, most_sales_per, faults)
    terms.check_window(faults, starts_at, ends_at)
    terms.check_reach(
        program, faults, audience=audience, product=product, category=category
    )
    faults.refuse()
    try:
        with transaction.atomic():
            rate = Rate.objects.create(
                program=program,
                audience=audience,
                product=product,
                category=category,
                rate_bp=rate_bp,
                flat_cents=flat_cents,
                starts_at=starts_at,
                ends_at=ends_at,
                is_first_purchase_only=is_first_purchase_only,
                most_sales=most_sales,
                most_sales_per=most_sales_per,
                **terms.announced(program, at),
            )
    except IntegrityError as error:
        if terms.is_of(error, "rate_is_alone_for_its_who_and_what"):
            raise terms.TermOverlaps from error
        raise
    terms.announce(rate)
    terms.note(rate, "rate.added", at=at, by=by, rate_bp=rate_bp, flat_cents=flat_cents)
    return rate


@transaction.atomic
def end(rate: Rate, ends_at: datetime, *, at: datetime, by: User | None = None) -> Rate:
    """Let orders placed from `ends_at` on no longer earn by this rate.

    Creators who are enrolled already keep the rate until the notice is over, where it
    pays them more (rule R6). The same end again changes nothing.

    Raises InvalidTerm if the new end, or the rate itself, is over: orders placed since
    were judged by it; and while the notice of its last move runs. Raises TermOverlaps.
    """
    rate = Rate.objects.select_for_update().get(pk=rate.pk)
    if rate.ends_at == ends_at:
        return rate
    faults = terms.Faults()
    terms.check_end(faults, rate, ends_at, at)
    faults.refuse()
    try:
        with transaction.atomic():
            terms.move_end(rate, ends_at, at)
    except IntegrityError as error:
        if terms.is_of(error, "rate_is_alone_for_its_who_and_what"):
            raise terms.TermOverlaps from error
        raise
    terms.note(rate, "rate.ended", at=at, by=by, ends_at=ends_at.isoformat())
    return rate


@transaction.atomic
def replace(
    rate: Rate,
    starts_at: datetime,
    *,
    at: datetime,
    rate_bp: int | None = None,
    flat_cents: int | None = None,
    by: User | None = None,
) -> Rate:
    """End a rate and return another for the same from then on, as one announcement.

    In two steps, what holds without either would have been promised in between. The
    conditions stay. Raises what `end` and `add` raise.
    """
    rate = Rate.objects.select_for_update().get(pk=rate.pk)
    until = rate.ends_at
    end(rate, starts_at, at=at, by=by)
    return add(
        rate.program,
        at=at,
        rate_bp=rate_bp,
        flat_cents=flat_cents,
        audience=rate.audience,
        product=rate.product,
        category=rate.category,
        starts_at=starts_at,
        ends_at=until,
        is_first_purchase_only=rate.is_first_purchase_only,
        most_sales=rate.most_sales,
        most_sales_per=rate.most_sales_per,
        by=by,
    )


@transaction.atomic
def exclude(
    program: Program,
    *,
    at: datetime,
    product: Product | None = None,
    category: Category | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    by: User | None = None,
) -> Exclusion:
    """Let a product, or a category and all below it, earn nothing: it beats all rates.

    In a program that is no draft it is announced now, and binds those who are enrolled
    already from `binds_at` on (rule R6).

    Raises InvalidTerm. A second exclusion of the same adds nothing and is harmless.
    """
    faults = terms.Faults()
    if product is None and category is None:
        faults.add("product", _("Name a product or a category."))
    terms.check_window(faults, starts_at, ends_at)
    terms.check_reach(
        program, faults, audience=None, product=product, category=category
    )
    faults.refuse()
    exclusion = Exclusion.objects.create(
        program=program,
        product=product,
        category=category,
        starts_at=starts_at,
        ends_at=ends_at,
        **terms.announced(program, at),
    )
    terms.announce(exclusion)
    terms.note(exclusion, "exclusion.added", at=at, by=by)
    return exclusion


def _check_amount(
    program: Program,
    rate_bp: int | None,
    flat_cents: int | None,
    faults: terms.Faults,
) -> None:
    if (rate_bp is None) == (flat_cents is None):
        faults.add("rate_bp", _("Give a rate or a flat amount, not both."))
    # The program's own cap (rule B2) would cut a higher rate without a word.
    cap_bp = min(terms.CAP_BP, program.cap_bp)
    if rate_bp is not None and not terms.FLOOR_BP <= rate_bp <= cap_bp:
        faults.add(
            "rate_bp",
            _("From %(floor)d to %(cap)d basis points: %(low)s %% to %(high)s %%.")
            % {
                "floor": terms.FLOOR_BP,
                "cap": cap_bp,
                "low": _percent(terms.FLOOR_BP),
                "high": _percent(cap_bp),
            },
        )
    if flat_cents is not None and not 1 <= flat_cents <= _MOST_FLAT_CENTS:
        faults.add(
            "flat_cents",
            _("From 1 to %(most)d minor units.") % {"most": _MOST_FLAT_CENTS},
        )


def _check_cap(
    most_sales: int | None, most_sales_per: str, faults: terms.Faults
) -> None:
    if (most_sales is None) != (not most_sales_per):
        faults.add("most_sales", _("Give a number of sales and a period."))
    if most_sales is not None and not 1 <= most_sales <= _MOST_SALES:
        faults.add("most_sales", _("From 1 to %(most)d.") % {"most": _MOST_SALES})
    if most_sales_per and most_sales_per not in Period.values:
        faults.add("most_sales_per", _("A day, a week, a month or ever."))


def _percent(bp: int) -> str:
    return number_format(Decimal(bp).scaleb(-2).normalize())
