"""A rule of the database taken away for a while: the negative control of a race."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_DEFINITIONS = {
    "constraint": "select pg_get_constraintdef(oid) from pg_constraint "
    "where conname = %s and conrelid = %s::regclass",
    "index": "select indexdef from pg_indexes where indexname = %s and tablename = %s",
    "trigger": "select pg_get_triggerdef(oid) from pg_trigger "
    "where tgname = %s and tgrelid = %s::regclass",
}


@contextmanager
def dropped(table: str, name: str) -> Iterator[None]:
    """Drop a rule; afterwards empty its table, with all that hangs on it, and restore.

    For tests with `transaction=True`.
    """
    kind, definition = _find(table, name)
    drop, add = {
        "constraint": (
            f"alter table {table} drop constraint {name}",
            f"alter table {table} add constraint {name} {definition}",
        ),
        "index": (f"drop index {name}", definition),
        "trigger": (f"drop trigger {name} on {table}", definition),
    }[kind]
    _run(drop)
    try:
        yield
    finally:
        with transaction.atomic():
            _run("set local session_replication_role = replica")
            _run(f"truncate {table} cascade")
        _run(add)


def _find(table: str, name: str) -> tuple[str, str]:
    with connection.cursor() as cursor:
        for kind, query in _DEFINITIONS.items():
            cursor.execute(query, [name, table])
            if found := cursor.fetchone():
                return kind, found[0]
    raise LookupError(f"{table} has no {name}")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
