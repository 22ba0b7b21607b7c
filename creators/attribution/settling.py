from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from affiliate.common import queues
from creators.attribution import sql
from creators.clicks import token

UNSETTLED = queues.Queue("shops_unsettledline", "line_id")


@dataclass(frozen=True)
class Settled(queues.Tally):
    """What one batch left behind; `lines` is 0 when nothing is waiting."""

    lines: int = 0
    attributed: int = 0
    nobody: int = 0
    pending: int = 0


def settle(*, at: datetime, limit: int = 20_000, is_wary: bool = False) -> Settled:
    """Leave one verdict for each of up to `limit` changed lines, oldest first.

    A line that was judged before on the same facts keeps its verdict: what changes
    later in programs, codes or catalogue changes nothing (rule R4). Only its order's
    status may turn it. Each verdict that may move money is queued for the floor above.

    Any number of workers may call this at once: lines taken by one are skipped by the
    others. Killed anywhere it leaves nothing and the lines stay queued. A line that
    cannot be judged is set aside while the others are, see `queues.work_off`.
    """
    batches = queues.work_off(
        UNSETTLED,
        lambda: _settle(sql.TAKE, limit, at),
        lambda ids: _settle(sql.TAKE_THESE, ids, at),
        at=at,
        limit=limit,
        is_wary=is_wary,
    )
    return sum(batches, Settled())


@transaction.atomic
def _settle(take: str, which: int | list[int], at: datetime) -> Settled:
    with connection.cursor() as cursor:
        for statement in sql.STAGING:
            cursor.execute(statement)
        cursor.execute(take, [which])
        lines = cursor.rowcount
        if not lines:
            return Settled()
        cursor.execute(sql.READ)
        if lines >= queues.WORTH_ANALYZING:
            cursor.execute(sql.ANALYZE_TAKEN)
        _stage_touches(cursor)
        cursor.execute(sql.JUDGE, {"at": at})
        counts = dict(cursor.fetchall())
        cursor.execute(sql.TURN, {"at": at})
        cursor.execute(sql.TURN_BACK, {"at": at})
        cursor.execute(sql.QUEUE)
    return Settled(
        lines,
        counts.get("attributed", 0),
        counts.get("nobody", 0),
        counts.get("pending", 0),
    )


def _stage_touches(cursor: CursorWrapper) -> None:
    cursor.execute(sql.CLICK_IDS)
    _stage_clicks(cursor, (row[0] for row in cursor.fetchall()))
    cursor.execute(sql.TOUCHES_BY_CLICK)
    touches = cursor.rowcount
    cursor.execute(sql.TOUCHES_BY_CODE)
    touches += cursor.rowcount
    if cursor.rowcount:
        # In primary-key order, so that two workers never wait for each other.
        cursor.execute(sql.LOCK_LIMITED_CODES)
        if cursor.fetchall():
            cursor.execute(sql.TAKE_USES)
            cursor.execute(sql.MARK_USED_UP)
    if touches >= queues.WORTH_ANALYZING:
        cursor.execute(sql.ANALYZE_TOUCHES)


def _stage_clicks(cursor: CursorWrapper, click_ids: Iterable[str]) -> None:
    ids = list(click_ids)
    if not ids:
        return
    touches = token.read_many(ids)
    cursor.execute(
        sql.STAGE_TOKENS,
        [
            list(touches),
            [touch.link_id for touch in touches.values()],
            [touch.at for touch in touches.values()],
            [touch.is_bot for touch in touches.values()],
        ],
    )
    loaded = [click_id for click_id in ids if click_id not in touches]
    if loaded:
        cursor.execute(sql.STAGE_LOADED_CLICKS, [loaded])


def retry() -> int:
    """Let the next sweep judge again what was set aside; return how many lines."""
    return queues.retry(UNSETTLED)


def requeue(line_ids: Iterable[int]) -> None:
    """Let the floor above look at these judged lines again; twice is harmless.

    Waits for a worker that holds one of them, so that the change is never lost.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.REQUEUE, [sorted(line_ids)])
