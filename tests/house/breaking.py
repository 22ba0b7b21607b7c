"""A pytest plugin: a test marked `breaks("name")` fails unless the database refused.

A mark is a claim. This listens to every error that PostgreSQL answers while the test
runs, on any connection and any thread, also where the code under test catches it; the
test passes only if one of them names the constraint or the trigger.
"""

import re
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

import psycopg.errors
import pytest

_FUNCTION = re.compile(r'function (?:\w+\.)?"?(\w+)"?\(')
_signals: dict[str, frozenset[str]] = {}


@contextmanager
def listening() -> Iterator[set[str]]:
    """Collect the names in the database's errors: constraints, trigger functions."""
    heard: set[str] = set()
    original = psycopg.errors.error_from_result

    def hear(*args: Any, **kwargs: Any) -> psycopg.Error:
        error = original(*args, **kwargs)
        heard.update(_names(error))
        return error

    with mock.patch.object(psycopg.errors, "error_from_result", hear):
        yield heard


def _names(error: psycopg.Error) -> Iterator[str]:
    if error.diag.constraint_name:
        yield error.diag.constraint_name
        return
    # A trigger that names no constraint is known by its function: the innermost one
    # raised, the lines below are its callers.
    innermost = (error.diag.context or "").split("\n")[0]
    yield from _FUNCTION.findall(innermost)


def unbroken(
    marked: Collection[str],
    heard: Collection[str],
    signals: Mapping[str, frozenset[str]],
) -> list[str]:
    """Return the marked names that no error of the database spoke of."""
    return [
        name
        for name in marked
        if (expected := signals.get(name, frozenset({name})))
        and expected.isdisjoint(heard)
    ]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    marked = [name for mark in item.iter_markers("breaks") for name in mark.args]
    if not marked:
        return (yield)
    _learn_signals(item)
    with listening() as heard:
        result = yield
    if missing := unbroken(marked, heard, _signals):
        pytest.fail(
            f"marked as breaking {', '.join(missing)}, but the database only refused "
            f"by {', '.join(sorted(heard)) or 'nothing'}",
            pytrace=False,
        )
    return result


def _learn_signals(item: pytest.Item) -> None:
    """Ask once how errors name each rule; only a test with a database can tell."""
    fixtures = set(getattr(item, "fixturenames", ()))
    has_database = item.get_closest_marker("django_db") or fixtures & {
        "db",
        "transactional_db",
    }
    if _signals or not has_database:
        return
    from django.db import connection

    from tests.house import constraints

    _signals.update({rule.name: rule.signals for rule in constraints.rules(connection)})
