"""The half-year as it goes by: six files settled, then six runs."""

from collections.abc import Sequence
from datetime import date, datetime

from tests.stories.oracle.book import Book
from tests.stories.oracle.overlay import PARIS, Overlay, closes_at
from tests.stories.oracle.reading import Month
from tests.stories.oracle.terms import load

RUN_MONTHS = ("2011-01", "2011-02", "2011-03", "2011-04", "2011-05", "2011-06")


def live_through(months: Sequence[Month], overlay: Overlay) -> Book:
    """Settle each file on the 1st of the next month, and pay each period on the 2nd.

    Both at 06:00 in Paris. Each run is preceded by a settle of its own.
    """
    book = Book(load(overlay.marketplace))
    files = {closes_at(month.name): month for month in months}
    runs = {closes_at(period).replace(day=2): period for period in RUN_MONTHS}
    for at in sorted([*files, *runs]):
        if at in files:
            month = files[at]
            book.settle(
                at,
                orders=month.orders,
                touches=overlay.touches,
                refunds=month.refunds + overlay.refunds[month.name],
                deliveries=overlay.deliveries[month.name],
            )
        else:
            book.settle(at)
            book.run(*period_of(runs[at]), at)
    return book


def period_of(month: str) -> tuple[date, date]:
    """Give the first day of a month and the first day after it."""
    end: datetime = closes_at(month).astimezone(PARIS)
    return date.fromisoformat(f"{month}-01"), end.date()
