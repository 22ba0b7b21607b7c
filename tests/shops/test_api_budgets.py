"""Budgets of programs and boosts over HTTP (rules B4, P4)."""

import pytest

from shops.models import Budget, Program
from tests.factories import ProgramFactory, ShopFactory
from tests.shops.asking import Asker, problem, said

pytestmark = pytest.mark.django_db
BOOST = {
    "name": "Launch",
    "multiplier_pct": 200,
    "starts_at": "2100-01-01T00:00:00+01:00",
    "ends_at": "2100-01-08T00:00:00+01:00",
}


@pytest.fixture
def shop():
    return ShopFactory(currency="EUR")


@pytest.fixture
def client(shop):
    return Asker(shop)


@pytest.fixture
def program(shop):
    return ProgramFactory(shop=shop, active=True)


def test_a_program_is_made_with_a_budget(client):
    new = {"name": "Friends", "rate_bp": 1000, "budget_cents": 50_000}

    made = said(client.send("POST", "/programs", new), 201)

    assert (made["budget_cents"], made["spent_cents"]) == (50_000, 0)
    assert Budget.objects.get().program == Program.objects.get()


def test_a_budget_is_raised_but_never_below_what_is_spent(client, program):
    Budget.objects.create(program=program, amount_cents=700, spent_cents=300)
    path = f"/programs/{program.pk}"

    raised = said(client.send("PATCH", path, {"budget_cents": 900}), 200)
    refused = client.send("PATCH", path, {"budget_cents": 299})

    assert (raised["budget_cents"], raised["spent_cents"]) == (900, 300)
    problem(refused, 422, "budget_below_spent")
    assert Budget.objects.get().amount_cents == 900


def test_a_boost_is_made_with_a_budget_and_listed_with_it(client, program):
    path = f"/programs/{program.pk}/boosts"

    made = said(client.send("POST", path, {**BOOST, "budget_cents": 700}), 201)
    listed = said(client.read(path), 200)["results"]

    assert (made["budget_cents"], made["spent_cents"]) == (700, 0)
    assert made.pop("overlaps") == []
    assert listed == [made]


@pytest.mark.parametrize("cents", [0, -1, 10**13 + 1])
def test_a_budget_has_bounds(client, program, cents):
    path = f"/programs/{program.pk}/boosts"

    refused = client.send("POST", path, {**BOOST, "budget_cents": cents})

    assert "budget_cents" in refused.json()["errors"]
    assert not program.boosts.exists()
