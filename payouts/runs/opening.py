from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from affiliate.common import audit
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from payouts.models import Run

# The platform's books close at midnight in Paris, whatever the shops' zones are.
BOOKS = ZoneInfo("Europe/Paris")
_RAIL_OF = {"EUR": "sepa"}

_CUT_CHUNKS = """
insert into payouts_runchunk (run_id, first_creator_id, last_creator_id)
select %(run)s, min(creator_id), max(creator_id)
  from (select creator_id,
               (row_number() over (order by creator_id) - 1) / %(size)s as part
          from (select distinct creator_id from payouts_commission
                 where status = 'approved' and currency = %(currency)s
                   and payable_on < %(ends_on)s) due) parts
 group by part order by part
"""


class PeriodNotOver(Refusal):
    """The period has not ended in Paris."""

    code = "period_not_over"
    title = "This period is not over."


class RunOverlaps(Refusal):
    """Another run covers days of this period."""

    code = "run_overlaps"
    title = "Another run covers this period."
    way_out = "Go on with that run, or drop it while it is a draft."


class NoRailForCurrency(Refusal):
    """Nothing can carry a transfer in this currency."""

    code = "no_rail_for_currency"
    title = "There is no payment rail for this currency."
    way_out = "Pay in one of: " + ", ".join(_RAIL_OF) + "."
    status = 422


def has_rail(currency: str) -> bool:
    """Say whether anything can carry a transfer in this currency."""
    return currency in _RAIL_OF


def month_of(text: str) -> date:
    """Return the first day of a month written 2026-10. Raises ValueError."""
    year, dash, month = text.partition("-")
    if not (dash and len(year) == 4 and len(month) == 2):
        raise ValueError(f"{text!r} is not a month such as 2026-10.")
    return date(int(year), int(month), 1)


def open_run(
    month: date,
    *,
    at: datetime,
    by: User | None = None,
    currency: str = "EUR",
    chunk_size: int = 500,
) -> Run:
    """Open the run of a calendar month in Paris and cut it into ranges of creators.

    It takes what is approved and payable before the month's end, leftovers of earlier
    months included. Workers then build the chunks (`build_next`).

    Raises PeriodNotOver, NoRailForCurrency, or RunOverlaps when the month has a run
    that was not dropped: opening it a second time, also at once, gives one run.
    """
    starts_on = month.replace(day=1)
    ends_on = (starts_on + timedelta(days=31)).replace(day=1)
    if not has_rail(currency):
        raise NoRailForCurrency(f"{currency} cannot be paid.")
    if at.astimezone(BOOKS).date() < ends_on:
        raise PeriodNotOver(
            f"{starts_on:%Y-%m} ends on {ends_on - timedelta(days=1)}.",
            way_out=f"Open it from {ends_on} on.",
        )
    try:
        with transaction.atomic():
            return _open(starts_on, ends_on, currency, chunk_size, at, by)
    except IntegrityError as error:
        if "runs_do_not_overlap" in str(error) or "run_message_id" in str(error):
            raise RunOverlaps(f"{starts_on:%Y-%m} {currency} has a run.") from error
        raise


def _open(
    starts_on: date,
    ends_on: date,
    currency: str,
    chunk_size: int,
    at: datetime,
    by: User | None,
) -> Run:
    earlier = Run.objects.filter(starts_on=starts_on, currency=currency).count()
    run = Run.objects.create(
        currency=currency,
        starts_on=starts_on,
        ends_on=ends_on,
        threshold_cents=settings.PAYOUT_THRESHOLD_CENTS,
        opened_at=at,
        opened_by=by,
        # The same input gives the same ids, and so the same file.
        message_id=f"RUN-{starts_on:%Y%m}-{currency}-{earlier + 1}",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _CUT_CHUNKS,
            {
                "run": run.pk,
                "size": chunk_size,
                "currency": currency,
                "ends_on": ends_on,
            },
        )
    audit.record(audit.PLATFORM, "run.opened", run, at=at, actor=by)
    return run
