from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from payouts import ledger
from payouts.commissions import sql, withdrawal

# Below this the planner's guess for an empty table does no harm.
_WORTH_ANALYZING = 500


@dataclass(frozen=True)
class Accrued:
    """What one batch left behind; `verdicts` is 0 when nothing is waiting."""

    verdicts: int
    sales: int
    corrections: int


@transaction.atomic
def accrue(*, at: datetime, limit: int = 20_000) -> Accrued:
    """Bring the commissions of up to `limit` changed lines to what they should be.

    A line that is attributed for the first time earns a sale, at the rate and boost of
    the moment it was placed, with everything that decided kept on the row. A line that
    has earned is corrected by the difference between what its remaining base earns at
    that snapshot and what stands there (rules C4, R5): refunds, cancellations, edits
    and a changed verdict are one case. Doing it twice changes nothing.

    Any number of workers may call this at once. Killed anywhere it leaves nothing.
    """
    with connection.cursor() as cursor:
        for statement in sql.STAGING:
            cursor.execute(statement)
        cursor.execute(sql.TAKE, [limit])
        verdicts = cursor.rowcount
        if not verdicts:
            return Accrued(0, 0, 0)
        cursor.execute(sql.READ)
        if verdicts >= _WORTH_ANALYZING:
            cursor.execute(sql.ANALYZE)
        _stage_withdrawal_ends(cursor)
        cursor.execute(sql.LOCK)
        cursor.execute(sql.MOVE_DATES)
        cursor.execute(sql.CORRECT, {"at": at})
        corrections = cursor.rowcount
        cursor.execute(sql.SELL, {"at": at})
        sales = cursor.rowcount
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
