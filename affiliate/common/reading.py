"""Reading several things as they stood together."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """Read all that the block reads as of one moment, so that its sums agree.

    Without it each statement sees what was committed just before it. In a transaction
    that has begun already, that one decides what is seen. The block writes nothing.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read read only")
        yield
