"""The platform's own people: what each group may do, and who makes them."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from affiliate import staff
from affiliate.common.models import User

pytestmark = pytest.mark.django_db

STRONG = "a long enough one"


def permissions(name: str) -> set[str]:
    group = Group.objects.get(name=name)
    return {
        f"{row.content_type.app_label}.{row.codename}"
        for row in group.permissions.select_related("content_type")
    }


def test_finance_takes_runs_through_and_support_only_looks() -> None:
    staff.provide_groups()

    finance, support = permissions("finance"), permissions("support")

    assert all(name.partition(".")[2].startswith("view_") for name in support)
    assert not any("bankaccount" in name or "ledger" in name for name in support)
    assert {name for name in finance if ".view_" not in name} == {
        "payouts.add_run",
        "payouts.change_run",
        "payouts.change_payout",
    }
    assert support < finance


def test_groups_get_exactly_their_permissions_again() -> None:
    staff.provide_groups()
    support, finance = (Group.objects.get(name=name) for name in ("support", "finance"))
    before = permissions("support")
    support.permissions.set(finance.permissions.all())

    staff.provide_groups()

    assert permissions("support") == before
    assert Group.objects.count() == 2


@pytest.mark.parametrize(
    ("role", "is_superuser", "groups"),
    [("administrator", True, []), ("finance", False, ["finance"])],
)
def test_a_person_gets_a_role(role: str, is_superuser: bool, groups: list[str]) -> None:
    user, is_new = staff.create("Ann@platform.example", role, password=STRONG)

    assert (user.email, is_new) == ("ann@platform.example", True)
    assert (user.is_staff, user.is_superuser) == (True, is_superuser)
    assert [group.name for group in user.groups.all()] == groups
    assert user.check_password(STRONG)


def test_another_role_takes_the_place_of_the_one_before() -> None:
    staff.create("ann@platform.example", "administrator", password=STRONG)

    user, is_new = staff.create("ann@platform.example", "support")

    assert (is_new, user.is_superuser) == (False, False)
    assert [group.name for group in user.groups.all()] == ["support"]
    assert user.check_password(STRONG)


def test_without_a_password_nobody_can_sign_in_yet() -> None:
    user, _ = staff.create("ann@platform.example", "support")

    assert not user.has_usable_password()


@pytest.mark.parametrize(
    ("role", "password", "refusal"),
    [("boss", STRONG, staff.UnknownRole), ("support", "password", staff.WeakPassword)],
)
def test_nobody_is_made_of_a_wrong_role_or_a_weak_password(
    role: str, password: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        staff.create("ann@platform.example", role, password=password)

    assert not User.objects.exists()


def test_the_command_prints_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", STRONG)
    said = StringIO()

    call_command(
        "create_staff",
        "--email=ann@platform.example",
        "--role=finance",
        "--password",
        "--json",
        stdout=said,
    )

    user = User.objects.get()
    assert json.loads(said.getvalue()) == {
        "user": user.pk,
        "email": "ann@platform.example",
        "role": "finance",
        "created": True,
    }
    assert user.check_password(STRONG)
    assert STRONG not in said.getvalue()


def test_the_command_refuses_what_is_no_address() -> None:
    with pytest.raises(CommandError, match="--email"):
        call_command("create_staff", "--email=ann", "--role=finance")

    assert not User.objects.exists()
