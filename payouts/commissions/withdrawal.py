from datetime import date, timedelta
from functools import cache

import holidays

DAYS = 14
_SATURDAY = 5


@cache
def ends_on(received_on: date, country: str) -> date:
    """Return the last day of the buyer's right of withdrawal (law.md W-1, W-2).

    Fourteen days, the day of reception not counted; an end on a Saturday, Sunday or
    public holiday of `country` moves to the next working day. A country whose
    holidays are not known has weekends only.
    """
    end = received_on + timedelta(days=DAYS)
    while end.weekday() >= _SATURDAY or end in _holidays(country, end.year):
        end += timedelta(days=1)
    return end


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
