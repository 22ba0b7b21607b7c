"""The creator's first page: what did I earn, when is it paid, what came in?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from affiliate.common import reading
from payouts.portal import balances, sales, sql

_DAYS, _LATEST = 30, 5


@dataclass(frozen=True)
class Day:
    """One day in the reader's zone: what was ordered then, and what it earned."""

    on: date
    order_count: int = 0
    sales_cents: int = 0
    earned_cents: int = 0


@dataclass(frozen=True)
class Balance(balances.Money):
    """What the creator has in one currency, and thirty days of it, oldest first."""

    order_count: int
    sales_cents: int
    earned_cents: int
    days: Sequence[Day]


@dataclass(frozen=True)
class HomePage:
    """What the first page shows; a creator without any sale is new."""

    is_new: bool
    balances: Sequence[Balance]
    sales: Sequence[sales.SaleRow]


def read(creator_id: int, *, at: datetime) -> HomePage:
    """Return the page as things stand at `at`, the busiest currency first."""
    with reading.one_moment():
        latest = sales.latest(creator_id, _LATEST)
        money = balances.read(creator_id, at=at)
        days = _days(creator_id, timezone.localdate(at))
    rows = [_balance(each, days.get(each.currency, {}), at) for each in money]
    rows.sort(key=lambda row: (-row.order_count, row.currency))
    return HomePage(is_new=not latest, balances=rows, sales=latest)


def _balance(money: balances.Money, days: dict[date, Day], at: datetime) -> Balance:
    last = timezone.localdate(at)
    shown = [
        days.get(on, Day(on))
        for on in (last - timedelta(days=back) for back in reversed(range(_DAYS)))
    ]
    return Balance(
        **vars(money),
        order_count=sum(day.order_count for day in shown),
        sales_cents=sum(day.sales_cents for day in shown),
        earned_cents=sum(day.earned_cents for day in shown),
        days=shown,
    )


def _days(creator_id: int, last: date) -> dict[str, dict[date, Day]]:
    first = last - timedelta(days=_DAYS - 1)
    values: dict[str, Any] = {
        "creator": creator_id,
        "zone": timezone.get_current_timezone_name(),
        "since": timezone.make_aware(datetime.combine(first, datetime.min.time())),
    }
    days: dict[str, dict[date, Day]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql.DAYS, values)
        for currency, on, order_count, sales_cents, earned_cents in cursor.fetchall():
            day = Day(on, order_count, int(sales_cents), int(earned_cents))
            days.setdefault(currency, {})[on] = day
    return days
