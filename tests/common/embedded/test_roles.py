"""What the application's role may do, on whatever server the suite stands on."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import errors, sql

from affiliate.common.embedded import roles

ROLE, PASSWORD = f"embedded_app_{os.getpid()}", token_hex()
TABLES = """
    create table plain (id bigint generated always as identity, word text);
    create table counted (id bigserial, word text);
    create table ledger (id bigint generated always as identity, word text);
    create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'append-only'; end $$;
    create trigger ledger_is_never_changed before update or delete on ledger
        for each row execute function refuse();
    create function greet() returns text language sql as $$ select 'hello' $$;
    insert into plain (word) values ('old');
    insert into ledger (word) values ('old');
"""


@pytest.fixture(scope="module")
def owner_url() -> Iterator[str]:
    """A database of its own, with a role that is not yet allowed anything."""
    name = sql.Identifier(f"embedded_roles_{os.getpid()}")
    server_url = os.environ["DATABASE_OWNER_URL"]
    role, database = sql.Identifier(ROLE), urlsplit(server_url)
    with psycopg.connect(
        database._replace(path="/postgres").geturl(), autocommit=True
    ) as server:
        server.execute(sql.SQL("create database {}").format(name))
        server.execute(
            sql.SQL("create role {} login password {}").format(role, PASSWORD)
        )
        owner_url = database._replace(path=f"/embedded_roles_{os.getpid()}").geturl()
        try:
            with psycopg.connect(owner_url) as owner:
                owner.execute(TABLES)
            roles.grant(owner_url, append_only=["ledger"], role=ROLE)
            yield owner_url
        finally:
            server.execute(sql.SQL("drop database {} with (force)").format(name))
            server.execute(sql.SQL("drop role {}").format(role))


@pytest.fixture
def app(owner_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection of the application's role; what it does is undone."""
    with psycopg.connect(owner_url, user=ROLE, password=PASSWORD) as connection:
        yield connection
        connection.rollback()


App = psycopg.Connection[tuple[object, ...]]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into plain (word) values ('new')",
        "insert into counted (word) values ('new')",
        "insert into ledger (word) values ('new')",
        "update plain set word = 'new'",
        "delete from plain",
        "select * from ledger",
        "select greet()",
        "create temporary table scratch (id int) on commit drop",
    ],
)
def test_the_application_does_its_work(app: App, statement: str) -> None:
    assert app.execute(statement.encode()).statusmessage


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger set word = 'new'",
        "delete from ledger",
        "truncate ledger",
        "truncate plain",
        "drop table ledger",
        "alter table ledger disable trigger all",
        "alter table ledger disable trigger user",
        "drop trigger ledger_is_never_changed on ledger",
        "create or replace function refuse() returns trigger language plpgsql as "
        "$$ begin return new; end $$",
        "create trigger mine before insert on ledger for each row "
        "execute function refuse()",
        "create table mine (id int)",
        "create function mine() returns int language sql as $$ select 1 $$",
        "alter table ledger owner to current_user",
        "set session_replication_role = replica",
        "create role mine",
        "create schema mine",
    ],
)
def test_the_application_cannot_undo_its_own_guards(app: App, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "alter table ledger disable trigger all",
        "set session_replication_role = replica",
    ],
)
def test_the_owner_could(owner_url: str, statement: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute(statement.encode())
        owner.rollback()


def test_the_application_cannot_give_itself_a_right(app: App, owner_url: str) -> None:
    # PostgreSQL answers with a mere warning; what counts is what it leaves.
    app.execute("grant update on ledger to current_user")
    app.commit()

    assert not may(owner_url, "ledger", "update")


def may(owner_url: str, table: str, privilege: str) -> bool:
    with psycopg.connect(owner_url) as owner:
        row = owner.execute(
            "select has_table_privilege(%s, %s, %s)", [ROLE, table, privilege]
        ).fetchone()
    return row == (True,)


def test_the_application_owns_nothing(app: App) -> None:
    row = app.execute(
        "select rolsuper or rolcreatedb or rolcreaterole or rolreplication or "
        "rolbypassrls, (select count(*) from pg_class where relowner = r.oid) "
        "from pg_roles r where rolname = current_user"
    ).fetchone()

    assert row == (False, 0)


def test_a_later_migration_is_open_to_the_application(owner_url: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute("create table later (id bigserial)")

    with psycopg.connect(owner_url, user=ROLE, password=PASSWORD) as app:
        app.execute("insert into later default values")
        assert app.execute("select count(*) from later").fetchone() == (1,)


def test_a_later_ledger_is_closed_by_the_next_grant(owner_url: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute("create table later_ledger (id bigserial)")
    assert may(owner_url, "later_ledger", "update")

    roles.grant(owner_url, append_only=["ledger", "later_ledger"], role=ROLE)

    assert not may(owner_url, "later_ledger", "update")
    assert may(owner_url, "later_ledger", "insert")


def test_a_misspelt_ledger_is_an_error(owner_url: str) -> None:
    with pytest.raises(errors.UndefinedTable):
        roles.grant(owner_url, append_only=["leger"], role=ROLE)


def test_grants_at_once_all_succeed(owner_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        granting = [
            pool.submit(roles.grant, owner_url, append_only=["ledger"], role=ROLE)
            for _ in range(8)
        ]

    assert [it.exception() for it in granting] == [None] * 8


def test_one_role_for_both_keeps_its_rights(owner_url: str) -> None:
    role = roles.role_of(owner_url)

    roles.grant(owner_url, append_only=["ledger"], role=role)

    with psycopg.connect(owner_url) as owner:
        acl = owner.execute(
            "select relacl::text from pg_class where relname = 'ledger'"
        ).fetchone()
        owner.execute("truncate ledger")
        owner.rollback()
    assert acl is not None
    assert f"{ROLE}=ar/" in str(acl[0])
