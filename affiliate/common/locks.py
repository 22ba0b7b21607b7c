"""The locks of the house and the one order in which they are taken.

Two transactions that take the same locks in two orders wait for each other for ever.
So every lock has a rank, floors declare theirs here by name, and a transaction takes
them by rising rank and, within one, by rising id. The order is checked on every lock.

Ranks: 0-99 doors, 100-199 payouts, 200-299 creators, 300-399 shops, 900-999 ground: a
verb locks for itself before it calls downstairs.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.db import connection, models, transaction

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=models.Model)


class LockOrder(Exception):  # noqa: N818  named for the state, as the house does
    """A lock was taken after one that comes later in the order."""


@dataclass(frozen=True)
class Lock:
    """A kind of advisory lock; one of it exists for every id."""

    name: str
    rank: int


_declared: dict[str, Lock] = {}


def declare(name: str, rank: int) -> Lock:
    """Enter a lock into the registry, once, when the module that owns it is imported.

    Raises ValueError if the name or the rank is taken: equal ranks have no order.
    """
    lock = Lock(name, rank)
    for other in _declared.values():
        if other != lock and (other.name == name or other.rank == rank):
            raise ValueError(f"{lock} collides with {other}.")
    return _declared.setdefault(name, lock)


def registry() -> list[Lock]:
    """Return every declared lock, in the order in which they must be taken."""
    return sorted(_declared.values(), key=lambda lock: lock.rank)


IDEMPOTENCY = declare("idempotency", 10)
SWEEP = declare("sweep", 20)
AUDIT_CHAIN = declare("audit_chain", 990)


@dataclass(frozen=True)
class _Held:
    """Marks in `run_on_commit` that this transaction holds a lock.

    Django forgets these entries exactly when PostgreSQL lets go of the lock: when the
    transaction ends, or when the savepoint that took it is rolled back.
    """

    lock: Lock
    id: int | str

    def __call__(self) -> None:
        """Do nothing: the entry only has to be there until the end."""


def held() -> Iterator[tuple[Lock, int | str]]:
    """Yield the locks that this transaction holds, in the order of taking."""
    for _, entry, *_ in connection.run_on_commit:
        if isinstance(entry, _Held):
            yield entry.lock, entry.id


def hold(lock: Lock, id: int | str) -> None:
    """Wait for the lock of this id and keep it until the transaction ends.

    Holding it already is harmless. Raises LockOrder where LOCK_ORDER_RAISES is set (the
    tests), and logs an error elsewhere: a wrong order is not yet a deadlock.
    """
    _require_transaction()
    mine = set(held())
    if (lock, id) in mine:
        return
    _check_order(lock, id, mine)
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [_name(lock, id)]
        )
    transaction.on_commit(_Held(lock, id))


def hold_all(lock: Lock, ids: Iterable[int]) -> None:
    """Wait for the locks of all these ids, one after the other by rising id."""
    for id in sorted(set(ids)):
        hold(lock, id)


def try_hold(lock: Lock, id: int | str) -> bool:
    """Take the lock if it is free, without waiting, and say whether it is ours now.

    It may be tried in any order: who does not wait cannot close a circle.
    """
    _require_transaction()
    if (lock, id) in set(held()):
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [_name(lock, id)],
        )
        (is_ours,) = cursor.fetchone()
    if is_ours:
        transaction.on_commit(_Held(lock, id))
    return bool(is_ours)


def try_advisory(name: str) -> bool:
    """Say whether this transaction may be the one that runs the sweep `name`.

    It ends with the transaction, also when the worker is killed: no session is tied
    up and nothing is left behind.
    """
    return try_hold(SWEEP, name)


def rows(queryset: "models.QuerySet[Row]") -> list[Row]:
    """Lock these rows in primary-key order and return them as they are now.

    Keys stay readable to inserts that point at them (FOR NO KEY UPDATE).
    """
    _require_transaction()
    return list(queryset.order_by("pk").select_for_update(of=("self",), no_key=True))


def _name(lock: Lock, id: int | str) -> str:
    return f"{lock.name}:{id}"


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A lock ends with its transaction: take it inside atomic()."
        )


def _check_order(lock: Lock, id: int | str, mine: set[tuple[Lock, int | str]]) -> None:
    for other, other_id in mine:
        is_late = other.rank > lock.rank
        if other == lock:
            is_late = type(id) is type(other_id) and id < other_id  # type: ignore[operator]  # same type
        if not is_late:
            continue
        words = f"{_name(lock, id)} is taken after {_name(other, other_id)}."
        if getattr(settings, "LOCK_ORDER_RAISES", False):
            raise LockOrder(words)
        logger.error("lock order: %s", words)
