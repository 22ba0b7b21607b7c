"""What a boost brought against the days before it (rule N2).

The boost's own time, so far, is held beside the same time whole weeks earlier: the
same weekdays and hours of the shop's clock, as few weeks back as let the two not
overlap. Counted are sales through creators, in the program's currency, of what the
boost reaches: its goods and its creators. It is a comparison, not a proof: a season, or
a second boost, moves it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from affiliate.common import money
from affiliate.dashboards.figures import Figure
from affiliate.dashboards.uplift import sql
from shops.models import Boost

# Fewer orders than this, during or before, say too little.
FEW_ORDERS = 10
_WEEK, _DAY = timedelta(days=7), timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """[starts_at, ends_at)."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Uplift:
    """A boost's time beside an earlier one, in the program's minor units.

    `extra_cents` is what the boost put on top of the rates.
    """

    boost: Boost
    during: Window
    before: Window
    now: Figure
    then: Figure
    extra_cents: int
    is_running: bool

    @property
    def days(self) -> int:
        """Return the length of either window in days, begun ones counted."""
        return -((self.during.starts_at - self.during.ends_at) // _DAY)

    @property
    def is_few(self) -> bool:
        """Say whether there are too few orders to conclude anything."""
        return min(self.now.orders, self.then.orders) < FEW_ORDERS

    @property
    def more_sales_cents(self) -> int:
        """Return sales beyond those of the time before; negative if fewer."""
        return self.now.sales_cents - self.then.sales_cents

    @property
    def more_cost_cents(self) -> int:
        """Return commissions beyond those of the time before."""
        return self.now.cost_cents - self.then.cost_cents

    @property
    def sales_per_day_cents(self) -> int:
        """Return sales of one day of the boost, on average."""
        return self._per_day(self.now)

    @property
    def earlier_per_day_cents(self) -> int:
        """Return sales of one day of the time before, on average."""
        return self._per_day(self.then)

    @property
    def more_orders(self) -> int:
        """Return orders beyond those of the time before."""
        return self.now.orders - self.then.orders

    @property
    def cost_of_a_unit_cents(self) -> int | None:
        """Return what one unit of the currency more of sales cost, in minor units.

        Rounded half up; None where sales did not grow.
        """
        if self.more_sales_cents <= 0:
            return None
        unit = 10 ** money.exponent(self.now.currency)
        return money.round_half_up(self.more_cost_cents * unit, self.more_sales_cents)

    @property
    def unit_cents(self) -> int:
        """Return one unit of the currency in minor units."""
        return int(10 ** money.exponent(self.now.currency))

    def _per_day(self, figure: Figure) -> int:
        length = self.during.ends_at - self.during.starts_at
        micros = length // timedelta(microseconds=1)
        return figure.sales_cents * (_DAY // timedelta(microseconds=1)) // micros


def of(boosts: Sequence[Boost], at: datetime) -> list[Uplift]:
    """Return the uplift of each boost that has begun, in the order given.

    Each boost comes with its program and shop.
    """
    begun = [
        (boost, during, _earlier(during, boost.program.shop.time_zone))
        for boost in boosts
        if (during := _during(boost, at)) is not None
    ]
    found = _read(begun) if begun else {}
    return [
        Uplift(
            boost,
            during,
            before,
            now=found.get((boost.pk, False), (_nothing(boost), 0))[0],
            then=found.get((boost.pk, True), (_nothing(boost), 0))[0],
            extra_cents=found.get((boost.pk, False), (_nothing(boost), 0))[1],
            is_running=boost.ends_at is not None and boost.ends_at > at,
        )
        for boost, during, before in begun
    ]


def _during(boost: Boost, at: datetime) -> Window | None:
    starts_at, ends_at = boost.starts_at, boost.ends_at
    if starts_at is None or ends_at is None or starts_at >= at:
        return None
    return Window(starts_at, min(ends_at, at))


def _earlier(during: Window, zone: str) -> Window:
    """Return the same time of whole weeks before, by the shop's own clock."""
    weeks = -((during.starts_at - during.ends_at) // _WEEK)
    return Window(
        *(
            (moment.astimezone(ZoneInfo(zone)) - weeks * _WEEK).astimezone(UTC)
            for moment in (during.starts_at, during.ends_at)
        )
    )


def _nothing(boost: Boost) -> Figure:
    return Figure(boost.program.currency)


def _read(
    begun: Sequence[tuple[Boost, Window, Window]],
) -> dict[tuple[int, bool], tuple[Figure, int]]:
    currencies = {boost.pk: boost.program.currency for boost, _now, _then in begun}
    values: dict[str, Any] = {
        "boosts": [boost.pk for boost, _now, _then in begun],
        "starts": [now.starts_at for _boost, now, _then in begun],
        "ends": [now.ends_at for _boost, now, _then in begun],
        "earlier_starts": [then.starts_at for _boost, _now, then in begun],
        "earlier_ends": [then.ends_at for _boost, _now, then in begun],
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.UPLIFTS, values)
        return {
            (pk, is_before): (Figure(currencies[pk], sales, cost, orders), extra)
            for pk, is_before, sales, cost, orders, extra in cursor.fetchall()
        }
