"""Budgets of boosts (rule B4) and of programs (rule P4), to the cent."""

from datetime import timedelta

import pytest

from payouts import explanations, invariants
from payouts.models import Commission
from shops.models import Boost, Budget
from tests.factories.shops import BoostFactory, BudgetFactory, RateFactory
from tests.payouts.earning import (
    NOW,
    PLACED,
    amounts,
    cancel,
    earn,
    enrolled,
    program,
    refund,
    rows,
    sell,
    sweep,
    undo_refunds,
)

pytestmark = pytest.mark.django_db
WINDOW = {
    "starts_at": PLACED - timedelta(days=3),
    "ends_at": PLACED + timedelta(days=60),
}


@pytest.fixture
def lea():
    """Return an enrollment in a program of 10 %."""
    return enrolled(program(rate_bp=1000))


def boosted(of, cents, **fields):
    """Return the budget of a new boost, ×2 where nothing else is said."""
    boost = BoostFactory(program=of.program, **{**WINDOW, **fields})
    if cents is None:
        return boost
    return BudgetFactory(program=of.program, boost=boost, amount_cents=cents)


def limited(of, cents):
    return BudgetFactory(program=of.program, boost=None, amount_cents=cents)


def spent():
    return list(Budget.objects.order_by("pk").values_list("spent_cents", flat=True))


def held_by(sale):
    return sale.snapshot.get("held_by")


def said(sale, language="en"):
    return explanations.sentence(sale, language)


@pytest.fixture(autouse=True)
def _the_books_agree():
    yield
    assert list(invariants.findings()) == []


# 100.00 at 10 % is 10.00, and the boost ×2 adds 10.00.


@pytest.mark.parametrize(
    ("budget", "amount", "is_held"),
    [
        (1001, 2000, None),
        (1000, 2000, None),
        (999, 1999, "boost_budget"),
        (1, 1001, "boost_budget"),
    ],
)
def test_b4_the_commission_that_meets_the_end_is_clamped(lea, budget, amount, is_held):
    boosted(lea, budget)

    sale = earn(lea, 10_000)

    assert (sale.amount_cents, held_by(sale)) == (amount, is_held)
    assert spent() == [amount - 1000]


def test_b4_then_the_boost_is_over_and_the_next_sale_has_none(lea):
    budget = boosted(lea, 1500)
    sales = [earn(lea, 10_000, placed_at=PLACED + timedelta(hours=n)) for n in range(3)]

    assert amounts(*sales) == [2000, 1500, 1000]
    assert [sale.boost_id for sale in sales] == [budget.boost_id] * 2 + [None]
    assert sales[2].snapshot["lost_boosts"][0]["why"] == "budget_used_up"
    assert Boost.objects.get().ends_at == NOW
    assert Budget.objects.get().closed_at == NOW


def test_b4_lines_of_one_sweep_are_taken_as_they_were_placed(lea):
    boosted(lea, 1500)
    later, first, middle = [
        sell(lea, 10_000, placed_at=PLACED + timedelta(microseconds=n))
        for n in (2, 0, 1)
    ]

    sweep()

    def earned(line):
        return Commission.objects.get(line=line).amount_cents

    assert (earned(first), earned(middle), earned(later)) == (2000, 1500, 1000)


def test_b4_a_sale_that_the_budget_cannot_pay_has_the_next_best_boost(lea):
    best = boosted(lea, 300, multiplier_pct=300)
    second = boosted(lea, None, multiplier_pct=150)

    sale = earn(lea, 10_000)

    assert (sale.amount_cents, sale.boost_id) == (1500, second.pk)
    lost = sale.snapshot["lost_boosts"]
    assert [(row["id"], row["why"]) for row in lost] == [
        (best.boost_id, "budget_used_up")
    ]
    assert spent() == [0]


def test_b4_the_last_cents_count_where_they_are_still_the_best(lea):
    boosted(lea, 501, multiplier_pct=300)
    boosted(lea, None, multiplier_pct=150)

    assert earn(lea, 10_000).amount_cents == 1501


def test_b4_of_two_that_pay_the_same_the_one_without_a_limit_is_spent_last(lea):
    boosted(lea, 500, multiplier_pct=300)
    free = boosted(lea, None, multiplier_pct=150)

    sale = earn(lea, 10_000)

    assert (sale.amount_cents, sale.boost_id) == (1500, free.pk)


def test_b4_only_what_the_boost_adds_counts_not_the_rate(lea):
    RateFactory(program=lea.program, audience=lea.audience, rate_bp=2000)
    boosted(lea, 10_000, multiplier_pct=150)

    assert earn(lea, 10_000).amount_cents == 3000
    assert spent() == [1000]


def test_b4_a_highest_rate_cuts_what_the_boost_adds():
    lea = enrolled(program(rate_bp=5000, cap_bp=6000))
    boosted(lea, 10_000)

    assert earn(lea, 10_000).amount_cents == 6000
    assert spent() == [1000]


def test_b4_a_boost_with_a_budget_is_for_orders_in_the_programs_currency(lea):
    boosted(lea, 10_000)

    sale = earn(lea, 10_000, currency="USD")

    assert (sale.amount_cents, sale.boost_id) == (1000, None)
    assert spent() == [0]


