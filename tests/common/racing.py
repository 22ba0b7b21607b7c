"""Threads that start at once, each on a connection of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def race(runners: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
    """Run these at the same moment; return what each gave or raised, in their order."""
    start = Barrier(len(runners), timeout=20)

    def run(runner: Callable[[], Result]) -> Result | Exception:
        try:
            start.wait()
            return runner()
        except Exception as error:  # noqa: BLE001  the test looks at what was raised
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(runners)) as pool:
        return list(pool.map(run, runners))


@contextmanager
def impatient(limit: str) -> Iterator[None]:
    """Let nothing wait for a lock longer than `limit`, such as 5s, on this connection.

    Connections come from a pool: what was set would stay for whoever has it next.
    """
    with connection.cursor() as cursor:
        cursor.execute("select set_config('lock_timeout', %s, false)", [limit])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("reset lock_timeout")
