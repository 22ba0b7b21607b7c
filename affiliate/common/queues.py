"""Queues of rows that a sweep works off, and the one row that would stop them all.

A floor leaves a row, a sweep takes thousands of them in one transaction. When that
fails, or kills its worker, nobody knows which row did it. So the rows are counted and
tried again in ever smaller groups, until the one that fails is alone. It is set aside
then: shown by `manage.py self_check`, and tried again once its facts change (who queues
it again sets `attempts` back to 0) or a person asks for it.
"""

import logging
import operator
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString, Self, TypeVar

from celery import current_task
from django.db import connection, transaction

from affiliate.common import errors

logger = logging.getLogger(__name__)

Done = TypeVar("Done")

# How many rows are tried together after so many failures; the last two times alone.
_GROUPS = (2_000, 200, 20, 1, 1)
MAX_ATTEMPTS = len(_GROUPS)
# When everything fails, something else is broken: leave the rest to the next sweep.
_MOST_FAILURES = 50
# A group is claimed, then locked: how long a claim without its lock is believed.
_CLAIM_LASTS = timedelta(seconds=2)

_CLAIM = """
update {table} set attempts = attempts + 1, due_at = %(later)s
 where {key} = any(array(
   select {key} from {table}
    where attempts = %(attempts)s and (attempts = 0 or due_at <= %(at)s)
    order by {key} limit %(limit)s for update skip locked))
returning {key}
"""
_MOST_TRIED = """
select max(attempts) from {table}
 where attempts between 1 and %(most)s and due_at <= %(at)s
"""
_NOTE = """
update {table} set last_error = %(error)s, due_at = %(at)s where {key} = any(%(ids)s)
"""
_RETRY = """
update {table} set attempts = 0 where attempts > 0 returning {key}
"""


# Below this a planner's guess for an empty staging table does no harm.
WORTH_ANALYZING = 500


@dataclass(frozen=True)
class Tally:
    """What one batch left behind, in whole numbers: tallies add up, all 0 is false."""

    def __bool__(self) -> bool:
        return any(astuple(self))

    def __add__(self, other: Self) -> Self:
        return type(self)(*map(operator.add, astuple(self), astuple(other)))


@dataclass(frozen=True)
class Queue:
    """A table of rows to work off, with the columns attempts, due_at and last_error.

    Sweeps take what has no attempts, `isolate` the rest.
    """

    table: LiteralString
    key: LiteralString


def work_off(
    queue: Queue,
    whole: Callable[[], Done],
    these: Callable[[list[int]], Done],
    *,
    at: datetime,
    limit: int,
    is_wary: bool = False,
    suspect: Callable[[], None] = lambda: None,
) -> list[Done]:
    """Do one batch of a sweep, and return what its parts returned.

    `whole` does up to `limit` rows that never failed, in one transaction. Where it
    fails or finds nothing, `these` does what has failed before: it gets the keys of a
    group, in a transaction in which it deletes their rows. `suspect` is called before
    a queue is searched that is not filled by others.

    Begin wary where an earlier delivery has died: then every attempt is committed
    before it is made, so that a row which kills its worker is found too. Any number of
    workers may call this at once; outside of a transaction, or nothing is committed.
    """
    if not is_wary:
        try:
            if batch := whole():
                return [batch]
        except Exception:  # one row must not stop the others
            logger.exception("%s: a batch failed; searching for the row", queue.table)
            suspect()
    else:
        suspect()
    return _isolate(queue, these, at, limit)


def was_delivered_before() -> bool:
    """Say whether the running task was delivered before, and its worker died."""
    request = getattr(current_task, "request", None)
    return bool(request and (request.delivery_info or {}).get("redelivered"))


def retry(queue: Queue) -> int:
    """Let the next sweep try again whatever failed; return how many rows it was."""
    return len(_run(queue, _RETRY))


def _isolate(
    queue: Queue, work: Callable[[list[int]], Done], at: datetime, fresh: int
) -> list[Done]:
    done: list[Done] = []
    failures = 0
    while failures < _MOST_FAILURES:
        ids = _claim_again(queue, at)
        if not ids:
            ids = _claim(queue, at, attempts=0, most=fresh)
            fresh -= len(ids)
        if not ids:
            break
        try:
            with transaction.atomic():
                done.append(work(ids))
        except Exception as error:  # one row must not stop the others
            logger.exception("%s: a group of %s failed", queue.table, len(ids))
            failures += 1
            _run(queue, _NOTE, error=errors.place(error)[:200], at=at, ids=ids)
    return done


def _claim_again(queue: Queue, at: datetime) -> list[int]:
    """Count a further attempt at what failed most often and is due again."""
    ((attempts,),) = _run(queue, _MOST_TRIED, most=MAX_ATTEMPTS - 1, at=at)
    return _claim(queue, at, attempts, _GROUPS[attempts]) if attempts else []


def _claim(queue: Queue, at: datetime, attempts: int, most: int) -> list[int]:
    rows = _run(
        queue,
        _CLAIM,
        attempts=attempts,
        at=at,
        later=at + _CLAIM_LASTS,
        limit=min(most, _GROUPS[attempts]),
    )
    return sorted(row[0] for row in rows)


def _run(queue: Queue, words: LiteralString, **values: Any) -> list[tuple[Any, ...]]:
    statement = words.format(table=queue.table, key=queue.key)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []
