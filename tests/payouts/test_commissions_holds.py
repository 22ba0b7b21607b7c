"""What a shop declines and what is held, by whom and until when (C1, C3)."""

import pytest

from affiliate.common.models import AuditEntry
from payouts import commissions
from payouts.commissions import AlreadyDecided
from payouts.models import Commission, DeclineReason
from tests.factories.common import UserFactory
from tests.payouts.earning import (
    LATER,
    NOW,
    cancel,
    change,
    earn,
    enrolled,
    refund,
    rows,
    sweep,
)
from tests.payouts.paying import pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]


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


# ------------------------------------------------------------------ declined


def test_a_shop_declines_what_waits(sale):
    person = UserFactory()
    commissions.decline(sale.pk, DeclineReason.FRAUD, by=person, at=NOW)
    sweep()

    sale.refresh_from_db()
    assert (sale.status, sale.decline_reason) == ("void", "fraud")
    entry = AuditEntry.objects.get(action="commission.declined")
    assert (entry.actor, entry.after) == (person, {"reason": "fraud"})


def test_declining_twice_changes_nothing(sale):
    for _ in range(2):
        commissions.decline(sale.pk, DeclineReason.FRAUD, by=UserFactory(), at=NOW)
        sweep()

    assert len(rows(sale.line)) == 2
    assert AuditEntry.objects.filter(action="commission.declined").count() == 1


def test_a_declined_sale_stays_declined_whatever_its_order_does(sale):
    commissions.decline(sale.pk, DeclineReason.TERMS, by=UserFactory(), at=NOW)
    sweep()

    for status in ("cancelled", "paid"):
        change(sale.line, status=status)

    assert left(sale) == 0


def test_declining_one_line_leaves_the_others(sale):
    other = earn(sale.enrollment)
    commissions.decline(sale.pk, DeclineReason.FRAUD, by=UserFactory(), at=NOW)
    sweep()

    assert (left(sale), left(other)) == (0, 400)


@pytest.mark.parametrize("state", ["approved", "paid"])
def test_what_is_decided_cannot_be_declined(state, request):
    decided = request.getfixturevalue(state)

    with pytest.raises(AlreadyDecided):
        commissions.decline(decided.pk, DeclineReason.FRAUD, by=UserFactory(), at=NOW)

    assert left(decided) == 400
    assert not AuditEntry.objects.filter(action="commission.declined").exists()


def test_a_correction_cannot_be_declined(sale):
    refund(sale.line, 1000)
    correction = Commission.objects.get(number=1)

    with pytest.raises(AlreadyDecided):
        commissions.decline(
            correction.pk, DeclineReason.FRAUD, by=UserFactory(), at=NOW
        )


def test_silence_approves_and_declining_in_time_does_not(sale):
    silent = earn(sale.enrollment)
    commissions.decline(sale.pk, DeclineReason.FRAUD, by=UserFactory(), at=NOW)
    sweep()

    assert commissions.approve(at=LATER) == 1
    silent.refresh_from_db()
    assert silent.status == "approved"


# ------------------------------------------------------------------ held


def held(commission):
    return commissions.hold(commission.pk, "Why?", by=UserFactory(), at=NOW)


def released(commission):
    return commissions.release(commission.pk, by=UserFactory(), at=NOW)


@pytest.mark.parametrize("state", ["sale", "approved"])
def test_what_is_unpaid_is_held_and_goes_back_where_it_was(state, request):
    commission = request.getfixturevalue(state)
    commission.refresh_from_db()
    before = commission.status

    assert held(commission).status == held(commission).status == "held"
    assert commissions.approve(at=LATER) == 0
    assert released(commission).status == released(commission).status == before
    assert AuditEntry.objects.filter(action="commission.held").count() == 1
    assert AuditEntry.objects.filter(action="commission.released").count() == 1


def test_what_is_paid_cannot_be_held(paid):
    with pytest.raises(AlreadyDecided):
        held(paid)


def test_what_is_void_cannot_be_held(sale):
    cancel(sale.line)

    with pytest.raises(AlreadyDecided):
        held(sale)


@pytest.mark.parametrize("state", ["sale", "approved"])
def test_the_correction_of_what_is_held_is_held_with_it(state, request):
    commission = request.getfixturevalue(state)
    held(commission)

    refund(commission.line, 1000, at=LATER)

    correction = Commission.objects.get(number=1)
    assert (correction.status, correction.held_reason) == ("held", "Why?")
    commission.refresh_from_db()
    assert correction.held_from == commission.held_from


def test_a_cancellation_of_what_is_held_makes_it_void(sale):
    held(sale)
    cancel(sale.line)

    assert [status for _, status, _ in rows(sale.line)] == ["void", "void"]


def test_cancelled_and_paid_again_does_not_escape_the_hold(sale):
    held(sale)
    cancel(sale.line)
    change(sale.line, status="paid")

    again = Commission.objects.get(kind="restoration")
    assert (again.status, again.held_reason) == ("held", "Why?")
    assert commissions.approve(at=LATER) == 0
    assert released(again).status == "pending"
