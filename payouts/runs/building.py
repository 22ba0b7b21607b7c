import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from affiliate.common import audit, errors, steps
from affiliate.common.models import User
from payouts.models import CHUNK_ATTEMPTS, Run, RunChunk, RunStatus
from payouts.runs.states import locked

logger = logging.getLogger(__name__)

_STAGING = (
    """create temporary table if not exists run_claim (
         commission_id bigint, creator_id bigint, amount_cents bigint
       ) on commit delete rows""",
    """create temporary table if not exists run_creator (
         creator_id bigint primary key, total bigint, bank_account_id bigint,
         reason text
       ) on commit delete rows""",
)

# Claim first: the rows are locked, then only what was locked is summed (rule Y2).
_CLAIM = """
insert into run_claim
select id, creator_id, amount_cents from payouts_commission
 where status = 'approved' and currency = %(currency)s and payable_on < %(ends_on)s
   and creator_id between %(first)s and %(last)s
 order by id for update
"""

# Joins name the chunk's creators too: a planner without statistics would read the whole
# run, or every account, for each chunk.
_JUDGE = """
insert into run_creator
select c.creator_id, c.total, b.id,
       case when t.id is null then 'no_tax_data'
            when b.id is null or b.verified_at is null then 'no_bank_account'
            when b.usable_from is null or b.usable_from > %(opened_at)s
              then 'bank_account_on_hold'
            when c.total <= 0 then 'negative_balance'
            when c.total < %(threshold)s then 'below_threshold' end
  from (select creator_id, sum(amount_cents) as total
          from run_claim group by creator_id) c
  left join payouts_taxprofile t
    on t.creator_id = c.creator_id and t.creator_id between %(first)s and %(last)s
  left join payouts_bankaccount b
    on b.creator_id = c.creator_id and b.creator_id between %(first)s and %(last)s
   and b.currency = %(currency)s
   and b.ended_at is null
"""

_ADD_PAYOUTS = """
insert into payouts_payout (run_id, creator_id, bank_account_id, currency, status,
                            end_to_end_id, return_reason)
select %(run)s, creator_id, bank_account_id, %(currency)s, 'claiming',
       %(message_id)s || '-' || creator_id, ''
  from run_creator where reason is null order by creator_id
"""

_ADD_LINES = """
insert into payouts_payoutline (payout_id, commission_id, amount_cents, is_active)
select p.id, c.commission_id, c.amount_cents, true
  from run_claim c join payouts_payout p
    on p.run_id = %(run)s and p.creator_id = c.creator_id
   and p.creator_id between %(first)s and %(last)s
"""

_MARK_COMMISSIONS = """
update payouts_commission c set status = 'in_run'
  from run_claim x join run_creator j on j.creator_id = x.creator_id
 where c.id = x.commission_id and j.reason is null
"""

# The sum of what was claimed: the constraint compares it with the lines.
_SUM = """
update payouts_payout p set amount_cents = c.total, status = 'draft'
  from run_creator c
 where p.run_id = %(run)s and p.creator_id = c.creator_id and p.status = 'claiming'
   and p.creator_id between %(first)s and %(last)s
"""

_ADD_SKIPS = """
insert into payouts_payoutskip (run_id, creator_id, reason, amount_cents, currency)
select %(run)s, creator_id, reason, total, %(currency)s
  from run_creator where reason is not null order by creator_id
"""


def build(run_id: int) -> int:
    """Build all of a run's chunks that no other worker builds; twice is harmless.

    Returns how many failed: they do not stop the others, the error is kept on them.
    Chunks that were tried too often are left alone, see `unpark`.
    """
    failed: set[int] = set()
    while chunk := _claim(run_id, passing=failed):
        if _try(chunk):
            failed.add(chunk.pk)
    _complete(run_id)
    return len(failed)


def build_next(run_id: int) -> bool:
    """Build one chunk of a run: payouts, their lines, and who is skipped and why.

    Returns whether there was one. The last one makes the run a draft. Any number of
    workers may call this at once; one that is killed leaves its chunk to the next.
    """
    chunk = _claim(run_id)
    if chunk is None:
        _complete(run_id)
        return False
    if error := _try(chunk):
        raise error
    return True


