from datetime import date, datetime, timedelta
from functools import cache

import holidays
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum

from affiliate.common import audit
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from payouts.models import Run, RunStatus
from payouts.runs.opening import BOOKS
from payouts.runs.states import demand, locked

_SATURDAY = 5

_DROP_PAYOUTS = """
update payouts_payout set status = 'dropped' where run_id = %s and status = 'draft'
"""
_DROP_LINES = """
update payouts_payoutline l set is_active = false
  from payouts_payout p
 where p.id = l.payout_id and p.run_id = %s and p.status = 'dropped' and l.is_active
"""
_FREE_COMMISSIONS = """
update payouts_commission c set status = 'approved'
  from payouts_payoutline l join payouts_payout p on p.id = l.payout_id
 where c.id = l.commission_id and p.run_id = %s and c.status = 'in_run'
"""


class NeedsAnotherPerson(Refusal):
    """Above the limit, who opened a run may not approve it (rule Y4)."""

    code = "needs_another_person"
    title = "Someone else has to approve this run."
    way_out = "Ask a colleague of finance to approve it."
    status = 403


@transaction.atomic
def approve(run_id: int, *, by: User | None, at: datetime) -> Run:
    """Approve a draft for the bank; approving it twice changes nothing.

    It will be executed on the next day that TARGET, the euro's settlement system, is
    open. Raises WrongState unless it is a draft, NeedsAnotherPerson above the limit.
    """
    run = locked(run_id)
    if run.status == RunStatus.APPROVED:
        return run
    demand(run, RunStatus.DRAFT)
    total = run.payouts.aggregate(total=Sum("amount_cents"))["total"] or 0
    if total > settings.FOUR_EYES_ABOVE_CENTS and by and by.pk == run.opened_by_id:
        raise NeedsAnotherPerson(f"{by} opened run {run_id}.")
    run.status, run.approved_at, run.approved_by = RunStatus.APPROVED, at, by
    run.execution_on = next_target_day(at.astimezone(BOOKS).date())
    run.save(update_fields=["status", "approved_at", "approved_by", "execution_on"])
    audit.record(
        audit.PLATFORM,
        "run.approved",
        run,
        at=at,
        actor=by,
        after={"total_cents": int(total), "currency": run.currency},
    )
    return run


@transaction.atomic
def drop(run_id: int, *, by: User | None, at: datetime) -> Run:
    """Give a draft up: its commissions are approved again, its month is free again.

    Twice changes nothing. Raises WrongState once the run is approved.
    """
    run = locked(run_id)
    if run.status == RunStatus.DROPPED:
        return run
    demand(run, RunStatus.BUILDING, RunStatus.DRAFT)
    with connection.cursor() as cursor:
        cursor.execute(_FREE_COMMISSIONS, [run_id])
        cursor.execute(_DROP_PAYOUTS, [run_id])
        cursor.execute(_DROP_LINES, [run_id])
    run.status = RunStatus.DROPPED
    run.save(update_fields=["status"])
    audit.record(audit.PLATFORM, "run.dropped", run, at=at, actor=by)
    return run


def next_target_day(day: date) -> date:
    """Return the first day after `day` on which TARGET settles payments."""
    day += timedelta(days=1)
    while day.weekday() >= _SATURDAY or day in _closing_days(day.year):
        day += timedelta(days=1)
    return day


@cache
def _closing_days(year: int) -> frozenset[date]:
    return frozenset(holidays.financial_holidays("ECB", years=year))
