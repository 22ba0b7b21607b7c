"""Who owns the tables, and who may only work with them.

Owners bypass the triggers that keep the ledger append-only: they may disable them. So
migrations run as the owner and the application as a role that owns nothing.
"""

import psycopg
from psycopg import sql

APPLICATION = "marketplace"

# Rows that are added and read, never changed: the ledger and the audit trail.
APPEND_ONLY = ("payouts_ledgerentry", "payouts_ledgerleg", "common_auditentry")

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


def furnish(server_url: str, database: str, role: str = APPLICATION) -> None:
    """Create the application's role and the database where they are missing.

    `server_url` is the owner's, on another database of that server, the same each
    time: two callers wait for each other there. Run again, it changes nothing.
    """
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtext('roles.furnish'))")
        if not _exists(connection, "select from pg_roles where rolname = %s", role):
            connection.execute(sql.SQL("create role {} login").format(_name(role)))
        if not _exists(
            connection, "select from pg_database where datname = %s", database
        ):
            connection.execute(
                sql.SQL("create database {}").format(_name(database)),
            )


def grant(owner_url: str, role: str = APPLICATION) -> None:
    """Let `role` work with every table, and only add to the append-only ones.

    Run it after each `migrate`: a table made since is open to changes until then.
    Run twice or at once with another, it ends the same. Where the owner's own role is
    the application's (one DATABASE_URL for both) it changes nothing.
    """
    with psycopg.connect(owner_url) as connection:
        if connection.info.user == role:
            return
        connection.execute("select pg_advisory_xact_lock(hashtext('roles.grant'))")
        connection.execute(
            sql.SQL(_GRANTS).format(
                role=_name(role), database=_name(connection.info.dbname)
            )
        )
        for table in APPEND_ONLY:
            if _exists(connection, "select where to_regclass(%s) is not null", table):
                connection.execute(
                    sql.SQL(
                        "revoke update, delete, truncate on {} from {}",
                    ).format(sql.Identifier("public", table), _name(role))
                )


def _name(word: str) -> sql.Identifier:
    return sql.Identifier(word)


def _exists(
    connection: psycopg.Connection[tuple[object, ...]], query: str, word: str
) -> bool:
    return connection.execute(query, [word]).fetchone() is not None
