from datetime import datetime

from django.db import connection, transaction

from affiliate.common import audit, steps
from affiliate.common.models import User
from payouts import ledger
from payouts.models import AccountKind, Payout, PayoutStatus, Run, RunStatus
from payouts.runs.states import WrongState, demand, locked

_PAY = """
with due as (
  select id from payouts_payout where run_id = %(run)s and status = 'sent'
   order by id limit %(limit)s for update skip locked
)
update payouts_payout p set status = 'paid', settled_at = %(at)s
  from due where p.id = due.id returning p.id
"""

_PAY_COMMISSIONS = """
update payouts_commission c set status = 'paid' from payouts_payoutline l
 where l.payout_id = any(%(ids)s) and l.is_active and c.id = l.commission_id
"""

_MOVES = """
select 'paid:' || p.end_to_end_id, 'paid', %(at)s, 'in_transit', 'bank',
       p.amount_cents, p.currency, null::bigint, p.creator_id, null::text
  from payouts_payout p where p.id = any(%(ids)s) order by p.id
"""

_FREE_COMMISSIONS = """
update payouts_commission c set status = 'approved' from payouts_payoutline l
 where l.payout_id = %s and l.is_active and c.id = l.commission_id
"""


def finish(
    run_id: int, *, at: datetime, by: User | None = None, chunk: int = 2_000
) -> Run:
    """Mark what was sent as paid, in chunks, and then the run as finished.

    Finance calls this once the bank has executed the file. Killed between two chunks
    the next call goes on; twice changes nothing. Payouts that came back meanwhile stay
    returned. Raises WrongState before the run is sent.
    """
    run = Run.objects.get(pk=run_id)
    demand(run, RunStatus.SENT, RunStatus.FINISHED)
    while _pay_some(run_id, chunk, at):
        steps.reached("runs.some_paid")
    with transaction.atomic():
        run = locked(run_id)
        open_payouts = run.payouts.filter(status=PayoutStatus.SENT)
        if run.status == RunStatus.SENT and not open_payouts.exists():
            run.status, run.finished_at = RunStatus.FINISHED, at
            run.save(update_fields=["status", "finished_at"])
            audit.record(audit.PLATFORM, "run.finished", run, at=at, actor=by)
    return run


@transaction.atomic
def _pay_some(run_id: int, limit: int, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_PAY, {"run": run_id, "limit": limit, "at": at})
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return False
        cursor.execute(_PAY_COMMISSIONS, {"ids": ids})
    ledger.post(_MOVES, {"at": at, "ids": ids}, at=at)
    return True


@transaction.atomic
def return_payout(
    payout_id: int, reason: str, *, at: datetime, by: User | None = None
) -> Payout:
    """Take back a transfer that the bank returned: its lines are payable again (Y4).

    The creator sees `reason`. Returning it twice changes nothing. Raises WrongState
    for a payout that was never sent.
    """
    payout = Payout.objects.select_for_update().get(pk=payout_id)
    if payout.status == PayoutStatus.RETURNED:
        return payout
    if payout.status not in (PayoutStatus.SENT, PayoutStatus.PAID):
        raise WrongState(f"Payout {payout.end_to_end_id} is {payout.status}.")
    with connection.cursor() as cursor:
        cursor.execute(_FREE_COMMISSIONS, [payout_id])
    ledger.post(_return_moves(payout), at=at)
    payout.status, payout.settled_at = PayoutStatus.RETURNED, at
    payout.return_reason = reason
    payout.save(update_fields=["status", "settled_at", "return_reason"])
    payout.lines.filter(is_active=True).update(is_active=False)
    audit.record(
        audit.PLATFORM,
        "payout.returned",
        payout,
        at=at,
        actor=by,
        after={"reason": reason},
    )
    return payout


def _return_moves(payout: Payout) -> list[ledger.Move]:
    key, amount = payout.end_to_end_id, payout.amount_cents or 0
    moves = [
        ledger.Move(
            f"returned:{key}",
            "returned",
            AccountKind.IN_TRANSIT,
            AccountKind.CREATOR_PAYABLE,
            amount,
            payout.currency,
            creator_id=payout.creator_id,
            reverses=f"sent:{key}",
        )
    ]
    if payout.status == PayoutStatus.PAID:
        moves.append(
            ledger.Move(
                f"returned_paid:{key}",
                "returned_paid",
                AccountKind.BANK,
                AccountKind.IN_TRANSIT,
                amount,
                payout.currency,
                creator_id=payout.creator_id,
                reverses=f"paid:{key}",
            )
        )
    return moves
