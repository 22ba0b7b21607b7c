from datetime import datetime
from typing import Any

from django.db import connection, transaction

from affiliate.common import queues
from payouts import ledger
from payouts.models import StuckApproval

STUCK = queues.Queue("payouts_stuckapproval", "commission_id")

# Shops keep their own midnight. Taken in key order, and skipped where another worker
# works, so that any number may approve at once.
_DUE = """
  select c.id from payouts_commission c
   where c.status = 'pending'
     and c.payable_on <= (select max((%(at)s at time zone s.time_zone)::date)
                            from shops_shop s)
     and c.payable_on <= (select (%(at)s at time zone s.time_zone)::date
                            from shops_shop s where s.id = c.shop_id)
     and {which}
   order by c.id limit %(limit)s for update skip locked
"""
_NOT_STUCK = """not exists (select from payouts_stuckapproval x
                        where x.commission_id = c.id)"""
_APPROVE = """
with due as ({due})
update payouts_commission c set status = 'approved', approved_at = %(at)s
  from due where c.id = due.id
returning c.id
"""
_APPROVE_DUE = _APPROVE.format(due=_DUE.format(which=_NOT_STUCK))
_APPROVE_THESE = _APPROVE.format(due=_DUE.format(which="c.id = any(%(ids)s)"))

# What fails is queued: from then on it is tried in small groups, see queues.work_off.
_QUEUE = f"""
insert into payouts_stuckapproval (commission_id)
{_DUE.format(which=_NOT_STUCK)}
on conflict do nothing
"""

_MOVES = """
select 'approval:' || c.id, 'approval', %(at)s, 'creator_accrued', 'creator_payable',
       c.amount_cents, c.currency, c.shop_id, c.creator_id, null::text
  from payouts_commission c where c.id = any(%(ids)s) order by c.id
"""


def approve(*, at: datetime, limit: int = 20_000, is_wary: bool = False) -> int:
    """Approve up to `limit` commissions past their hold; silence approves (rule C3).

    Returns how many; 0 when nothing is due. Twice on one day changes nothing. One that
    cannot be approved is set aside while the others are, see `queues.work_off`.
    """
    due = {"at": at, "limit": limit}
    batches = queues.work_off(
        STUCK,
        lambda: _approve(_APPROVE_DUE, due),
        lambda ids: _approve_stuck(ids, due),
        at=at,
        limit=limit,
        is_wary=is_wary,
        suspect=lambda: _suspect(due),
    )
    return sum(batches)


@transaction.atomic
def _approve(words: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(words, values)
        ids = [row[0] for row in cursor.fetchall()]
    if ids:
        at = values["at"]
        ledger.post(_MOVES, {"at": at, "ids": ids}, at=at)
    return len(ids)


def _approve_stuck(ids: list[int], due: dict[str, Any]) -> int:
    """Approve what is due of these; what is no longer due is not stuck either."""
    approved = _approve(_APPROVE_THESE, {**due, "ids": ids})
    StuckApproval.objects.filter(pk__in=ids).delete()
    return approved


def _suspect(due: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, due)
