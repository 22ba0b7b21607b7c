"""Bare tables: the limit is what one statement by hand reaches on these.

The same columns and the same unique keys as the product's, and nothing else: no foreign
key, no check, no trigger, no further index.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# A key around the primary key refuses nothing more; foreign keys need it.
_UNIQUE_KEYS = """
select pg_get_indexdef(i.indexrelid)
  from pg_index i
 where i.indrelid = %s::regclass and i.indisunique
   and (i.indisprimary or not exists (
         select 1 from pg_index p
          where p.indrelid = i.indrelid and p.indisprimary
            and p.indkey::int2[] <@ i.indkey::int2[]))
"""


@contextmanager
def copies(*tables: str) -> Iterator[None]:
    """Hold empty bare copies of these tables in the schema `bare`."""
    with connection.cursor() as cursor:
        cursor.execute("drop schema if exists bare cascade")
        cursor.execute("create schema bare")
        for table in tables:
            cursor.execute(
                f"create table bare.{table} (like public.{table} including defaults "
                "including identity)"
            )
            cursor.execute(_UNIQUE_KEYS, [f"public.{table}"])
            for (definition,) in cursor.fetchall():
                cursor.execute(definition.replace(" ON public.", " ON bare."))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop schema bare cascade")
