"""The directions of the house: which module may lean on which, and what leans.

Floors, bottom to top: affiliate.common, shops, creators, payouts, affiliate (the roof).
Strata of a floor, bottom to top: models, verbs, doors. `read` finds every way in which
one module leans on another; `refusal` says why it may not.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.house.source import Module, dotted, text_of

GROUND, ROOF = "affiliate.common", "affiliate"
FLOORS = (GROUND, "shops", "creators", "payouts", ROOF)
# Django's app labels, as they stand in "creators.Creator" and in migrations.
LABELS = {floor.rpartition(".")[2]: floor for floor in FLOORS}
# Doors whose base classes live on the floor where they first make sense:
# shops.admin.scope scopes the admin of every floor above.
SHARED_DOORS = {"admin", "api", "web"}
DOORS = SHARED_DOORS | {
    "tasks",
    "urls",
    "management",
    "apps",
    "templatetags",
    "middleware",
    "context_processors",
    "checks",
}
_RELATIONS = {
    "ForeignKey",
    "OneToOneField",
    "ManyToManyField",
    "ForeignObject",
    "GenericRelation",
}
_LOADERS = {"import_module", "__import__", "import_string"}
_TABLE = re.compile(r"\b(shops|creators|payouts)_[a-z]\w*")


class Stratum(StrEnum):
    PACKAGE = "package"
    MODELS = "models"
    VERBS = "verbs"
    DOORS = "doors"
    MIGRATIONS = "migrations"


@dataclass(frozen=True)
class Place:
    floor: str
    kind: str
    stratum: Stratum

    @property
    def height(self) -> int:
        return FLOORS.index(self.floor)


@dataclass(frozen=True)
class Edge:
    """One module leans on another. `how`: import, reference, table or unreadable."""

    source: str
    target: str
    line: int
    how: str = "import"


def place(module: str) -> Place | None:
    """Say where a module lives; None for what is not ours."""
    name = ROOF if module == "manage" else module
    for floor in FLOORS:
        if name == floor or name.startswith(floor + "."):
            kind = name[len(floor) + 1 :].partition(".")[0]
            return Place(floor, kind, _stratum(kind))
    return None


def _stratum(kind: str) -> Stratum:
    if kind in DOORS:
        return Stratum.DOORS
    if kind in {"models", "migrations"}:
        return Stratum(kind)
    return Stratum.VERBS if kind else Stratum.PACKAGE


# ------------------------------------------------------------------ judging


def refusal(edge: Edge, heavy: Collection[str] = ()) -> str | None:
    """Say why this edge is forbidden; None when it is allowed.

    `heavy` names the ground's modules that lean on its models: other models may use
    the ground's words (money, ids), not its verbs (audit, outbox).
    """
    here = place(edge.source)
    if here is None:
        return None
    if edge.target == "tests" or edge.target.startswith("tests."):
        return "the product knows nothing of its tests"
    if edge.how == "unreadable":
        return None if here.floor == ROOF else "the fence cannot read this import"
    there = place(edge.target)
    if there is None:
        return None
    if there.height > here.height:
        return f"{here.floor} lies below {there.floor}"
    if Stratum.MIGRATIONS in {here.stratum, there.stratum}:
        return _migration_refusal(edge)
    if here.floor == ROOF or there.stratum == Stratum.PACKAGE:
        return None
    return _stratum_refusal(here, there, edge.target in heavy)


def _migration_refusal(edge: Edge) -> str | None:
    if edge.how == "import":
        return "migrations import nothing of ours, and nobody imports them"
    return None


def _stratum_refusal(here: Place, there: Place, is_heavy: bool) -> str | None:
    if here.stratum == Stratum.PACKAGE:
        return "the __init__ of a floor stays empty"
    if here.stratum == Stratum.MODELS:
        is_word = there.floor == GROUND and there.stratum == Stratum.VERBS
        if there.stratum == Stratum.MODELS or (is_word and not is_heavy):
            return None
        return f"models lie below {there.stratum}"
    if there.stratum != Stratum.DOORS:
        return None
    if here.stratum == Stratum.VERBS:
        return "verbs lie below doors"
    return _door_refusal(here, there)


def _door_refusal(here: Place, there: Place) -> str | None:
    if here.kind == "urls":
        return None
    if here.floor == there.floor and here.kind in {there.kind, "apps"}:
        return None
    if here.kind == there.kind and here.kind in SHARED_DOORS:
        return None
    return f"the door {here.kind} does not open the door {there.kind}"


def heavy_ground(edges: Iterable[Edge]) -> set[str]:
    """Return the ground's modules that lean on its models, at any distance."""
    inside = [
        edge
        for edge in edges
        if edge.source.startswith(GROUND + ".")
        and edge.target.startswith(GROUND + ".")
        and _kind(edge.source) != "models"
    ]
    heavy: set[str] = set()
    while True:
        more = {
            edge.source
            for edge in inside
            if _kind(edge.target) == "models" or edge.target in heavy
        }
        if more <= heavy:
            return heavy
        heavy |= more