@transaction.atomic
def unpark(run_id: int, *, by: User | None, at: datetime) -> int:
    """Let the builders try again what they gave up; return how many chunks it was.

    Twice changes nothing.
    """
    run = locked(run_id)
    chunks = run.chunks.parked().update(attempts=0)
    if chunks:
        audit.record(
            audit.PLATFORM,
            "run.unparked",
            run,
            at=at,
            actor=by,
            after={"chunks": chunks},
        )
    return chunks


@transaction.atomic
def _claim(run_id: int, passing: Collection[int] = ()) -> RunChunk | None:
    """Count an attempt at the chunk that was tried least, for good.

    So a chunk that kills its worker is parked as well. Between this and the lock of
    `_build_claimed` another worker may count one more; it then waits for us there.
    """
    chunk = (
        RunChunk.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(run_id=run_id, built_at=None, run__status=RunStatus.BUILDING)
        .filter(attempts__lt=CHUNK_ATTEMPTS)
        .exclude(pk__in=passing)
        .order_by("attempts", "first_creator_id")
        .first()
    )
    if chunk is not None:
        chunk.attempts += 1
        chunk.save(update_fields=["attempts"])
    return chunk


def _try(chunk: RunChunk) -> Exception | None:
    """Build a claimed chunk; return the error, which is kept on it, if it failed."""
    try:
        _build_claimed(chunk)
    except Exception as error:  # one chunk must not stop the others
        logger.exception("a chunk of run %s failed", chunk.run_id)
        why = errors.place(error)[:200]
        RunChunk.objects.filter(pk=chunk.pk).update(last_error=why)
        return error
    return None


@transaction.atomic
def _build_claimed(claimed: RunChunk) -> None:
    """Build this chunk, unless another worker has, or the run was dropped."""
    chunk = RunChunk.objects.select_for_update().get(pk=claimed.pk)
    if chunk.built_at is not None:
        return
    with connection.cursor() as cursor:
        # Builders share the run; whoever drops it waits for them, and they for it.
        cursor.execute(
            "select status from payouts_run where id = %s for share", [chunk.run_id]
        )
        if cursor.fetchone() != (RunStatus.BUILDING,):
            return
        run = Run.objects.get(pk=chunk.run_id)
        _build(cursor, run, chunk)
    steps.reached("runs.chunk_built")
    chunk.built_at, chunk.last_error = run.opened_at, ""
    chunk.save(update_fields=["built_at", "last_error"])


def _build(cursor: CursorWrapper, run: Run, chunk: RunChunk) -> None:
    values: dict[str, Any] = {
        "run": run.pk,
        "currency": run.currency,
        "ends_on": run.ends_on,
        "opened_at": run.opened_at,
        "threshold": run.threshold_cents,
        "message_id": run.message_id,
        "first": chunk.first_creator_id,
        "last": chunk.last_creator_id,
    }
    for statement in _STAGING:
        cursor.execute(statement)
    cursor.execute(_CLAIM, values)
    steps.reached("runs.claimed")
    cursor.execute("analyze run_claim")
    cursor.execute(_JUDGE, values)
    cursor.execute(_ADD_PAYOUTS, values)
    steps.reached("runs.payouts_added")
    cursor.execute(_ADD_LINES, values)
    cursor.execute(_MARK_COMMISSIONS)
    steps.reached("runs.lines_added")
    cursor.execute(_SUM, values)
    cursor.execute(_ADD_SKIPS, values)
    # The next chunk of the same transaction begins with empty tables.
    cursor.execute("truncate run_claim, run_creator")


@transaction.atomic
def _complete(run_id: int) -> None:
    run = locked(run_id)
    if run.status != RunStatus.BUILDING:
        return
    if run.chunks.filter(built_at=None).exists():
        return  # another worker holds it and will come here in its turn
    run.status = RunStatus.DRAFT
    run.save(update_fields=["status"])