def test_b4_a_private_budget_is_spent_by_its_creator_alone(lea):
    noa = enrolled(lea.program)
    boosted(lea, 10_000, audience=lea.audience)

    assert amounts(earn(lea, 10_000), earn(noa, 10_000)) == [2000, 1000]
    assert spent() == [1000]


# What was granted is spent: a refund gives nothing back to the budget.


def test_b4_a_refund_leaves_what_the_rest_earns_and_the_grant_stays_spent(lea):
    boosted(lea, 300)
    sale = earn(lea, 10_000)
    assert sale.amount_cents == 1300

    refund(sale.line, 5000)
    assert rows(sale.line)[1:] == [("reversal", "pending", -500)]
    refund(sale.line, 5000)

    assert sum(row[2] for row in rows(sale.line)) == 0
    assert spent() == [300]


def test_b4_a_refund_before_the_sweep_ends_the_same(lea):
    boosted(lea, 300)
    line = sell(lea, 10_000)
    refund(line, 5000)

    assert rows(line) == [("sale", "pending", 800)]
    assert spent() == [300]


def test_b4_a_refund_that_is_undone_finds_its_grant(lea):
    boosted(lea, 1000)
    line = sell(lea, 10_000)
    refund(line, 10_000)
    earn(lea, 10_000)

    undo_refunds(line)

    assert sum(row[2] for row in rows(line)) == 2000
    assert spent() == [1000]


def test_b4_a_cancelled_order_that_was_never_sold_spends_nothing(lea):
    boosted(lea, 1000)
    line = sell(lea, 10_000)
    cancel(line)

    assert rows(line) == []
    assert spent() == [0]


# The program's budget counts all that its lines earn.


def test_p4_the_program_earns_to_its_budget_and_no_cent_more(lea):
    limited(lea, 2500)

    sales = [earn(lea, 10_000) for _ in range(4)]

    assert amounts(*sales) == [1000, 1000, 500, 0]
    assert [held_by(sale) for sale in sales] == [
        None, None, "program_budget", "program_budget",
    ]  # fmt: skip
    assert [sale.status for sale in sales][2:] == ["pending", "void"]
    assert spent() == [2500]


def test_p4_what_the_program_does_not_pay_is_not_taken_off_the_boost(lea):
    limited(lea, 1400)
    boosted(lea, 10_000)

    sale = earn(lea, 10_000)

    assert (sale.amount_cents, sale.extra_cents) == (1400, 400)
    assert spent() == [1400, 400]


def test_p4_a_boost_takes_nothing_where_the_rate_alone_passes_the_program(lea):
    limited(lea, 900)
    boosted(lea, 10_000)

    assert earn(lea, 10_000).amount_cents == 900
    assert spent() == [900, 0]


def test_p4_orders_in_another_currency_do_not_count(lea):
    limited(lea, 900)

    assert earn(lea, 10_000, currency="USD").amount_cents == 1000
    assert spent() == [0]


@pytest.mark.parametrize(
    ("placed_at", "amount"),
    [(PLACED - timedelta(microseconds=1), 1000), (PLACED, 900)],
)
def test_p4_a_budget_set_later_reaches_no_order_placed_before(lea, placed_at, amount):
    limited(lea, 900)
    Budget.objects.update(counts_from=PLACED)

    assert earn(lea, 10_000, placed_at=placed_at).amount_cents == amount


# Promises (R6): what a boost can no longer pay takes nothing of the promised rate. A
# cap of 20 % makes 12 % and 15 % equal while the boost doubles them.


@pytest.mark.parametrize(("left", "amount"), [(0, 1500), (100, 1600), (500, 2000)])
def test_r6_a_boost_without_a_budget_left_leaves_the_promised_rate(left, amount):
    lea = enrolled(program(rate_bp=1500, cap_bp=2000))
    announced = PLACED - timedelta(days=1)
    RateFactory(
        program=lea.program,
        rate_bp=1200,
        starts_at=announced,
        announced_at=announced,
        binds_at=PLACED + timedelta(days=29),
    )
    budget = boosted(lea, 500)
    if left < 500:
        spend_all_but(budget, left)

    assert earn(lea, 10_000).amount_cents == amount


def spend_all_but(budget, left):
    """Let another sale have had the rest: it adds 5 % to the 15 % of the rate."""
    earn(enrolled(budget.program), 20 * (500 - left))


# Both are told.


def test_the_clamped_sale_says_so_in_both_languages(lea):
    boosted(lea, 300)

    sale = earn(lea, 10_000)

    assert "The boost's budget had only €3.00 left for this sale." in said(sale)
    assert said(sale, "fr").split(". ")[2].replace("\u00a0", " ") == (
        "Il ne restait que 3,00 € au budget du bonus pour cette vente"
    )


def test_a_sale_after_the_boost_was_used_up_says_which(lea):
    boosted(lea, 1000, name="Launch")
    earn(lea, 10_000)

    sale = earn(lea, 10_000)

    assert "The budget of the boost Launch was used up." in said(sale)


def test_m4_nothing_is_explained_where_the_program_is_used_up(lea):
    limited(lea, 1000)
    earn(lea, 10_000)

    sale = earn(lea, 10_000)

    assert "The program's budget was used up, so it earns nothing." in said(sale)
