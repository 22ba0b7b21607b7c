"""Every constraint and every trigger is broken by a test that says so (house.md §3).

A declared constraint that never existed, or one that refuses something else, is found
here: the mark `breaks(name)` is proved by the plugin `tests.house.breaking`.
"""

from collections import Counter

import pytest
from django.db import IntegrityError, connection, transaction

from affiliate.common.models import User
from tests.house import breaking, constraints, source

pytestmark = pytest.mark.django_db


def test_every_rule_of_the_database_is_broken_by_a_test() -> None:
    broken = {mark.name for mark in constraints.marks(source.tests())}

    missing = [
        f"{rule.table}: {rule.name}"
        for rule in constraints.rules(connection)
        if rule.name not in broken
    ]

    assert not missing, "no test breaks\n" + "\n".join(sorted(missing))


def test_every_mark_names_a_rule_of_the_database() -> None:
    known = {rule.name for rule in constraints.rules(connection)}

    unknown = [
        f"{mark.place} {mark.name or 'not a literal name'}"
        for mark in constraints.marks(source.tests())
        if mark.name not in known
    ]

    assert not unknown, "\n" + "\n".join(unknown)


def test_every_declared_constraint_exists() -> None:
    absent = constraints.declared_names().keys() - constraints.existing(connection)

    assert not absent


def test_a_name_means_one_rule() -> None:
    names = Counter(rule.name for rule in constraints.rules(connection))

    assert not [name for name, times in names.items() if times > 1]


def test_a_key_around_the_primary_key_carries_a_foreign_key() -> None:
    idle = constraints.superkeys() - constraints.leaned_on(connection)

    assert not idle, f"nothing leans on {sorted(idle)}"


def test_the_marks_are_proved(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.has_plugin("tests.house.breaking")


# ------------------------------------------------------------------ the readings


def two_users(second: str) -> None:
    User.objects.create_user("lea@mail.example")
    with transaction.atomic():
        User.objects.bulk_create([User(email=second)])


def test_the_listener_hears_which_constraint_refused() -> None:
    with breaking.listening() as heard, pytest.raises(IntegrityError):
        two_users("LEA@mail.example")

    assert heard == {"user_email_is_unique_without_case"}


def test_the_listener_hears_nothing_when_nothing_is_refused() -> None:
    with breaking.listening() as heard:
        two_users("zoe@mail.example")

    assert heard == set()


def test_a_mark_is_proved_by_its_own_signal_only() -> None:
    signals = {"sealed": frozenset({"sealed", "f_seal"}), "filled": frozenset[str]()}

    assert breaking.unbroken(["sealed"], {"f_seal"}, signals) == []
    assert breaking.unbroken(["sealed"], {"f_other"}, signals) == ["sealed"]
    assert breaking.unbroken(["filled"], set(), signals) == []
    assert breaking.unbroken(["unknown"], {"unknown"}, signals) == []
    assert breaking.unbroken(["unknown"], set(), signals) == ["unknown"]


def names(text: str) -> list[str | None]:
    return [mark.name for mark in constraints.marks([source.made_up("tests.t", text)])]


def test_marks_are_read_where_they_stand_on_a_test() -> None:
    on = "@pytest.mark.breaks('a')\n"
    case = "pytest.param(1, marks=pytest.mark.breaks('a'))"

    assert names(on + "def test_x(): ...") == ["a"]
    assert names(on + "def check_x(): ...") == []
    assert names(on + "class TestX: ...") == ["a"]
    assert names(f"CASES = [{case}]") == ["a"]
    assert names("pytestmark = [pytest.mark.django_db, pytest.mark.breaks('a')]") == [
        "a"
    ]
    assert names("@pytest.mark.breaks('a', 'b')\ndef test_x(): ...") == ["a", "b"]
    assert names("@pytest.mark.breaks(NAME)\ndef test_x(): ...") == [None]
    assert names("@pytest.mark.slow('a')\ndef test_x(): ...") == []


def test_a_mark_inside_a_table_of_cases_counts_once() -> None:
    table = "@pytest.mark.parametrize('n', [pytest.param(1, marks=%s)])\n"

    assert names(table % "pytest.mark.breaks('a')" + "def test_x(n): ...") == ["a"]
