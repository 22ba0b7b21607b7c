"""Two transactions that meet: one waits for what the other has not committed yet."""

import time
from collections.abc import Callable
from threading import Thread

from django.db import connection, connections, transaction

_SECONDS = 20
_WAITERS = """
select count(*) from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock'
"""


def meet(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Do `first`, and commit it only once `second`, in a thread, waits for it.

    Raises what `second` raised, or AssertionError if it never had to wait.
    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            second()
        except BaseException as error:  # noqa: BLE001  raised again below
            raised.append(error)
        finally:
            connection.close()

    thread = Thread(target=run)
    try:
        with transaction.atomic():
            first()
            thread.start()
            has_waited = _waits(thread)
    finally:
        thread.join(_SECONDS)
    if raised:
        raise raised[0]
    assert has_waited, "it never waited"


def _waits(thread: Thread) -> bool:
    """Ask on a connection of its own: ours is inside a transaction."""
    asking = connections.create_connection("default")
    end = time.monotonic() + _SECONDS
    try:
        with asking.cursor() as cursor:
            while time.monotonic() < end and thread.is_alive():
                cursor.execute(_WAITERS)
                if cursor.fetchone()[0]:
                    return True
                time.sleep(0.01)
    finally:
        asking.close()
    return False
