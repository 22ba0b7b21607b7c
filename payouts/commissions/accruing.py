from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from affiliate.common import queues
from payouts import ledger
from payouts.commissions import budgeting, pricing, sql, weighing, withdrawal

UNACCRUED = queues.Queue("creators_unaccruedverdict", "verdict_id")


@dataclass(frozen=True)
class Accrued(queues.Tally):
    """What one batch left behind; `verdicts` is 0 when nothing is waiting."""

    verdicts: int = 0
    sales: int = 0
    corrections: int = 0


def accrue(*, at: datetime, limit: int = 20_000, is_wary: bool = False) -> Accrued:
    """Bring the commissions of up to `limit` changed lines to what they should be.

    A line that is attributed for the first time earns a sale, at the rate and boost of
    the moment it was placed, with everything that decided kept on the row. A line that
    has earned is corrected by the difference between what its remaining base earns at
    that snapshot and what stands there (rules C4, R5): refunds, cancellations, edits
    and a changed verdict are one case. Doing it twice changes nothing.

    Any number of workers may call this at once. Killed anywhere it leaves nothing. A
    line that cannot be accrued is set aside while the others are, see
    `queues.work_off`.
    """
    batches = queues.work_off(
        UNACCRUED,
        lambda: _accrue(sql.TAKE, limit, at),
        lambda ids: _accrue(sql.TAKE_THESE, ids, at),
        at=at,
        limit=limit,
        is_wary=is_wary,
    )
    return sum(batches, Accrued())


@transaction.atomic
def _accrue(take: str, which: int | list[int], at: datetime) -> Accrued:
    with connection.cursor() as cursor:
        for statement in (*sql.STAGING, *pricing.STAGING, *budgeting.STAGING):
            cursor.execute(statement)
        cursor.execute(take, [which])
        verdicts = cursor.rowcount
        if not verdicts:
            return Accrued()
        cursor.execute(sql.READ)
        if verdicts >= queues.WORTH_ANALYZING:
            cursor.execute(sql.ANALYZE)
        _stage_withdrawal_ends(cursor)
        cursor.execute(sql.LOCK)
        cursor.execute(sql.MOVE_DATES)
        cursor.execute(sql.CORRECT, {"at": at})
        corrections = cursor.rowcount
        cursor.execute(pricing.PRICE)
        is_capped = weighing.weigh(cursor, corrections=corrections)
        budgeting.spend(cursor, at=at)
        cursor.execute(sql.SELL, {"at": at})
        sales = cursor.rowcount
        if is_capped:
            weighing.take_places(cursor)
        if sales or corrections:
            ledger.post(sql.MOVES, {"at": at}, at=at)
        if corrections:
            cursor.execute(sql.VOID)
    return Accrued(verdicts, sales, corrections)


def _stage_withdrawal_ends(cursor: CursorWrapper) -> None:
    cursor.execute(sql.HOLD_STARTS)
    starts = cursor.fetchall()
    cursor.execute(
        sql.STAGE_WITHDRAWAL_ENDS,
        [
            [country for country, _ in starts],
            [start for _, start in starts],
            [withdrawal.ends_on(start, country) for country, start in starts],
        ],
    )
