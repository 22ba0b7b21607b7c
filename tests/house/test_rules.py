"""Every rule with a name is tested, and the table of them names tests that exist."""

import ast
from pathlib import Path

import pytest

from tests.house.rules import NAMED, RULES

TESTS = Path(__file__).parents[1]
PLACES = [
    pytest.param(place, id=f"{rule}: {border}")
    for rule, borders in RULES.items()
    for border, place in borders.items()
]


def names_in(path: Path) -> set[str]:
    """Return the names of a file's tests; none where there is no file."""
    if not path.is_file():
        return set()
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_rule_has_a_test() -> None:
    assert set(RULES) == NAMED
    assert all(RULES.values())


@pytest.mark.parametrize("place", PLACES)
def test_the_test_of_a_rule_exists(place: str) -> None:
    path, _, name = place.partition("::")

    assert name in names_in(TESTS / path)


def test_a_test_that_is_no_more_is_missed() -> None:
    assert "test_gone" not in names_in(TESTS / "house" / "test_rules.py")
    assert names_in(TESTS / "house" / "gone.py") == set()
