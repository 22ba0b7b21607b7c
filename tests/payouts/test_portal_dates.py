"""Why this date, and what the books say: the way of one sale and of its money."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from payouts import commissions, runs
from payouts.models import DeclineReason
from payouts.portal import commission
from tests.factories import (
    UserFactory,
)
from tests.payouts import selling
from tests.shops.rewriting import rewrite

pytestmark = pytest.mark.django_db


@pytest.fixture
def code():
    code = selling.creator_with_code()
    selling.payable(code.enrollment.creator)
    return code


def read(sale, at=selling.NOW):
    with override("en"):
        return commission.read(sale.creator, sale.pk, at=at)


def way(page):
    return [(step.key, str(step.on), step.is_done) for step in page.trail]


# ------------------------------------------------------------------ why this date


def test_the_way_of_a_sale_that_waits(code):
    page = read(selling.sell(code))

    assert way(page) == [
        ("ordered", "2026-11-03", True),
        ("delivery_assumed", "2026-11-08", True),
        ("hold_ends", "2026-12-08", False),
        ("payable", "2026-12-09", False),
        ("in_run", "2027-01-01", False),
    ]
    assert [step.key for step in page.trail if step.is_next] == ["hold_ends"]
    assert (page.hold.hold_days, page.hold.shipping_days) == (30, 5)
    assert not page.hold.is_by_law


def test_a_known_delivery_starts_the_hold(code):
    delivered_at = datetime(2026, 11, 5, 22, 30, tzinfo=UTC)

    page = read(selling.sell(code, order__delivered_at=delivered_at))

    assert way(page)[1] == ("delivered", "2026-11-05", True)
    assert way(page)[3] == ("payable", "2026-12-06", False)


@pytest.mark.parametrize(
    ("delivered_on", "ends_on", "is_moved"),
    [
        # The three of rule C2: moved past Christmas, a weekend, and New Year.
        ("2026-12-09", "2026-12-23", False),
        ("2026-12-11", "2026-12-28", True),
        ("2026-12-18", "2027-01-04", True),
    ],
)
def test_a_short_hold_ends_when_the_law_says(delivered_on, ends_on, is_moved):
    code = selling.creator_with_code(hold_days=7)
    delivered_at = datetime.fromisoformat(f"{delivered_on}T12:00:00+00:00")

    page = read(selling.sell(code, order__delivered_at=delivered_at))

    assert way(page)[2][:2] == ("hold_ends", ends_on)
    assert (page.hold.is_by_law, page.hold.is_moved_by_law) == (True, is_moved)


def test_a_hold_of_the_law_s_length_that_the_program_set_is_the_program_s():
    code = selling.creator_with_code(hold_days=14)
    delivered_at = datetime(2026, 12, 9, 12, tzinfo=UTC)

    page = read(selling.sell(code, order__delivered_at=delivered_at))

    assert (page.hold.hold_days, page.hold.is_by_law) == (14, False)


def test_terms_that_change_later_change_nothing_of_the_hold(code):
    sale = selling.sell(code)
    rewrite(code.program, hold_days=7, shipping_days=1)
    page = read(sale)

    assert (page.hold.hold_days, page.hold.shipping_days) == (30, 5)


def test_past_the_hold_the_next_run_is_awaited(code):
    sale = selling.sell(code)
    selling.approve()
    page = read(sale, at=selling.RIPE)

    assert [step.key for step in page.trail if step.is_next] == ["in_run"]
    assert way(page)[-1] == ("in_run", "2027-01-01", False)


def test_what_a_run_left_behind_awaits_the_one_after(code):
    sale = selling.sell(code)
    selling.approve()
    at = datetime(2027, 1, 2, 9, tzinfo=UTC)

    assert way(read(sale, at=at))[-1] == ("in_run", "2027-02-01", False)


def test_a_paid_sale_names_its_payout(code, tmp_path):
    sale = selling.sell(code, net_cents=20000)
    selling.approve()
    run = selling.open_run()
    drafted = read(sale, at=selling.PAYDAY)
    selling.pay(run, tmp_path)
    page = read(sale, at=selling.PAYDAY)

    assert way(drafted)[-2:] == [
        ("in_run", "2027-01-01", True),
        ("paid", "None", False),
    ]
    assert way(page)[-1] == ("paid", "2027-01-03", True)
    assert page.payout == commission.InPayout(
        run.payouts.get().pk, datetime(2026, 12, 1, tzinfo=UTC).date()
    )


def test_a_held_sale_says_why_and_promises_no_day(code):
    sale = selling.sell(code)
    commissions.hold(sale.pk, "The shop asks.", by=UserFactory(), at=selling.NOW)
    page = read(sale)

    assert [key for key, _, _ in way(page)] == ["ordered", "delivery_assumed", "held"]
    assert page.commission.held_reason == "The shop asks."
    shown = selling.visitor(code).get(reverse("portal_commission", args=[sale.pk]))
    assert "The shop asks." in selling.words(shown)


def test_a_declined_sale_says_why_in_the_readers_language(code):
    sale = selling.sell(code)
    commissions.decline(
        sale.pk, DeclineReason.TEST_ORDER, by=UserFactory(), at=selling.NOW
    )
    selling.sweep()
    path = reverse("portal_commission", args=[sale.pk])

    assert "the order was a test" in selling.words(selling.visitor(code).get(path))
    french = selling.words(selling.visitor(code, "fr").get(path))
    assert "la commande était un essai" in french
    assert way(read(sale))[-1] == ("void", "2026-11-24", True)


def test_a_cancelled_sale_keeps_its_touch_and_ends(code):
    sale = selling.sell(code)
    selling.cancel(sale.line)
    page = read(sale)

    assert way(page) == [("ordered", "2026-11-03", True), ("void", "2026-11-24", True)]
    assert (page.commission.via, page.commission.touch) == ("code", "LEA10")
    assert page.commission.amount_cents == 0


def test_a_restored_sale_waits_as_long_as_before(code):
    sale = selling.sell(code)
    selling.change(sale.line, refunded_cents=4000)
    selling.change(sale.line, refunded_cents=0)
    page = read(sale)

    assert page.commission.state == "pending"
    assert way(page)[3] == ("payable", "2026-12-09", False)
    assert [row.kind for row in page.corrections] == ["reversal", "restoration"]


# ------------------------------------------------------------------ the books


def moves(page):
    return [
        (move.from_account, move.to_account, move.amount_cents)
        for move in page.movements
    ]


def test_the_books_tell_the_whole_way_of_the_money(code, tmp_path):
    other = selling.sell(code, net_cents=10000)
    sale = selling.sell(code, net_cents=20000)
    selling.approve()
    run = selling.open_run()
    selling.pay(run, tmp_path)
    selling.change(sale.line, at=selling.PAYDAY + timedelta(days=9), refunded_cents=50)

    assert moves(read(sale)) == [
        ("shop_owed", "creator_accrued", 2000),
        ("creator_accrued", "creator_payable", 2000),
        ("creator_payable", "in_transit", 2000),
        ("in_transit", "bank", 2000),
        ("creator_payable", "shop_owed", 5),
    ]
    assert moves(read(other))[-1] == ("in_transit", "bank", 1000)


def test_the_books_tell_a_transfer_that_came_back(code, tmp_path):
    sale = selling.sell(code, net_cents=20000)
    selling.approve()
    run = selling.open_run()
    selling.pay(run, tmp_path)
    runs.return_payout(
        run.payouts.get().pk, "Closed.", at=selling.PAYDAY + timedelta(days=5)
    )
    page = read(sale)

    assert sorted(moves(page)[-2:]) == [
        ("bank", "in_transit", 2000),
        ("in_transit", "creator_payable", 2000),
    ]
    assert page.payout is None
