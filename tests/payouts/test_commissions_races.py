"""Sweeps, approvals and people at the same moment, on real threads."""

import pytest

from affiliate.common.models import User
from creators import attribution
from payouts import commissions, ledger
from payouts.models import Commission, DeclineReason
from shops.models import Order
from tests.common.racing import race
from tests.payouts.earning import LATER, NOW, earn, enrolled, queue, rows, sell, sweep
from tests.payouts.waiting import meet

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("books_are_right"),
]


def called_off(line):
    """Call the line's order off without sweeping."""
    Order.objects.filter(pk=line.order_id).update(status="cancelled")
    queue(line)


def standing(line):
    """Return what a line's rows add up to, by status."""
    found = {}
    for _, status, cents in rows(line):
        found[status] = found.get(status, 0) + cents
    return found


def test_a_cancellation_during_the_approval_is_taken_back_whole():
    sale = earn(enrolled())
    called_off(sale.line)

    meet(lambda: commissions.approve(at=LATER), lambda: sweep(at=LATER))

    assert standing(sale.line) == {"approved": 0}
    assert rows(sale.line) == [
        ("sale", "approved", 400),
        ("reversal", "approved", -400),
    ]


def test_a_hold_during_a_cancellation_holds_the_correction_too():
    sale, desk = earn(enrolled()), User.objects.create_user("desk@mail.example")
    called_off(sale.line)

    meet(lambda: commissions.hold(sale.pk, "Why?", by=desk, at=LATER), sweep)

    # Wholly taken back: there is nothing left to hold.
    assert standing(sale.line) == {"void": 0}


def test_declining_while_the_line_is_swept_waits_and_is_not_lost():
    sale, desk = earn(enrolled()), User.objects.create_user("desk@mail.example")
    queue(sale.line)
    fraud = DeclineReason.FRAUD

    meet(sweep, lambda: commissions.decline(sale.pk, fraud, by=desk, at=NOW))
    sweep()

    assert standing(sale.line) == {"void": 0}


def test_declining_and_sweeping_at_once_never_wait_for_each_other():
    lea, desk = enrolled(), User.objects.create_user("desk@mail.example")
    sales = [earn(lea) for _ in range(12)]
    fraud = DeclineReason.FRAUD
    for sale in sales:
        called_off(sale.line)

    done = race(
        [lambda: sweep() for _ in range(4)]
        + [
            lambda pk=sale.pk: commissions.decline(pk, fraud, by=desk, at=NOW)
            for sale in sales
        ]
    )

    sweep()
    unexpected = [
        each
        for each in done
        if isinstance(each, Exception)
        and not isinstance(each, commissions.AlreadyDecided)
    ]
    assert unexpected == []
    assert all(standing(sale.line) == {"void": 0} for sale in sales)


def test_sweeps_and_approvals_at_once_leave_each_line_what_it_earns():
    lea = enrolled()
    lines = [sell(lea) for _ in range(30)]

    done = race(
        [lambda: commissions.approve(at=LATER)] * 4 + [lambda: sweep(at=LATER)] * 4
    )
    while commissions.approve(at=LATER):
        pass

    assert [each for each in done if isinstance(each, Exception)] == []
    assert [rows(line) for line in lines] == [[("sale", "approved", 400)]] * 30
    assert ledger.balances(lea.creator_id)[0].payable_cents == 12_000


def test_workers_share_what_waits():
    lea = enrolled()
    for _ in range(40):
        sell(lea)
    attribution.settle(at=NOW)

    done = race([lambda: _accrued(limit=3)] * 8)

    assert sum(done) == 40
    assert Commission.objects.count() == 40


def _accrued(limit):
    total = 0
    while found := commissions.accrue(at=NOW, limit=limit).verdicts:
        total += found
    return total
