"""What the database refuses of budgets (rules B4, P4; invariants I18, I21)."""

import pytest
from django.db import IntegrityError, connection, transaction

from shops.models import Budget
from tests.factories.shops import MOMENT, BoostFactory, BudgetFactory, ProgramFactory

pytestmark = pytest.mark.django_db


def refused(constraint, make):
    def made():
        with transaction.atomic():
            make()
            connection.check_constraints()

    with pytest.raises(IntegrityError, match=constraint):
        made()


@pytest.mark.breaks("budget_is_never_overspent")
def test_a_budget_is_never_overspent():
    budget = BudgetFactory(spent_cents=700, closed_at=MOMENT)

    refused(
        "budget_is_never_overspent",
        lambda: Budget.objects.filter(pk=budget.pk).update(spent_cents=701),
    )


def test_nothing_is_spent_below_nothing():
    budget = BudgetFactory(spent_cents=0)

    refused(
        "shops_budget_spent_cents_check",
        lambda: Budget.objects.filter(pk=budget.pk).update(spent_cents=-1),
    )


@pytest.mark.breaks("budget_is_closed_once_spent")
@pytest.mark.parametrize(
    "fields",
    [
        {"spent_cents": 700, "closed_at": None},
        {"spent_cents": 699, "closed_at": MOMENT},
    ],
)
def test_a_budget_is_closed_once_it_is_spent_and_not_before(fields):
    BudgetFactory(spent_cents=700, closed_at=MOMENT)

    refused("budget_is_closed_once_spent", lambda: BudgetFactory(**fields))


@pytest.mark.breaks("program_has_one_budget")
def test_a_program_has_one_budget():
    first = BudgetFactory(boost=None)
    BudgetFactory(program=first.program)

    refused(
        "program_has_one_budget",
        lambda: BudgetFactory(program=first.program, boost=None),
    )


@pytest.mark.breaks("shops_budget.boost_id")
def test_a_boost_has_one_budget():
    first = BudgetFactory()

    refused(
        "shops_budget_boost_id_key",
        lambda: BudgetFactory(program=first.program, boost=first.boost),
    )


@pytest.mark.breaks("budget_boost_is_of_its_program")
def test_a_budget_is_of_the_program_of_its_boost():
    refused(
        "budget_boost_is_of_its_program",
        lambda: BudgetFactory(program=ProgramFactory(), boost=BoostFactory()),
    )
