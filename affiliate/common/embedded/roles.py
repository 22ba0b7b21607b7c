"""Who owns the tables, and who may only work with them.

Owners bypass the triggers that keep a ledger append-only: they may disable them. So
migrations run as the owner and the application as a role that owns nothing.
"""

from collections.abc import Collection
from typing import LiteralString

import psycopg
from psycopg import sql

APPLICATION = "marketplace"

_GRANTS = """
    revoke create on schema public from public;
    grant usage on schema public to {role};
    grant temporary on database {database} to {role};
    grant select, insert, update, delete on all tables in schema public to {role};
    grant usage, select on all sequences in schema public to {role};
    grant execute on all functions in schema public to {role};
    alter default privileges in schema public
        grant select, insert, update, delete on tables to {role};
    alter default privileges in schema public
        grant usage, select on sequences to {role};
    alter default privileges in schema public grant execute on functions to {role};
"""
_ADD_ONLY = "revoke update, delete, truncate on {table} from {role}"


def furnish(server_url: str, database: str, role: str = APPLICATION) -> None:
    """Create the application's role and the database where they are missing.

    `server_url` is the owner's, on another database of that server, the same each
    time: two callers wait for each other there. Run again, it changes nothing.
    """
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtext('roles.furnish'))")
        if not _finds(connection, "from pg_roles where rolname = %s", role):
            connection.execute(_sql("create role {role} login", role=role))
        if not _finds(connection, "from pg_database where datname = %s", database):
            connection.execute(_sql("create database {name}", name=database))


def grant(
    owner_url: str, *, append_only: Collection[str], role: str = APPLICATION
) -> None:
    """Let `role` work with every table, but only read and add to `append_only`.

    Run it after each `migrate`: a table made since is open to changes until then.
    Run twice, or at once with another, it ends the same. Where the owner's own role is
    the application's (one DATABASE_URL for both) it changes nothing.

    Raises psycopg.errors.UndefinedTable, and grants nothing, for a table that is not
    there: a name misspelt would leave it open.
    """
    with psycopg.connect(owner_url) as connection:
        if connection.info.user == role:
            return
        connection.execute("select pg_advisory_xact_lock(hashtext('roles.grant'))")
        database = connection.info.dbname
        connection.execute(_sql(_GRANTS, role=role, database=database))
        for table in append_only:
            connection.execute(_sql(_ADD_ONLY, table=table, role=role))


def role_of(url: str) -> str:
    """Return the role that `url` signs in as, also where it leaves it to the server."""
    with psycopg.connect(url) as connection:
        return connection.info.user


def _sql(words: LiteralString, **names: str) -> sql.Composed:
    quoted = {key: sql.Identifier(name) for key, name in names.items()}
    return sql.SQL(words).format(**quoted)


def _finds(
    connection: psycopg.Connection[tuple[object, ...]], rest: LiteralString, name: str
) -> bool:
    query = sql.SQL("select " + rest)
    return connection.execute(query, [name]).fetchone() is not None
