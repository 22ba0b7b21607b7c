"""What a line earns: base, rounding, flat amounts and the cap (M2 to M4, R1)."""

import pytest

from payouts import commissions
from payouts.models import Commission, CommissionStatus
from tests.factories.shops import RateFactory
from tests.payouts.earning import (
    NOW,
    amounts,
    change,
    earn,
    enrolled,
    program,
    refund,
    rows,
    sell,
    sweep,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]


@pytest.mark.parametrize(
    ("base", "rate_bp", "commission"),
    [
        (500, 290, 15),  # 0.145
        (15, 1000, 2),  # 0.015
        (3, 2000, 1),  # 0.006
        (2, 2000, 0),  # 0.004
        (4000, 1000, 400),
        (4995, 1000, 500),  # 4.995
        (4994, 1000, 499),
        (1, 8000, 1),  # 0.008, and never more than the base
        (1, 4999, 0),  # 0.004999
        (1, 5000, 1),  # 0.005
        (999_999_999_999, 1234, 123_400_000_000),
    ],
)
def test_a_commission_is_rounded_once_half_up(base, rate_bp, commission):
    sale = earn(enrolled(program(rate_bp=rate_bp)), base)

    assert (sale.base_cents, sale.amount_cents) == (base, commission)


def test_each_line_is_rounded_by_itself():
    lea = enrolled(program(rate_bp=1000))

    assert amounts(*[earn(lea, 15) for _ in range(3)]) == [2, 2, 2]
    assert earn(lea, 45).amount_cents == 5


def test_tax_is_no_part_of_the_base():
    lea = enrolled()
    with_tax, without = sell(lea, 4000), sell(lea, 4000)
    type(with_tax).objects.filter(pk=without.pk).update(tax_cents=0)
    sweep()

    assert rows(with_tax) == rows(without) == [("sale", "pending", 400)]


def test_a_zero_is_explained_but_not_payable():
    sale = earn(enrolled(program(rate_bp=2000)), 2)

    assert (sale.amount_cents, sale.status) == (0, "void")
    assert sale.rate_bp == 2000
    assert commissions.approve(at=NOW.replace(year=2027)) == 0


def test_a_line_that_cost_nothing_earns_nothing():
    assert earn(enrolled(), 0).status == CommissionStatus.VOID


def test_what_was_given_back_before_the_first_sweep_is_no_base():
    line = sell(enrolled(), 4000)
    refund(line, 1000)

    assert rows(line) == [("sale", "pending", 300)]
    assert Commission.objects.get().base_cents == 3000


def test_a_sale_keeps_everything_that_decided():
    lea = enrolled(program(rate_bp=1250, cap_bp=4000))
    sale = earn(lea, 4000)

    assert (sale.kind, sale.number, sale.role) == ("sale", 0, "affiliate")
    assert (sale.rate, sale.rate_bp, sale.flat_cents) == (None, 1250, None)
    assert (sale.boost, sale.multiplier_pct, sale.cap_bp) == (None, 100, 4000)
    assert (sale.shop, sale.program) == (lea.program.shop, lea.program)
    assert (sale.creator, sale.enrollment) == (lea.creator, lea)
    assert sale.accrued_at == NOW


def test_sweeping_again_changes_nothing():
    lea = enrolled()
    line = sell(lea)
    sweep()

    change(line)
    change(line)

    assert rows(line) == [("sale", "pending", 400)]


def test_a_batch_says_what_it_left():
    lea = enrolled()
    first, _ = earn(lea), sell(lea)
    refund(first.line, 1000)
    sell(lea)

    assert commissions.accrue(at=NOW) == commissions.Accrued(0, 0, 0)
    sweep()
    assert Commission.objects.count() == 4


# ------------------------------------------------------------------ flat amounts


@pytest.mark.parametrize(
    ("flat", "quantity", "net", "commission"),
    [
        (500, 1, 4000, 500),
        (500, 3, 12000, 1500),
        (500, 0, 4000, 0),  # an amount without units
        (500, 2, 1249, 999),  # 80 % of 12.49 is 9.992: never above the cap
        (500, 2, 1250, 1000),  # 80 % of 12.50
        (500, 1, 1, 0),  # 80 % of 0.01
    ],
)
def test_a_flat_amount_is_paid_by_the_unit_up_to_the_cap(
    flat, quantity, net, commission
):
    lea = enrolled()
    rate = RateFactory(program=lea.program, rate_bp=None, flat_cents=flat)

    sale = earn(lea, net, quantity=quantity)

    assert (sale.rate, sale.flat_cents, sale.rate_bp) == (rate, flat, None)
    assert sale.amount_cents == commission


@pytest.mark.parametrize(
    ("refunded", "left"),
    [
        (0, 1000),
        (1, 1000),  # 10.00 of 3999/4000 is 9.9975
        (2, 1000),  # 9.995
        (3, 999),  # 9.9925
        (1000, 750),
        (3999, 0),  # 0.0025
        (4000, 0),
    ],
)
def test_a_flat_amount_shrinks_with_what_remains_of_the_line(refunded, left):
    lea = enrolled()
    RateFactory(program=lea.program, rate_bp=None, flat_cents=500)
    sale = earn(lea, 4000, quantity=2)
    if refunded:
        refund(sale.line, refunded)

    assert sum(cents for _, _, cents in rows(sale.line)) == left


def test_a_flat_amount_never_crosses_currencies():
    lea = enrolled(program(rate_bp=1000))
    RateFactory(program=lea.program, rate_bp=None, flat_cents=500)

    in_dollars = earn(lea, 4000, currency="USD")

    assert (in_dollars.currency, in_dollars.amount_cents) == ("USD", 400)
    assert in_dollars.rate is None
    assert earn(lea, 4000).amount_cents == 500


def test_a_percentage_is_paid_in_the_orders_currency():
    sale = earn(enrolled(program(rate_bp=1000)), 4000, currency="JPY")

    assert (sale.amount_cents, sale.currency) == (400, "JPY")
