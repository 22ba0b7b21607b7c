"""What programs cost and bring in some days, by program, creator, goods, boost, day.

Sales are what was paid without VAT, less refunds, on lines attributed to a creator.
Cost is what commissions on the span's orders come to now: the sum of their rows, which
are the ledger's. Both belong to the day the order was placed.
"""

from affiliate.dashboards.figures.reading import (
    BY,
    COLUMNS,
    Figure,
    Page,
    Scope,
    by_day,
    page,
    programs,
    rows,
    shop_sales,
    sorted_days,
    totals,
)
from affiliate.dashboards.figures.spans import Span
from affiliate.dashboards.figures.watching import FEW_ORDERS, Watched, to_check

__all__ = [
    "BY",
    "COLUMNS",
    "FEW_ORDERS",
    "Figure",
    "Page",
    "Scope",
    "Span",
    "Watched",
    "by_day",
    "page",
    "programs",
    "rows",
    "shop_sales",
    "sorted_days",
    "to_check",
    "totals",
]
