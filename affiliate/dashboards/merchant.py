"""What a shop's people see first: what programs cost and bring, what runs and waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from affiliate.dashboards import charts, waiting
from affiliate.dashboards.figures import (
    Figure,
    Scope,
    Span,
    Watched,
    by_day,
    page,
    rows,
    shop_sales,
    to_check,
    totals,
)
from payouts.models import Commission, CommissionKind
from shops.models import Program

_RECENT, _BEST, _CHECKED, _PROGRAMS = 6, 5, 5, 10
_CHART_DAYS, _WATCH_DAYS = 30, 90


@dataclass(frozen=True)
class Delta:
    """A figure beside the same one of an earlier span."""

    now: int
    before: int

    @property
    def kind(self) -> str:
        """Return how they compare: nothing, new, same, more or less."""
        if not self.before:
            return "new" if self.now else "nothing"
        if not self.percent:
            return "same"
        return "more" if self.now > self.before else "less"

    @property
    def percent(self) -> int:
        """Return the difference in whole percent of the earlier figure."""
        apart, whole = abs(self.now - self.before), abs(self.before)
        return (apart * 200 + whole) // (whole * 2)


@dataclass(frozen=True)
class Total:
    """One currency of this month, beside the same days of the month before."""

    now: Figure
    before: Figure
    shop_cents: int

    @property
    def share_bp(self) -> int | None:
        """Return the sales brought as a share of all the shop's, in basis points."""
        if self.shop_cents <= 0:
            return None
        return self.now.sales_cents * 10_000 // self.shop_cents

    @property
    def sales(self) -> Delta:
        """Compare sales."""
        return Delta(self.now.sales_cents, self.before.sales_cents)

    @property
    def cost(self) -> Delta:
        """Compare cost."""
        return Delta(self.now.cost_cents, self.before.cost_cents)

    @property
    def orders(self) -> Delta:
        """Compare orders."""
        return Delta(self.now.orders, self.before.orders)

    @property
    def returned(self) -> Delta:
        """Compare the return on spend."""
        return Delta(self.now.return_pct or 0, self.before.return_pct or 0)


@dataclass(frozen=True)
class Merchant:
    """What the first page shows a shop's members."""

    month: date
    before: Span
    totals: Sequence[Total]
    days: Sequence[charts.Days]
    programs: Sequence[Figure]
    boosts: Sequence[waiting.Raised]
    limits: Sequence[waiting.Limit]
    waiting: waiting.Waiting
    recent: Sequence[Commission]
    best: Sequence[Figure]
    checked: Sequence[Watched]


def figures(shops: Sequence[int] | None, zone: str, at: datetime) -> Merchant:
    """Return this month's figures of these shops; None means of all.

    The month begins in the shop's time zone, and is held beside the month before up to
    the same day and time of day.
    """
    scope = Scope(None if shops is None else tuple(shops))
    today = at.astimezone(ZoneInfo(zone)).date()
    month = Span.month_of(today, zone)
    before = month.month_before(at)
    programs = _programs(shops)
    return Merchant(
        month=month.first,
        before=before,
        totals=_totals(scope, month, before, programs),
        days=[
            charts.days(currency, figures)
            for currency, figures in sorted(
                by_day(scope, Span.latest(_CHART_DAYS, at, zone)).items()
            )
        ],
        programs=_with_idle(rows(scope, month, "program"), programs)[:_PROGRAMS],
        boosts=waiting.raised(shops, at),
        limits=waiting.limits(shops),
        waiting=waiting.waiting(shops, today),
        recent=_recent(shops),
        best=[
            figure
            for figure in page(scope, month, "creator", limit=_BEST).rows
            if figure.sales_cents > 0
        ],
        checked=to_check(scope, Span.latest(_WATCH_DAYS, at, zone), _CHECKED),
    )


def _programs(shops: Sequence[int] | None) -> list[Program]:
    found = waiting.of(Program.objects.exclude(status="draft"), "shop", shops)
    return list(found.order_by("name", "pk"))


def _with_idle(sold: Sequence[Figure], programs: Sequence[Program]) -> Sequence[Figure]:
    """Add the programs that neither cost nor brought anything."""
    known = {(figure.key, figure.currency) for figure in sold}
    return [
        *sold,
        *(
            Figure(program.currency, name=program.name, key=program.pk)
            for program in programs
            if (program.pk, program.currency) not in known
        ),
    ]


def _totals(
    scope: Scope, month: Span, before: Span, programs: Sequence[Program]
) -> list[Total]:
    now, then = totals(scope, month), totals(scope, before)
    shop = shop_sales(scope, month)
    currencies = {*now, *then, *(program.currency for program in programs)}
    return [
        Total(
            now.get(currency, Figure(currency)),
            then.get(currency, Figure(currency)),
            shop.get(currency, 0),
        )
        for currency in sorted(currencies)
    ]


def _recent(shops: Sequence[int] | None) -> list[Any]:
    sold = Commission.objects.filter(kind=CommissionKind.SALE, amount_cents__gt=0)
    return list(
        waiting.of(sold, "shop", shops)
        .select_related("line__order", "line__product", "creator")
        .order_by("-pk")[:_RECENT]
    )
