"""Refunds, cancellations and edits in every state of a sale (C1, C4, C5)."""

from datetime import date

import pytest

from payouts import commissions, ledger
from payouts.models import Commission
from shops.models import OrderLine
from tests.factories.creators import CodeFactory
from tests.payouts.earning import (
    LATER,
    cancel,
    change,
    earn,
    enrolled,
    program,
    refund,
    rows,
    sell,
    sweep,
    undo_refunds,
)
from tests.payouts.paying import pay, run_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]

SALE = ("sale", "pending", 400)


@pytest.fixture
def sale():
    return earn(enrolled(), 4000)


@pytest.fixture
def approved(sale):
    assert commissions.approve(at=LATER) == 1
    return sale


@pytest.fixture
def paid(sale):
    pay(sale)
    return sale


def left(of):
    return sum(cents for _, _, cents in rows(of.line))


# ------------------------------------------------------------------ while it waits


def test_a_refund_reduces_what_waits(sale):
    refund(sale.line, 1000)

    assert rows(sale.line) == [SALE, ("reversal", "pending", -100)]
    correction = Commission.objects.get(number=1)
    assert correction.base_cents == 3000
    assert correction.payable_on == sale.payable_on


def test_each_refund_is_corrected_by_the_difference(sale):
    for cents in (5, 5, 5, 5):  # 40 cents earn 4, one each 10; halves round up
        refund(sale.line, cents)

    assert [cents for _, _, cents in rows(sale.line)] == [400, -1, -1]


def test_a_cancellation_of_what_waits_makes_it_void(sale):
    cancel(sale.line)

    assert rows(sale.line) == [
        ("sale", "void", 400),
        ("reversal", "void", -400),
    ]


def test_a_refund_of_all_that_waits_makes_it_void(sale):
    refund(sale.line, 1000)
    refund(sale.line, 3000)

    assert [(status, cents) for _, status, cents in rows(sale.line)] == [
        ("void", 400),
        ("void", -100),
        ("void", -300),
    ]
    assert commissions.approve(at=LATER) == 0


def test_reductions_are_approved_with_the_sale(sale):
    refund(sale.line, 1000)

    assert commissions.approve(at=LATER) == 2
    assert ledger.balances(sale.creator_id)[0].payable_cents == 300


def test_paid_again_after_a_cancellation_waits_again(sale):
    cancel(sale.line)
    change(sale.line, status="paid", version=3)

    assert rows(sale.line)[2:] == [("restoration", "pending", 400)]
    assert commissions.approve(at=LATER) == 1
    assert left(sale) == 400


def test_back_and_forth_ends_where_it_says(sale):
    for status in ("cancelled", "paid", "pending", "paid", "cancelled"):
        change(sale.line, status=status)

    assert left(sale) == 0
    assert {status for _, status, _ in rows(sale.line)} == {"void"}


# ------------------------------------------------------------------ once approved


def test_a_refund_of_the_approved_is_a_sibling_approved_at_once(approved):
    refund(approved.line, 1000, at=LATER)

    assert rows(approved.line) == [
        ("sale", "approved", 400),
        ("reversal", "approved", -100),
    ]
    correction = Commission.objects.get(number=1)
    assert (correction.approved_at, correction.payable_on) == (LATER, date(2027, 1, 4))


def test_a_correction_is_payable_on_the_shops_day(approved):
    late = LATER.replace(hour=23)  # the 5th in Paris

    cancel(approved.line, at=late)

    assert Commission.objects.get(number=1).payable_on == date(2027, 1, 5)


def test_a_cancellation_of_the_approved_leaves_both_rows(approved):
    cancel(approved.line, at=LATER)

    assert rows(approved.line) == [
        ("sale", "approved", 400),
        ("reversal", "approved", -400),
    ]
    assert ledger.balances(approved.creator_id)[0].payable_cents == 0


# ------------------------------------------------------------------ in a run, paid


def test_a_refund_of_what_is_in_a_run_is_a_clawback(sale):
    run_of(sale)

    refund(sale.line, 1000, at=LATER)

    assert rows(sale.line) == [
        ("sale", "in_run", 400),
        ("clawback", "approved", -100),
    ]


def test_a_refund_of_what_is_paid_is_a_clawback_for_the_next_payout(paid):
    refund(paid.line, 1000, at=LATER)

    assert rows(paid.line) == [("sale", "paid", 400), ("clawback", "approved", -100)]
    assert ledger.balances(paid.creator_id)[0].payable_cents == -100


def test_clawbacks_never_exceed_the_commission(paid):
    refund(paid.line, 3999, at=LATER)
    cancel(paid.line, at=LATER)
    cancel(paid.line, at=LATER)

    assert left(paid) == 0
    assert ledger.balances(paid.creator_id)[0].payable_cents == -400


def test_a_won_chargeback_restores_what_is_not_refunded(paid):
    refund(paid.line, 4000, at=LATER)
    undo_refunds(paid.line, at=LATER)

    assert rows(paid.line) == [
        ("sale", "paid", 400),
        ("clawback", "approved", -400),
        ("restoration", "approved", 400),
    ]


def test_a_cancellation_undone_restores_only_what_is_not_refunded(paid):
    refund(paid.line, 1000, at=LATER)
    cancel(paid.line, at=LATER)
    change(paid.line, at=LATER, status="paid")

    assert [cents for _, _, cents in rows(paid.line)] == [400, -100, -300, 300]


def test_what_follows_a_restoration_is_a_reversal_until_it_is_paid(paid):
    refund(paid.line, 4000, at=LATER)
    undo_refunds(paid.line, at=LATER)
    refund(paid.line, 2000, at=LATER)

    assert rows(paid.line)[3] == ("reversal", "approved", -200)


# ------------------------------------------------------------------ nothing earned


def test_a_refund_of_a_line_that_earned_nothing_changes_nothing():
    zero = earn(enrolled(program(rate_bp=100)), 40)
    assert zero.amount_cents == 0

    refund(zero.line, 30)

    assert rows(zero.line) == [("sale", "void", 0)]


def test_a_refund_of_nobodys_line_changes_nothing():
    line = sell(enrolled(), codes=["NOPE"])
    sweep()

    refund(line, 1000)

    assert rows(line) == []


def test_a_zero_that_grows_by_an_edit_becomes_payable():
    zero = earn(enrolled(program(rate_bp=100)), 40)
    OrderLine.objects.update(net_cents=4000)

    change(zero.line)

    assert rows(zero.line) == [("sale", "void", 0), ("restoration", "pending", 40)]


def test_an_edit_that_makes_the_line_cheaper_is_a_reversal(sale):
    OrderLine.objects.update(net_cents=3000)

    change(sale.line)

    assert rows(sale.line) == [SALE, ("reversal", "pending", -100)]


def test_another_creator_takes_over_by_a_newer_version(sale):
    zoe = enrolled(sale.program)
    change(sale.line, codes=[CodeFactory(enrollment=zoe, code="ZOE").code], version=2)

    assert rows(sale.line, sale.creator) == [
        ("sale", "void", 400),
        ("reversal", "void", -400),
    ]
    assert rows(sale.line, zoe.creator) == [SALE]
