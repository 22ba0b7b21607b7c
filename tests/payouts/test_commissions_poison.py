"""What cannot be accrued or approved is set aside and shown; the rest goes on."""

import pytest

from affiliate.common.models import User
from creators.models import UnaccruedVerdict
from payouts import commissions, invariants
from payouts.models import Commission, StuckApproval
from tests.payouts.earning import LATER, change, earn, enrolled, sell, sweep
from tests.poison import poisoned

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lea():
    return enrolled()


def shown():
    return {
        found.proof: (found.subject, found.figures.partition(" in ")[0])
        for found in invariants.findings()
    }


def approve():
    while commissions.approve(at=LATER):
        pass


# ------------------------------------------------------------------ accruing


def test_one_line_that_cannot_be_accrued_does_not_stop_the_others(lea):
    good, bad, other = (sell(lea) for _ in range(3))

    with poisoned("payouts_commission", f"new.line_id = {bad.pk}"):
        sweep()

    earned = set(Commission.objects.values_list("line_id", flat=True))
    assert earned == {good.pk, other.pk}
    assert shown() == {
        "line_can_be_accrued": (
            f"line {bad.pk}",
            "5 attempts: ProgrammingError by poisoned",
        )
    }


def test_a_line_set_aside_is_accrued_once_its_facts_change(lea):
    bad = sell(lea)
    with poisoned("payouts_commission", f"new.line_id = {bad.pk}"):
        sweep()
    sweep()
    assert not Commission.objects.exists()

    change(bad, delivered_at=LATER)

    assert Commission.objects.get().line == bad
    assert not UnaccruedVerdict.objects.exists()


def test_a_line_set_aside_is_accrued_when_a_person_asks(lea):
    bad = sell(lea)
    with poisoned("payouts_commission", f"new.line_id = {bad.pk}"):
        sweep()

    assert commissions.retry() == 1
    sweep()

    assert Commission.objects.get().line == bad
    assert shown() == {}


def test_accruing_warily_earns_the_same(lea):
    line = sell(lea)
    from creators import attribution

    attribution.settle(at=LATER)

    accrued = commissions.accrue(at=LATER, is_wary=True)

    assert (accrued.verdicts, accrued.sales) == (1, 1)
    assert Commission.objects.get().line == line
    assert shown() == {}


# ------------------------------------------------------------------ approving


def refused(sale):
    return poisoned(
        "payouts_commission",
        f"new.id = {sale.pk} and new.status = 'approved'",
        event="update",
    )


@pytest.fixture
def sales(lea):
    return [earn(lea) for _ in range(5)]


def test_one_commission_that_cannot_be_approved_does_not_stop_the_others(sales):
    with refused(sales[2]):
        approve()

    pending = Commission.objects.filter(status="pending")
    assert [each.pk for each in pending] == [sales[2].pk]
    assert shown() == {
        "commission_can_be_approved": (
            f"commission {sales[2].pk}",
            "5 attempts: ProgrammingError by poisoned",
        )
    }


def test_a_commission_set_aside_is_left_alone(sales):
    with refused(sales[2]):
        approve()
    approve()

    assert Commission.objects.filter(status="pending").count() == 1


def test_a_commission_set_aside_is_approved_when_a_person_asks(sales):
    with refused(sales[2]):
        approve()

    assert commissions.retry() == 1
    approve()

    assert not Commission.objects.filter(status="pending").exists()
    assert not StuckApproval.objects.exists()
    assert shown() == {}


def test_a_commission_set_aside_is_approved_after_it_was_held_and_released(sales):
    desk = User.objects.create_user("desk@mail.example")
    with refused(sales[2]):
        approve()

    commissions.hold(sales[2].pk, "Why?", by=desk, at=LATER)
    assert shown() == {}
    commissions.release(sales[2].pk, by=desk, at=LATER)
    approve()

    assert not Commission.objects.filter(status="pending").exists()
    assert not StuckApproval.objects.exists()


def test_a_sweep_that_died_before_it_searched_loses_nothing(sales):
    StuckApproval.objects.bulk_create(StuckApproval(commission=s) for s in sales)

    approve()

    assert not Commission.objects.filter(status="pending").exists()
    assert not StuckApproval.objects.exists()


def test_approving_warily_approves_the_same(sales):
    assert commissions.approve(at=LATER, is_wary=True) == 5
    assert commissions.approve(at=LATER, is_wary=True) == 0
    assert not StuckApproval.objects.exists()
    assert shown() == {}
