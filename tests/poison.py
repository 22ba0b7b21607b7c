"""Make the database refuse one row, as a bug or a torn row would."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

from django.db import connection


@contextmanager
def poisoned(
    table: LiteralString, when: str, *, event: str = "insert"
) -> Iterator[None]:
    """Refuse `event` on this table's rows where `when`, which may say `new.line_id`."""
    with connection.cursor() as cursor:
        cursor.execute(f"""
            create function poison() returns trigger language plpgsql as $$
            begin
              if {when} then raise exception 'poison' using constraint = 'poisoned';
              end if;
              return new;
            end $$;
            create trigger poison before {event} on {table}
              for each row execute function poison();
            """)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"drop trigger poison on {table}; drop function poison()")