def _kind(module: str) -> str:
    found = place(module)
    return found.kind if found else ""


# ------------------------------------------------------------------ reading


def read(
    module: Module,
    known: Collection[str],
    tables: Mapping[str, str] | None = None,
) -> list[Edge]:
    """Return every way in which `module` leans on another.

    `known` holds the names of our modules: `from shops import orders` leans on
    shops.orders only if that is a module. `tables` maps our tables to their floors.
    """
    edges = [
        edge
        for node in ast.walk(module.tree)
        for edge in (*_imports(module, node, known), *_calls(module, node, known))
    ]
    edges += _migration_dependencies(module)
    edges += _tables(module, tables or {})
    return edges


def _resolve(name: str, known: Collection[str]) -> str:
    """Cut `shops.orders.record` down to the module in it."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if (head := ".".join(parts[:length])) in known:
            return head
    return name


def _imports(module: Module, node: ast.AST, known: Collection[str]) -> Iterator[Edge]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Edge(module.name, alias.name, node.lineno)
    if isinstance(node, ast.ImportFrom):
        base = _base(module, node.level, node.module or "")
        for alias in node.names:
            deep = f"{base}.{alias.name}"
            yield Edge(module.name, deep if deep in known else base, node.lineno)


def _base(module: Module, level: int, name: str) -> str:
    if not level:
        return name
    parts = module.name.split(".")
    up = level - 1 if module.is_package else level
    return ".".join([*parts[: len(parts) - up], *([name] if name else [])])


def _calls(module: Module, node: ast.AST, known: Collection[str]) -> Iterator[Edge]:
    if not isinstance(node, ast.Call):
        return
    name = dotted(node.func).rpartition(".")[2]
    if name in _LOADERS and node.args:
        yield _loaded(module, node, known)
    elif name in _RELATIONS:
        named = [kw.value for kw in node.keywords if kw.arg in {"to", "through"}]
        for value in (*node.args[:1], *named):
            yield from _reference(module, value)
    elif name in {"get_model", "get_registered_model", "get_app_config"}:
        for value in node.args[:1]:
            yield from _reference(module, value)


def _loaded(module: Module, call: ast.Call, known: Collection[str]) -> Edge:
    """Read import_module("shops.orders"), or as far as its f-string is literal."""
    first = call.args[0]
    name = text_of(first) or _literal_start(module, first)
    if name.startswith("."):
        name = module.name if len(call.args) > 1 else ""
    if not name:
        return Edge(module.name, "?", call.lineno, "unreadable")
    return Edge(module.name, _resolve(name, known), call.lineno)


def _literal_start(module: Module, node: ast.AST) -> str:
    if not isinstance(node, ast.JoinedStr) or not node.values:
        return ""
    first = node.values[0]
    if isinstance(first, ast.FormattedValue):
        own = dotted(first.value) in {"__name__", "__package__"}
        return module.name if own else ""
    # "shops.intake." is whole; in "shops.in" the last word may go on.
    return (text_of(first) or "").rpartition(".")[0]


def _reference(module: Module, node: ast.AST) -> Iterator[Edge]:
    label = (text_of(node) or "").partition(".")[0]
    if label in LABELS:
        target = f"{LABELS[label]}.models"
        yield Edge(module.name, target, node.lineno, "reference")  # type: ignore[attr-defined]


def _migration_dependencies(module: Module) -> Iterator[Edge]:
    if ".migrations." not in module.name:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assign) and {dotted(name) for name in node.targets} & {
            "dependencies",
            "run_before",
        }:
            for pair in ast.walk(node.value):
                if isinstance(pair, ast.Tuple) and pair.elts:
                    yield from _reference(module, pair.elts[0])


def _tables(module: Module, tables: Mapping[str, str]) -> Iterator[Edge]:
    """Find tables named in SQL: a lower floor writes no statement about an upper."""
    for line, value in module.literals():
        floors = {LABELS[match[1]] for match in _TABLE.finditer(value)}
        floors |= {
            floor
            for table, floor in tables.items()
            if table in value and re.search(rf"\b{re.escape(table)}\b", value)
        }
        for floor in sorted(floors):
            yield Edge(module.name, f"{floor}.models", line, "table")
