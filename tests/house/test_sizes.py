"""A module is read in one sitting, and the root of the repository at a glance."""

import ast
import textwrap

from tests.house import imports, source

MAX_LINES, MAX_FUNCTION_LINES, MAX_README_LINES = 400, 80, 250
# Names that say where code was put, not what it does.
DRAWERS = {"services", "utils", "helpers", "selectors"}
ROOT_NAMES = {
    "manage.py",
    "pyproject.toml",
    "requirements.txt",
    "README.md",
    "affiliate",
    "shops",
    "creators",
    "payouts",
    "templates",
    "tests",
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_functions(module: source.Module) -> list[str]:
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            # From `def` on: a decorator that holds a table of cases is data.
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                found.append(f"{module.at(node.lineno)} {node.name}: {lines} lines")
    return found


def is_drawer(name: str) -> bool:
    return bool(DRAWERS & set(name.split(".")))


def test_no_module_is_longer_than_400_lines() -> None:
    long = [
        f"{module.place}: {lines} lines"
        for module in (*source.product(), *source.tests())
        if (lines := len(module.text.splitlines())) > MAX_LINES
    ]

    assert not long, "\n" + "\n".join(long)


def test_no_function_is_longer_than_80_lines() -> None:
    long = [
        place
        for module in (*source.product(), *source.tests())
        for place in long_functions(module)
    ]

    assert not long, "\n" + "\n".join(long)


def test_a_function_of_80_lines_passes_and_one_of_81_does_not() -> None:
    body = "x = 1\n" * (MAX_FUNCTION_LINES - 1)
    fits = "def f():\n" + textwrap.indent(body, "    ")
    nested = "class A:\n    async def g(self):\n" + textwrap.indent(body, " " * 8)

    assert long_functions(source.made_up("shops.a", fits)) == []
    assert long_functions(source.made_up("shops.a", fits + "    x = 2\n"))
    assert long_functions(source.made_up("shops.a", nested)) == []
    assert long_functions(source.made_up("shops.a", nested + " " * 8 + "x = 2\n"))


def test_no_module_is_a_drawer() -> None:
    drawers = [m.place for m in source.product() if is_drawer(m.name)]

    assert not drawers, f"name these after their noun: {drawers}"


def test_a_drawer_is_known_as_a_file_and_as_a_folder() -> None:
    assert is_drawer("shops.services")
    assert is_drawer("shops.helpers.orders")
    assert not is_drawer("affiliate.common.notify")


def test_the_root_holds_only_what_must_stand_there() -> None:
    names = {name.partition("/")[0] for name in source.kept_files()}

    strangers = sorted(n for n in names - ROOT_NAMES if not n.startswith("."))

    assert strangers == []


def test_a_floor_is_one_django_app() -> None:
    nested = [
        m.place
        for m in source.product()
        if m.name.endswith(".apps")
        and m.name.removesuffix(".apps") not in imports.FLOORS
    ]

    assert nested == []


def test_the_readme_is_read_in_one_sitting() -> None:
    lines = (source.ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    assert len(lines) <= MAX_README_LINES
