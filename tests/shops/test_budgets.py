"""Budgets of boosts (rule B4) and of programs (rule P4)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from affiliate.common import outbox
from affiliate.common.models import AuditEntry, OutboxMessage
from shops import boosts, budgets, programs
from shops.models import Budget, Program
from shops.terms import InvalidTerm
from tests.factories.shops import (
    MOMENT,
    BoostFactory,
    BudgetFactory,
    ProgramFactory,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LAUNCH = {
    "name": "Launch",
    "multiplier_pct": 200,
    "starts_at": MOMENT + DAY,
    "ends_at": MOMENT + 8 * DAY,
}


def spend(budget, cents):
    with transaction.atomic():
        budgets.spend({budget.pk: cents}, at=MOMENT)
    budget.refresh_from_db()


def test_a_boost_is_made_with_its_budget():
    program = ProgramFactory()

    boost = boosts.add(program, at=MOMENT, budget_cents=10_000, **LAUNCH)

    budget = Budget.objects.get()
    assert (budget.boost, budget.program) == (boost, program)
    assert (budget.amount_cents, budget.left_cents) == (10_000, 10_000)


@pytest.mark.parametrize("cents", [0, -1, 10**13 + 1])
def test_a_budget_has_bounds_and_no_boost_is_left_without(cents):
    program = ProgramFactory()

    with pytest.raises(InvalidTerm) as refusal:
        boosts.add(program, at=MOMENT, budget_cents=cents, **LAUNCH)

    assert list(refusal.value.errors) == ["budget_cents"]
    assert not program.boosts.exists()


def test_a_budget_of_a_draft_may_be_raised_and_lowered():
    budget = BudgetFactory(amount_cents=700, boost=None)

    for cents in (900, 900, 301):
        budgets.limit(budget.program, cents, at=MOMENT)

    assert Budget.objects.get().amount_cents == 301
    assert AuditEntry.objects.filter(action="budget.set").count() == 2


def test_a_budget_is_never_less_than_what_is_spent():
    program = ProgramFactory(active=True)
    BudgetFactory(program=program, boost=None, amount_cents=700, spent_cents=300)

    with pytest.raises(budgets.BudgetBelowSpent):
        budgets.limit(program, 299, at=MOMENT)

    assert Budget.objects.get().amount_cents == 700


# Creators sell on its word: what they were promised is not taken back (R4, B3).


def test_a_budget_of_a_program_that_runs_is_raised_only():
    program = ProgramFactory(active=True)
    BudgetFactory(program=program, boost=None, amount_cents=700, spent_cents=300)

    with pytest.raises(budgets.PromisedAlready):
        budgets.limit(program, 699, at=MOMENT)
    assert budgets.limit(program, 701, at=MOMENT).amount_cents == 701


@pytest.mark.parametrize(
    ("starts_at", "is_promised"),
    [(MOMENT, True), (MOMENT + timedelta(microseconds=1), False)],
)
def test_a_boost_that_has_started_gets_no_budget(starts_at, is_promised):
    boost = BoostFactory(starts_at=starts_at)

    if is_promised:
        with pytest.raises(budgets.PromisedAlready):
            budgets.limit(boost.program, 700, boost=boost, at=MOMENT)
    else:
        budgets.limit(boost.program, 700, boost=boost, at=MOMENT)

    assert Budget.objects.exists() is not is_promised


def test_a_budget_of_a_boost_that_runs_is_raised_only():
    boost = BoostFactory()
    BudgetFactory(program=boost.program, boost=boost, amount_cents=700)

    with pytest.raises(budgets.PromisedAlready):
        budgets.limit(boost.program, 699, boost=boost, at=MOMENT)
    assert budgets.limit(boost.program, 701, boost=boost, at=MOMENT).left_cents == 701


@pytest.mark.parametrize(("active", "counts_from"), [(True, MOMENT), (False, None)])
def test_a_budget_of_a_program_that_runs_counts_from_then_on(active, counts_from):
    program = ProgramFactory(active=active)

    assert budgets.limit(program, 700, at=MOMENT).counts_from == counts_from


def test_spending_to_the_last_cent_ends_the_boost_at_that_moment():
    budget = BudgetFactory(amount_cents=700)

    spend(budget, 699)
    assert budget.closed_at is None
    spend(budget, 1)

    assert budget.closed_at == MOMENT
    budget.boost.refresh_from_db()
    assert budget.boost.ends_at == MOMENT
    assert OutboxMessage.objects.filter(topic="budget.closed").count() == 1


def test_spending_more_than_is_left_is_refused_by_the_database():
    budget = BudgetFactory(amount_cents=700)

    with pytest.raises(IntegrityError, match="budget_is_never_overspent"):
        spend(budget, 701)


def test_a_boost_that_is_used_up_is_neither_limited_anew_nor_extended():
    budget = BudgetFactory(amount_cents=700)
    spend(budget, 700)

    with pytest.raises(budgets.BoostIsOver):
        budgets.limit(budget.program, 900, boost=budget.boost, at=MOMENT)
    with pytest.raises(InvalidTerm):
        boosts.end(budget.boost, MOMENT + 9 * DAY, at=MOMENT)


def test_a_boost_has_a_budget_before_it_starts():
    program = ProgramFactory()
    boost = BoostFactory(program=program, starts_at=MOMENT + DAY)

    assert budgets.limit(program, 700, boost=boost, at=MOMENT).left_cents == 700


@pytest.mark.django_db(transaction=True)
def test_a_program_whose_budget_is_used_up_is_paused_until_it_is_raised():
    program = ProgramFactory(active=True)
    budget = budgets.limit(program, 700, at=MOMENT)
    spend(budget, 700)

    outbox.sweep(10, at=MOMENT)

    program.refresh_from_db()
    assert program.status == "paused"
    with pytest.raises(programs.BudgetUsedUp):
        programs.activate(program, at=MOMENT + DAY)
    budgets.limit(program, 900, at=MOMENT + DAY)
    assert programs.activate(program, at=MOMENT + DAY).status == "active"


@pytest.mark.django_db(transaction=True)
def test_a_program_whose_budget_was_raised_meanwhile_goes_on():
    program = ProgramFactory(active=True)
    budget = budgets.limit(program, 700, at=MOMENT)
    spend(budget, 700)
    budgets.limit(program, 900, at=MOMENT)

    outbox.sweep(10, at=MOMENT)

    assert Program.objects.get().status == "active"
