"""Copies of the test database, to be torn down or written to at will."""

import time
from typing import Any

from django.db import connection, connections
from psycopg.errors import ObjectInUse

_PATIENCE_S = 30
_ENDS = """
select pg_terminate_backend(pid) from pg_stat_activity
 where datname = %s and pid <> pg_backend_pid()
"""


def make(owner: Any, name: str, template: str) -> None:
    """Copy a database on this autocommit connection or cursor to another one.

    Nobody may be connected to what is copied: threads that earlier tests left, such as
    the redirect's, lose their connections and open new ones when they need them.
    """
    connections.close_all()
    connection.close_pool()
    end = time.monotonic() + _PATIENCE_S
    while True:
        owner.execute(_ENDS, [template])
        try:
            owner.execute(f'create database "{name}" template "{template}"')
        except Exception as error:
            is_in_use = isinstance(error.__cause__ or error, ObjectInUse)
            if not is_in_use or time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
