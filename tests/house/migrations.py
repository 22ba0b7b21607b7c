"""Reads the migrations: their names, what they import, and whether they go back."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from tests.house.source import Module, dotted

_NAME = re.compile(r"\d{4}_[a-z][a-z0-9_]*$")
# What Django calls a migration when nobody says what it does, and what merges.
_NAMELESS = re.compile(r"(^|_)(auto|merge)(_|$)|_and_more$|^\d{4}_initial$")
_MAY_IMPORT = {"django", "pgtrigger", *sys.stdlib_module_names}
_REVERSE = {"RunSQL": "reverse_sql", "RunPython": "reverse_code"}
_SCHEMA = {
    "CreateModel",
    "DeleteModel",
    "RenameModel",
    "AddField",
    "AlterField",
    "RemoveField",
    "RenameField",
    "AddConstraint",
    "RemoveConstraint",
    "AddIndex",
    "RemoveIndex",
    "AddTrigger",
    "RemoveTrigger",
}
_EXCUSE = "irreversible because"


def name_faults(modules: Iterable[Module]) -> Iterator[str]:
    """Yield the migrations whose name or number tells nothing, or tells two things."""
    numbers: Counter[str] = Counter()
    for module in modules:
        folder, _, name = module.name.rpartition(".")
        numbers[f"{folder}.{name[:4]}"] += 1
        if not _NAME.match(name) or _NAMELESS.search(name):
            yield f"{module.place}: name it by what it does"
    yield from (
        f"{number}: two migrations carry this number; renumber one"
        for number, times in numbers.items()
        if times > 1
    )


def foreign_imports(module: Module) -> Iterator[str]:
    """Yield the imports that may change after the migration was written."""
    for node in ast.walk(module.tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        for name in names:
            if name.partition(".")[0] not in _MAY_IMPORT:
                yield f"{module.at(node.lineno)} imports {name}"


def one_way_steps(module: Module) -> Iterator[str]:
    """Yield the statements that do not go back and do not say why."""
    for call, name in _operations(module):
        if name in _REVERSE and not _goes_back(call, _REVERSE[name]):
            lines = range(call.lineno - 1, (call.end_lineno or call.lineno) + 1)
            if not any(_EXCUSE in module.comments.get(line, "") for line in lines):
                yield f"{module.at(call.lineno)} {name} does not go back"


def mixed_steps(module: Module) -> Iterator[str]:
    """Yield where data are changed beside the schema: one of them may have to wait."""
    operations = list(_operations(module))
    if any(name in _SCHEMA for _, name in operations):
        for call, name in operations:
            if name == "RunPython":
                yield f"{module.at(call.lineno)} changes data beside the schema"


def _operations(module: Module) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func).rpartition(".")[2]


def _goes_back(call: ast.Call, keyword: str) -> bool:
    named = [kw.value for kw in call.keywords if kw.arg == keyword]
    given = [*call.args[1:2], *named]
    return any(
        not (isinstance(value, ast.Constant) and value.value is None) for value in given
    )
