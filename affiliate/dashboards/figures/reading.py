from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Words
from affiliate.dashboards.figures import sql
from affiliate.dashboards.figures.spans import Span
from shops.models import Program

# The dimensions, by the word that stands in the address.
BY: Mapping[str, Words] = {
    "day": _("day"),
    "program": _("program"),
    "creator": _("creator"),
    "product": _("product"),
    "category": _("category"),
    "boost": _("boost"),
}
# What a table is sorted by.
COLUMNS = ("name", "sales", "cost", "orders", "return")
_NAMELESS: Mapping[str, Words] = {
    "product": _("not in the catalogue"),
    "category": _("without a category"),
    "boost": _("without a boost"),
}


@dataclass(frozen=True)
class Scope:
    """Whose figures: of these shops, None for all; of one program, None for each."""

    shops: tuple[int, ...] | None
    program: int | None = None


@dataclass(frozen=True)
class Figure:
    """What something cost and brought in one currency, in its minor units."""

    currency: str
    sales_cents: int = 0
    cost_cents: int = 0
    orders: int = 0
    name: str = ""
    key: int | None = None
    day: date | None = None

    @property
    def return_pct(self) -> int | None:
        """Return sales for each unit of cost, in percent: 1250 is 12.5 times."""
        if self.cost_cents <= 0:
            return None
        return self.sales_cents * 100 // self.cost_cents

    @property
    def cost_bp(self) -> int | None:
        """Return cost as a share of the sales it brought, in basis points."""
        if self.sales_cents <= 0:
            return None
        return self.cost_cents * 10_000 // self.sales_cents


@dataclass(frozen=True)
class Page:
    """A part of a table, and how many rows the whole has."""

    rows: Sequence[Figure]
    number: int


def totals(scope: Scope, span: Span) -> dict[str, Figure]:
    """Return what all of it comes to, by currency."""
    return {
        currency: Figure(currency, sales, cost, orders)
        for currency, sales, cost, orders in read(sql.TOTALS, scope, span)
    }


def shop_sales(scope: Scope, span: Span) -> dict[str, int]:
    """Return what the shops sold in all, in minor units by currency."""
    return dict(read(sql.SHOP_SALES, scope, span))


def by_day(scope: Scope, span: Span) -> dict[str, list[Figure]]:
    """Return each day of the span, by currency; a day without a sale is there too."""
    found: dict[str, dict[date, Figure]] = {}
    for day, currency, sales, cost, orders in read(sql.DAYS, scope, span):
        figure = Figure(currency, sales, cost, orders, day=day)
        found.setdefault(currency, {})[day] = figure
    return {
        currency: [days.get(day) or Figure(currency, day=day) for day in span.days]
        for currency, days in found.items()
    }


def page(
    scope: Scope,
    span: Span,
    by: str,
    *,
    currency: str | None = None,
    sort: str = "sales",
    is_rising: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> Page:
    """Return a part of the table by one dimension; `limit` None is the whole of it."""
    statement = sql.grouped(by, sort, is_rising=is_rising)
    part = {"currency": currency, "limit": limit, "offset": offset}
    found = read(statement, scope, span, **part)
    figures = [
        Figure(row[2], row[3], row[4], row[5], row[1] or _nameless(by), row[0])
        for row in found
    ]
    return Page(figures, found[0][6] if found else 0)


def rows(scope: Scope, span: Span, by: str) -> Sequence[Figure]:
    """Return the whole table by one dimension, what sold most first."""
    return page(scope, span, by).rows


def sorted_days(
    days: Sequence[Figure], sort: str, *, is_rising: bool
) -> Sequence[Figure]:
    """Return days in the order of a column, as `page` sorts other things."""

    def place(figure: Figure) -> tuple[Any, date]:
        day = figure.day or date.min
        values = {
            "name": day,
            "sales": figure.sales_cents,
            "cost": figure.cost_cents,
            "orders": figure.orders,
            "return": -1 if figure.return_pct is None else figure.return_pct,
        }
        return values[sort], day

    return sorted(days, key=place, reverse=not is_rising)


def programs(shops: Sequence[int] | None) -> dict[int, str]:
    """Return the programs whose figures these shops may choose, by name."""
    found = Program.objects.exclude(status="draft")
    if shops is not None:
        found = found.filter(shop__in=shops)
    return dict(found.order_by("name", "pk").values_list("pk", "name"))


def read(statement: str, scope: Scope, span: Span, **values: Any) -> list[Any]:
    """Return the rows of a statement of `sql`, narrowed to a scope and a span."""
    of_program = scope.program is not None
    words = statement.format(
        shops="" if scope.shops is None else sql.SHOPS,
        program_of_verdict=sql.PROGRAM_OF_VERDICT if of_program else "",
        program_of_commission=sql.PROGRAM_OF_COMMISSION if of_program else "",
    )
    given = {
        "shops": list(scope.shops or ()),
        "program": scope.program,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "zone": span.zone,
        **values,
    }
    with connection.cursor() as cursor:
        cursor.execute(words, given)
        found: list[Any] = cursor.fetchall()
        return found


def _nameless(by: str) -> str:
    return str(_NAMELESS.get(by, ""))
