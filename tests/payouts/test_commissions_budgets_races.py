"""Many workers meet the last cents of a budget at once (rule B4, invariant I18)."""

from unittest import mock

import pytest

from creators import attribution
from payouts import commissions, invariants
from payouts.commissions.budgeting import sql
from payouts.models import Commission
from shops.models import Budget
from tests.common.racing import race
from tests.factories.shops import BudgetFactory
from tests.payouts.dropping import dropped
from tests.payouts.earning import NOW, enrolled, program, sell
from tests.payouts.test_commissions_budgets import boosted

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 6
# What the statement would be that does not wait for the others.
_WITHOUT_WAITING = sql.LOCK.replace(" for no key update", "")
assert _WITHOUT_WAITING != sql.LOCK


def accrued_by_many(sales):
    """Sell that many lines of 10.00 and share them out; return the workers' errors."""
    lea = enrolled(program(rate_bp=1000))
    # Each sale would have 1.00 more, the budget is for seven of them.
    boosted(lea, 700)
    for _ in range(sales):
        sell(lea, 1000)
    attribution.settle(at=NOW)

    def work():
        while commissions.accrue(at=NOW, limit=1).verdicts:
            pass

    return [each for each in race([work] * WORKERS) if isinstance(each, Exception)]


def test_three_hundred_orders_at_a_budget_for_seven_spend_it_to_the_cent():
    assert accrued_by_many(300) == []

    assert Commission.objects.count() == 300
    assert Commission.objects.filter(amount_cents=200).count() == 7
    assert Commission.objects.filter(amount_cents=100).count() == 293
    assert Budget.objects.get().spent_cents == 700
    assert list(invariants.findings()) == []


def test_the_last_sale_has_what_is_left_when_the_budget_is_for_six_and_a_half():
    lea = enrolled(program(rate_bp=1000))
    BudgetFactory(program=lea.program, boost=None, amount_cents=650)
    for _ in range(24):
        sell(lea, 1000)
    attribution.settle(at=NOW)

    def work():
        while commissions.accrue(at=NOW, limit=2).verdicts:
            pass

    assert race([work] * WORKERS) == [None] * WORKERS
    amounts = Commission.objects.values_list("amount_cents", flat=True)
    assert sorted(amounts) == [0] * 17 + [50] + [100] * 6
    assert Budget.objects.get().spent_cents == 650


def test_who_does_not_wait_is_refused_by_the_database():
    """The lock taken away: the budget holds, but workers fail and try again."""
    with mock.patch.object(sql, "LOCK", _WITHOUT_WAITING):
        accrued_by_many(24)

    assert Budget.objects.get().spent_cents <= 700


def test_without_lock_and_constraints_the_budget_is_passed():
    """The negative control: with neither, the race is lost."""
    with (
        mock.patch.object(sql, "LOCK", _WITHOUT_WAITING),
        dropped("shops_budget", "budget_is_never_overspent"),
        dropped("shops_budget", "budget_is_closed_once_spent"),
    ):
        accrued_by_many(24)
        passed = Commission.objects.filter(amount_cents=200).count()

    assert passed > 7
