"""What a table of figures is taken along as; texts of others are defused (rule N4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from affiliate.dashboards.figures.asking import Asked
from affiliate.dashboards.figures.reading import (
    BY,
    Figure,
    Scope,
    by_day,
    rows,
    sorted_days,
)
from shops.tables.export import Table, amount, times


@dataclass(frozen=True)
class Rows:
    """Figures in the place of a queryset: what the exporter reads in chunks."""

    figures: Sequence[Figure]

    def iterator(self, chunk_size: int) -> Iterator[Figure]:
        """Yield each; they are read by one statement, so no chunk is needed."""
        yield from self.figures


def table(by: str) -> Table:
    """Return the columns of a dimension's table, with the currency beside each row."""
    return Table(
        f"figures-by-{by}",
        (
            (BY[by], _name),
            (_("currency"), lambda row: row.currency),
            (_("orders"), lambda row: row.orders),
            (_("sales"), lambda row: amount(row.sales_cents, row.currency)),
            (_("commissions"), lambda row: amount(row.cost_cents, row.currency)),
            (_("return on spend"), _returned),
        ),
    )


def whole(scope: Scope, asked: Asked) -> Any:
    """Return every row of what was asked for, in every currency it was sold in."""
    if asked.by != "day":
        return Rows(rows(scope, asked.span, asked.by))
    days = by_day(scope, asked.span)
    return Rows(
        [
            figure
            for currency in sorted(days)
            for figure in sorted_days(days[currency], "name", is_rising=True)
        ]
    )


def _name(row: Figure) -> str:
    return row.day.isoformat() if row.day else row.name


def _returned(row: Figure) -> Any:
    return "" if row.return_pct is None else times(row.return_pct)
