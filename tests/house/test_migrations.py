"""Migrations say what they do, stand alone, and go back (house.md §5)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from tests import copies
from tests.house import imports, migrations, source
from tests.house.imports import Stratum

FLOORS = ("shops", "creators", "payouts")
COPY = "house_migrations"
_SHAPE = """
    select 'constraint', conname, pg_get_constraintdef(oid) from pg_constraint
     where connamespace = current_schema()::regnamespace
    union all
    select 'index', indexname, indexdef from pg_indexes
     where schemaname = current_schema()
    union all
    select 'trigger', tgname, pg_get_triggerdef(g.oid) from pg_trigger g
     where not tgisinternal
    union all
    select 'function', proname, prosrc from pg_proc
     where pronamespace = current_schema()::regnamespace
    union all
    select 'column', table_name || '.' || column_name, data_type
      from information_schema.columns where table_schema = current_schema()
"""


def written() -> list[source.Module]:
    return [
        module
        for module in source.product()
        if (where := imports.place(module.name))
        and where.stratum == Stratum.MIGRATIONS
        and not module.is_package
    ]


@pytest.mark.django_db
def test_the_models_have_their_migrations() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


def test_migrations_are_named_by_what_they_do() -> None:
    assert list(migrations.name_faults(written())) == []


def test_migrations_import_nothing_that_may_change() -> None:
    found = [line for m in written() for line in migrations.foreign_imports(m)]

    assert not found, "\n" + "\n".join(found)


def test_statements_go_back_or_say_why_not() -> None:
    found = [line for m in written() for line in migrations.one_way_steps(m)]

    assert not found, "\n" + "\n".join(found)


def test_schema_and_data_are_changed_apart() -> None:
    found = [line for m in written() for line in migrations.mixed_steps(m)]

    assert not found, "\n" + "\n".join(found)


@pytest.fixture
def copied_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """Give the alias of a copy of the test database, to be torn down at will."""
    with django_db_blocker.unblock():
        original = connection.settings_dict["NAME"]
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"drop database if exists {COPY}")
            copies.make(cursor, COPY, original)
        options = {**connection.settings_dict["OPTIONS"]}
        options.pop("pool", None)
        connections.databases[COPY] = {
            **connection.settings_dict,
            "NAME": COPY,
            "OPTIONS": options,
        }
        try:
            yield COPY
        finally:
            connections[COPY].close()
            del connections[COPY], connections.databases[COPY]
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"drop database {COPY} with (force)")


def shape(alias: str) -> set[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(_SHAPE)
        return set(cursor.fetchall())


@pytest.mark.slow
def test_every_floor_goes_down_and_comes_up_the_same(copied_database: str) -> None:
    before = shape(copied_database)

    # What stands on a floor goes down with it.
    call_command("migrate", FLOORS[0], "zero", database=copied_database, verbosity=0)
    bare = shape(copied_database)
    call_command("migrate", database=copied_database, verbosity=0)

    left = {row[:2] for row in bare if row[1].startswith(FLOORS)}
    assert left == set()
    assert shape(copied_database) == before


# ------------------------------------------------------------------ the readings

UP, BACK = "migrations.RunSQL('create x'", "'drop x')"


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("0002_auto_20261122_1000", "0002_automate_holds"),
        ("0002_alter_user_email_and_more", "0002_alter_user_email"),
        ("0002_merge_rates_and_boosts", "0002_emerge"),
        ("0001_initial", "0001_create_shops"),
        ("2_add_rates", "0002_add_rates"),
        ("0001_add_rates", "0002_add_rates"),
    ],
)
def test_a_name_says_what_the_migration_does(bad: str, good: str) -> None:
    first = source.made_up("shops.migrations.0001_create", "")

    def faults(name: str) -> list[str]:
        second = source.made_up(f"shops.migrations.{name}", "")
        others = [] if name == "0001_create_shops" else [first]
        return list(migrations.name_faults([*others, second]))

    assert faults(bad)
    assert faults(good) == []


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("from shops.models import Shop", "from django.db import models"),
        ("import affiliate.common.ids", "import pgtrigger.compiler, datetime"),
        ("from .x import f", "from uuid import uuid4"),
        (f"{UP})", f"{UP}, {BACK}"),
        (f"{UP}, reverse_sql=None)", f"{UP}, reverse_sql={BACK}"),
        ("RunPython(fill)", "RunPython(fill, empty)"),
        (f"{UP})", f"# irreversible because the rows are gone\n{UP})"),
        (
            "[AddField('a'), RunPython(fill, empty)]",
            "[RunSQL('x', 'y'), RunPython(fill, empty)]",
        ),
    ],
)
def test_a_reading_of_migrations_finds_one_and_not_its_twin(
    bad: str, good: str
) -> None:
    def faults(text: str) -> list[str]:
        module = source.made_up("shops.migrations.0002_x", text)
        return [
            *migrations.foreign_imports(module),
            *migrations.one_way_steps(module),
            *migrations.mixed_steps(module),
        ]

    assert faults(bad)
    assert faults(good) == []
