from datetime import datetime

from django.db import connection, transaction

from payouts import ledger

# Shops keep their own midnight. Taken in key order, and skipped where another worker
# works, so that any number may approve at once.
_APPROVE = """
with due as (
  select c.id from payouts_commission c
   where c.status = 'pending'
     and c.payable_on <= (select max((%(at)s at time zone s.time_zone)::date)
                            from shops_shop s)
     and c.payable_on <= (select (%(at)s at time zone s.time_zone)::date
                            from shops_shop s where s.id = c.shop_id)
   order by c.id limit %(limit)s for update skip locked
)
update payouts_commission c set status = 'approved', approved_at = %(at)s
  from due where c.id = due.id
returning c.id
"""

_MOVES = """
select 'approval:' || c.id, 'approval', %(at)s, 'creator_accrued', 'creator_payable',
       c.amount_cents, c.currency, c.shop_id, c.creator_id, null::text
  from payouts_commission c where c.id = any(%(ids)s) order by c.id
"""


@transaction.atomic
def approve(*, at: datetime, limit: int = 20_000) -> int:
    """Approve up to `limit` commissions past their hold; silence approves (rule C3).

    Returns how many; 0 when nothing is due. Twice on one day changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_APPROVE, {"at": at, "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    if ids:
        ledger.post(_MOVES, {"at": at, "ids": ids}, at=at)
    return len(ids)
