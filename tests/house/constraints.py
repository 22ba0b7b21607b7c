"""Reads what the database refuses, and which tests say that they make it refuse."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.house.imports import LABELS
from tests.house.source import Module, dotted, text_of

_CONSTRAINTS = """
    select c.conname, t.relname, c.contype::text, array_agg(a.attname order by k.place)
      from pg_constraint c
      join pg_class t on t.oid = c.conrelid
      join pg_namespace n on n.oid = t.relnamespace and n.nspname = current_schema()
      cross join unnest(coalesce(c.conkey, '{0}')) with ordinality k (number, place)
      left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number
     where c.contype in ('c', 'u', 'x', 't', 'f') and c.conparentid = 0
     group by c.oid, t.relname
"""
_UNIQUE_INDEXES = """
    select i.relname, t.relname, 'i', array[null::text]
      from pg_index x
      join pg_class i on i.oid = x.indexrelid
      join pg_class t on t.oid = x.indrelid
      join pg_namespace n on n.oid = t.relnamespace and n.nspname = current_schema()
     where x.indisunique and not t.relispartition
       and not exists (select from pg_constraint c where c.conindid = i.oid
                                                     and c.conrelid = t.oid)
"""
_TRIGGERS = """
    select g.tgname, t.relname, p.proname, p.prosrc
      from pg_trigger g
      join pg_class t on t.oid = g.tgrelid
      join pg_namespace n on n.oid = t.relnamespace and n.nspname = current_schema()
      join pg_proc p on p.oid = g.tgfoid
     where not g.tgisinternal and g.tgparentid = 0
"""
_LEANED_ON = """
    select distinct i.relname from pg_constraint c join pg_class i on i.oid = c.conindid
     where c.contype = 'f'
"""


@dataclass(frozen=True)
class Rule:
    """Something the database refuses: what a test calls it, how an error names it.

    A rule that raises nothing (a trigger that only fills a column) has no `signals`.
    """

    name: str
    table: str
    signals: frozenset[str] = field(default_factory=frozenset)


def rules(connection: Any) -> list[Rule]:
    """Return the constraints, unique indexes and refusing triggers of our tables.

    Left out: primary keys, not-null, single-column foreign keys, Django's own checks
    of a column's type, and unique keys that hold the primary key (see `superkeys`).
    A unique field without a name of its own is called `<table>.<column>`.
    """
    found = [*_declared(), *_triggers(connection)]
    told = {rule.name for rule in found} | superkeys()
    strangers = _strangers()
    for name, table, kind, columns in _rows(connection, _CONSTRAINTS, _UNIQUE_INDEXES):
        if table in strangers or name in told or (kind == "f" and len(columns) == 1):
            continue
        if kind in {"u", "c"} and _is_of_field(table, columns, kind, connection):
            if kind == "c":
                continue
            name_here = f"{table}.{columns[0]}"
            found.append(Rule(name_here, table, frozenset({name})))
        else:
            found.append(Rule(name, table, frozenset({name})))
    return found


def existing(connection: Any) -> set[str]:
    """Return the names of everything in the database that may hold a constraint."""
    rows = _rows(connection, _CONSTRAINTS, _UNIQUE_INDEXES)
    return {row[0] for row in rows}


def declared_names() -> dict[str, str]:
    """Return the constraints that our models declare, each with its model."""
    return {
        constraint.name: model._meta.label
        for model in _models()
        for constraint in model._meta.constraints
    }


def superkeys() -> set[str]:
    """Return the unique constraints that hold the primary key.

    Nothing can break them: the primary key refuses first. They exist so that a
    foreign key of several columns can lean on them, and that one is broken.
    """
    return {
        constraint.name
        for model in _models()
        for constraint in model._meta.constraints
        if model._meta.pk.name in getattr(constraint, "fields", ())
        and getattr(constraint, "condition", None) is None
    }


def leaned_on(connection: Any) -> set[str]:
    """Return the unique indexes on which a foreign key leans."""
    return {row[0] for row in _rows(connection, _LEANED_ON)}


def _declared() -> Iterator[Rule]:
    keys = superkeys()
    for model in _models():
        for constraint in model._meta.constraints:
            if constraint.name not in keys:
                signals = frozenset({constraint.name})
                yield Rule(constraint.name, model._meta.db_table, signals)


def _triggers(connection: Any) -> Iterator[Rule]:
    import pgtrigger

    ours = {
        trigger.get_pgid(model): trigger.name
        for model, trigger in pgtrigger.registered()
    }
    strangers = _strangers()
    for pgid, table, function, body in _rows(connection, _TRIGGERS):
        if table in strangers:
            continue
        name = ours.get(pgid, pgid)
        refuses = "raise" in body.lower()
        yield Rule(name, table, frozenset({name, function} if refuses else ()))


def _rows(connection: Any, *queries: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        rows: list[tuple[Any, ...]] = []
        for query in queries:
            cursor.execute(query)
            rows += cursor.fetchall()
    return rows


def _models() -> list[Any]:
    from django.apps import apps

    return [m for m in apps.get_models() if m._meta.app_label in LABELS]


def _strangers() -> set[str]:
    """Return the tables that libraries made, and Django's own for many-to-many."""
    from django.apps import apps

    return {"django_migrations"} | {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.auto_created or model._meta.app_label not in LABELS
    }


def _is_of_field(table: str, columns: list[str], kind: str, connection: Any) -> bool:
    """Say whether Django made this constraint out of one field."""
    for model in _models():
        for its in model._meta.local_concrete_fields:
            if model._meta.db_table == table and [its.column] == columns:
                check = its.db_parameters(connection)["check"]
                return bool(its.unique if kind == "u" else check)
    return False


# ------------------------------------------------------------------ the marks


@dataclass(frozen=True)
class Mark:
    """`@pytest.mark.breaks(name)` on a test; without a name it cannot be read."""

    name: str | None
    place: str


def marks(modules: Iterable[Module]) -> Iterator[Mark]:
    """Yield the marks that stand on tests, on classes of tests or on their cases."""
    for module in modules:
        for call in _mark_calls(module.tree):
            names = [text_of(value) for value in call.args]
            for name in names or [None]:
                yield Mark(name, module.at(call.lineno))


def _mark_calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        for carrier in _carriers(node):
            yield from _breaks(carrier)


def _carriers(node: ast.AST) -> list[ast.expr]:
    """Return the expressions by which a test, or one of its cases, carries marks."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.decorator_list if node.name.lower().startswith("test") else []
    if isinstance(node, ast.keyword):
        return [node.value] if node.arg == "marks" else []
    if isinstance(node, ast.Assign):
        return [node.value] if dotted(node.targets[0]) == "pytestmark" else []
    return []


def _breaks(carrier: ast.expr) -> Iterator[ast.Call]:
    """Yield the marks in a decorator or a list, but not inside a table of cases."""
    if isinstance(carrier, ast.List | ast.Tuple):
        for element in carrier.elts:
            yield from _breaks(element)
    elif isinstance(carrier, ast.Call) and dotted(carrier.func).endswith("mark.breaks"):
        yield carrier
