"""A month's run: what it takes, who is paid, who is not and why (Y1 to Y3)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from affiliate.common.models import AuditEntry
from payouts import commissions, runs
from payouts.models import Commission, Payout, PayoutSkip, Run
from tests.factories.common import UserFactory
from tests.factories.payouts import BankAccountFactory, TaxProfileFactory
from tests.payouts.earning import PLACED, earn, enrolled, program, refund
from tests.payouts.paying import (
    MONTH,
    OPENED,
    bring_home,
    draft,
    pay,
    payable,
    send,
    states,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def earned(cents, *, enrollment=None, **facts):
    """Return an approved sale of so many cents of a creator who can be paid."""
    enrollment = enrollment or enrolled(program(rate_bp=1000))
    sale = earn(enrollment, cents * 10, **facts)
    commissions.approve(at=OPENED)
    return sale


def owed(cents, **facts):
    sale = earned(cents, **facts)
    payable(sale.creator)
    return sale


# ------------------------------------------------------------------ the period (Y1)


@pytest.mark.parametrize(
    ("month", "at", "is_over"),
    [
        ("2026-12-01", "2026-12-31T22:59:59.999999", False),
        ("2026-12-01", "2026-12-31T23:00:00", True),  # midnight in Paris
        ("2026-07-01", "2026-07-31T21:59:59.999999", False),
        ("2026-07-01", "2026-07-31T22:00:00", True),
        ("2026-03-01", "2026-03-31T21:59:59", False),  # the month of 30 d 23 h
        ("2026-03-01", "2026-03-31T22:00:00", True),
        ("2026-10-01", "2026-10-31T22:59:59", False),  # the month of 31 d 1 h
        ("2026-10-01", "2026-10-31T23:00:00", True),
        ("2028-02-01", "2028-02-29T22:59:59", False),
        ("2028-02-01", "2028-02-29T23:00:00", True),
    ],
)
def test_a_run_is_opened_once_its_month_is_over_in_paris(month, at, is_over):
    month, at = date.fromisoformat(month), instant(at)
    if is_over:
        assert runs.open_run(month, at=at).starts_on == month
        return
    with pytest.raises(runs.PeriodNotOver):
        runs.open_run(month, at=at)
    assert not Run.objects.exists()


def test_a_run_says_what_it_covers():
    person = UserFactory()

    run = runs.open_run(date(2026, 12, 17), at=OPENED, by=person)

    assert (run.starts_on, run.ends_on) == (date(2026, 12, 1), date(2027, 1, 1))
    assert (run.status, run.currency, run.threshold_cents) == ("building", "EUR", 1000)
    assert (run.opened_at, run.opened_by) == (OPENED, person)
    assert run.message_id == "RUN-202612-EUR-1"
    assert AuditEntry.objects.get(action="run.opened").actor == person


def test_a_month_has_one_run():
    runs.open_run(MONTH, at=OPENED)

    with pytest.raises(runs.RunOverlaps):
        runs.open_run(MONTH, at=OPENED)
    assert Run.objects.count() == 1


def test_a_currency_without_a_rail_is_refused():
    with pytest.raises(runs.NoRailForCurrency):
        runs.open_run(MONTH, at=OPENED, currency="USD")


@pytest.mark.parametrize(
    ("text", "month"), [("2026-10", date(2026, 10, 1)), ("2028-02", date(2028, 2, 1))]
)
def test_a_month_is_read(text, month):
    assert runs.month_of(text) == month


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-1", "26-10", "2026-10-01"]
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError, match=r"month|invalid"):
        runs.month_of(text)


@pytest.mark.parametrize(
    ("placed_on", "is_due"),
    [
        (26, True),  # hold from 1 December, payable on the 31st
        (27, False),  # payable on 1 January
    ],
)
def test_a_run_takes_what_is_payable_before_its_months_end(placed_on, is_due):
    sale = earn(
        enrolled(program(hold_days=29)),
        100_000,
        placed_at=PLACED.replace(day=placed_on),
        at=OPENED,
    )
    payable(sale.creator)
    commissions.approve(at=OPENED)

    draft()

    assert str(sale.payable_on) == ("2026-12-31" if is_due else "2027-01-01")
    assert states(sale) == ["in_run" if is_due else "approved"]


def test_what_an_earlier_month_left_is_taken_too():
    sale = owed(2500, placed_at=PLACED.replace(month=3))

    draft()

    assert Payout.objects.get().amount_cents == 2500
    assert str(sale.payable_on) == "2026-04-08"


# ------------------------------------------------------------------ who is paid


def test_a_creator_has_one_payout_of_all_lines():
    first = owed(700)
    others = [earned(200, enrollment=first.enrollment) for _ in range(2)]

    run = draft()

    payout = Payout.objects.get()
    assert (payout.amount_cents, payout.status, payout.currency) == (
        1100,
        "draft",
        "EUR",
    )
    assert payout.end_to_end_id == f"RUN-202612-EUR-1-{first.creator_id}"
    assert payout.bank_account.creator == first.creator
    assert payout.lines.count() == 3
    assert states(first, *others) == ["in_run"] * 3
    assert run.status == "draft"


@pytest.mark.parametrize(
    ("cents", "is_paid"), [(999, False), (1000, True), (1001, True)]
)
def test_the_threshold_is_inclusive(cents, is_paid):
    sale = owed(cents)

    draft()

    assert Payout.objects.exists() is is_paid
    assert states(sale) == ["in_run" if is_paid else "approved"]


def test_the_threshold_is_for_the_sum_of_the_lines():
    first = owed(600)
    earned(399, enrollment=first.enrollment)
    assert draft().payouts.count() == 0

    earned(1, enrollment=first.enrollment)
    bring_home(draft(date(2027, 1, 1), at=instant("2027-02-02T08:00")))

    assert Payout.objects.get().amount_cents == 1000


def test_a_clawback_is_taken_from_the_next_payout():
    first = owed(2000)
    pay(first)
    refund(first.line, 10_000, at=OPENED)  # half of it: 10.00 to be given back
    earned(2500, enrollment=first.enrollment)

    draft(date(2027, 1, 1), at=instant("2027-02-02T08:00"))

    assert Payout.objects.get(status="draft").amount_cents == 1500


def no_tax_data(creator):
    BankAccountFactory(creator=creator, usable=True)


def no_bank_account(creator):
    TaxProfileFactory(creator=creator)


def unverified(creator):
    TaxProfileFactory(creator=creator)
    BankAccountFactory(creator=creator)


def ended(creator):
    TaxProfileFactory(creator=creator)
    BankAccountFactory(creator=creator, usable=True, ended_at=OPENED)


def in_another_currency(creator):
    TaxProfileFactory(creator=creator)
    BankAccountFactory(creator=creator, usable=True, currency="USD")


def on_hold(creator):
    TaxProfileFactory(creator=creator)
    BankAccountFactory(
        creator=creator,
        verified_at=OPENED - timedelta(hours=71),
        usable_from=OPENED + timedelta(microseconds=1),
    )


def verified_without_an_end_of_the_hold(creator):
    TaxProfileFactory(creator=creator)
    BankAccountFactory(creator=creator, verified_at=OPENED - timedelta(days=9))


@pytest.mark.parametrize(
    ("given", "cents", "reason"),
    [
        (no_tax_data, 2500, "no_tax_data"),
        (no_bank_account, 2500, "no_bank_account"),
        (unverified, 2500, "no_bank_account"),
        (ended, 2500, "no_bank_account"),
        (in_another_currency, 2500, "no_bank_account"),
        (on_hold, 2500, "bank_account_on_hold"),
        (verified_without_an_end_of_the_hold, 2500, "bank_account_on_hold"),
        (payable, 999, "below_threshold"),
    ],
)
def test_who_is_not_paid_is_told_why_and_keeps_the_money(given, cents, reason):
    sale = earned(cents)
    given(sale.creator)

    run = draft()

    skip = PayoutSkip.objects.get()
    assert (skip.run, skip.creator) == (run, sale.creator)
    assert (skip.reason, skip.amount_cents, skip.currency) == (reason, cents, "EUR")
    assert states(sale) == ["approved"]
    assert not Payout.objects.exists()


def test_an_account_is_usable_from_the_end_of_its_hold():
    sale = earned(2500)
    TaxProfileFactory(creator=sale.creator)
    BankAccountFactory(
        creator=sale.creator,
        verified_at=OPENED - timedelta(hours=72),
        usable_from=OPENED,
    )

    assert draft().payouts.count() == 1


@pytest.mark.parametrize("left", [0, 1])
def test_who_owes_or_is_even_is_not_paid(left):
    first = owed(2000)
    pay(first)
    refund(first.line, 20_000, at=OPENED)
    earned(2000 - left, enrollment=first.enrollment)

    draft(date(2027, 1, 1), at=instant("2027-02-02T08:00"))

    skip = PayoutSkip.objects.get()
    assert (skip.reason, skip.amount_cents) == ("negative_balance", -left)


@pytest.mark.django_db(transaction=True)
def test_what_is_held_or_waits_is_not_paid():
    first = owed(2500)
    waits = earn(first.enrollment, 90_000, placed_at=PLACED.replace(month=12))
    held = earned(9000, enrollment=first.enrollment)
    commissions.hold(held.pk, "Why?", by=UserFactory(), at=OPENED)

    draft()

    assert Payout.objects.get().amount_cents == 2500
    assert states(waits, held) == ["pending", "held"]


def test_another_currency_is_another_run():
    euros = owed(2500)
    dollars = earned(2500, enrollment=euros.enrollment, currency="USD")

    draft()

    assert Payout.objects.get().amount_cents == 2500
    assert states(dollars) == ["approved"]


def test_a_run_without_anybody_goes_through():
    run = draft()
    sent, file = send(run)

    assert (run.status, sent.status, file) == ("draft", "sent", None)
    assert runs.finish(run.pk, at=OPENED).status == "finished"


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 100])
def test_the_chunks_decide_nothing(chunk_size):
    sales = [owed(2000 + n) for n in range(5)]

    run = draft(chunk_size=chunk_size)

    assert run.chunks.count() == {1: 5, 2: 3, 3: 2, 100: 1}[chunk_size]
    assert not run.chunks.filter(built_at=None).exists()
    paid = Payout.objects.order_by("creator_id").values_list(
        "creator_id", "amount_cents"
    )
    assert list(paid) == [(sale.creator_id, 2000 + n) for n, sale in enumerate(sales)]


def test_building_twice_changes_nothing():
    owed(2500)
    run = draft()

    runs.build(run.pk)

    assert Payout.objects.count() == 1
    assert Commission.objects.get().status == "in_run"
