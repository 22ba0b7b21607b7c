"""Every public verb says what it will do, and more than its own name (house.md §4)."""

import ast
import re

import pytest

from tests.house import imports, source
from tests.house.imports import Stratum

Public = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_IDLE = """
    a an the this that these it its is are be been of for to in on at by from with
    and or not no will function method class module verb helper return raise get set
    do make new one all any some given
"""
_ENDINGS = re.compile(r"(ing|ed|es|s|e)$")


def _stems(words: str) -> set[str]:
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", words.replace("_", " ")).lower()
    found = re.findall(r"[a-zà-ÿ0-9]+", parted)
    return {_ENDINGS.sub("", word) for word in found if word not in _IDLE.split()}


def fault(node: Public, module: source.Module) -> str | None:
    """Say what is wrong with the docstring of one public name."""
    said = ast.get_docstring(node)
    if not said:
        return "no docstring"
    names = [node.name, module.name.rpartition(".")[2]]
    if not isinstance(node, ast.ClassDef):
        arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        names += [argument.arg for argument in arguments]
    if _stems(said) <= _stems(" ".join(names)):
        return f"the docstring only repeats the name: {said!r}"
    return None


def faults(module: source.Module) -> list[str]:
    return [
        f"{module.at(node.lineno)} {node.name}: {why}"
        for node in module.tree.body
        if isinstance(node, Public)
        and not node.name.startswith("_")
        and (why := fault(node, module))
    ]


def is_verb(module: source.Module) -> bool:
    where = imports.place(module.name)
    return (
        where is not None
        and where.floor != imports.ROOF
        and where.stratum == Stratum.VERBS
    )


def test_every_public_verb_says_what_it_will_do() -> None:
    silent = [
        line
        for module in source.product()
        if is_verb(module)
        for line in faults(module)
    ]

    assert not silent, "\n" + "\n".join(silent)


def test_the_verbs_of_every_floor_are_read() -> None:
    floors = {
        place.floor
        for module in source.product()
        if is_verb(module) and (place := imports.place(module.name))
    }

    assert floors == set(imports.FLOORS) - {imports.ROOF}


@pytest.mark.parametrize(
    ("empty", "telling"),
    [
        ("def record(order): pass", "def _record(order): pass"),
        (
            'def record(order):\n    """Record the order."""',
            'def record(order):\n    """Record the order, once."""',
        ),
        (
            'async def record_all(shop):\n    """Records all of the shop."""',
            'async def record_all(shop):\n    """Records at most 10,000 orders."""',
        ),
        (
            'class InPayoutRun(Exception):\n    """In a payout run."""',
            'class InPayoutRun(Exception):\n    """Being sent: claw it back."""',
        ),
    ],
)
def test_a_docstring_that_repeats_the_name_is_none(empty: str, telling: str) -> None:
    assert faults(source.made_up("shops.orders", empty))
    assert faults(source.made_up("shops.orders", telling)) == []
