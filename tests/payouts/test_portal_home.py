"""The creator's first page: its figures are the ledger's in every state."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from payouts import commissions, ledger, runs
from payouts.portal import home
from tests.factories import BankAccountFactory, CreatorFactory, UserFactory
from tests.payouts import selling

pytestmark = pytest.mark.django_db


@pytest.fixture
def code():
    code = selling.creator_with_code()
    selling.payable(code.enrollment.creator)
    return code


def read(code, at=selling.NOW):
    return home.read(code.enrollment.creator_id, at=at)


def balance(code, at=selling.NOW):
    (row,) = read(code, at).balances
    return row


def figures(row):
    return (
        row.expected_cents,
        row.held_cents,
        row.next_payout.amount_cents,
        row.moving_cents,
        row.paid_cents,
    )


def booked(code):
    (row,) = ledger.balances(code.enrollment.creator_id)
    return row.accrued_cents + row.payable_cents + row.in_transit_cents + row.paid_cents


def test_a_newcomer_is_shown_the_way(code):
    page = selling.visitor(code).get(reverse("portal_home"))

    assert page.context["is_new"]
    assert "Hello Léa" in selling.words(page)
    assert "Share your link or your code" in selling.words(page)


def test_a_pending_sale_is_expected(code):
    selling.sell(code)

    assert figures(balance(code)) == (400, 0, 0, 0, 0)
    assert balance(code).expected_count == 1


def test_an_approved_sale_is_ready(code):
    selling.sell(code)
    selling.approve()

    assert figures(balance(code)) == (0, 0, 400, 0, 0)


def test_a_held_sale_is_neither_expected_nor_ready(code):
    finance = UserFactory()
    waiting, ready = selling.sell(code), selling.sell(code, net_cents=20000)
    selling.approve()
    for sale in (waiting, ready):
        commissions.hold(sale.pk, "A question.", by=finance, at=selling.NOW)

    assert figures(balance(code)) == (0, 2400, 0, 0, 0)
    assert booked(code) == 2400


def test_a_pending_sale_on_hold_is_not_expected(code):
    sale = selling.sell(code)
    commissions.hold(sale.pk, "A question.", by=UserFactory(), at=selling.NOW)

    assert figures(balance(code)) == (0, 400, 0, 0, 0)
    assert booked(code) == 400


def test_money_in_a_run_moves_before_and_after_the_bank_has_it(code, tmp_path):
    selling.sell(code, net_cents=20000)
    selling.approve()
    run = selling.open_run()
    drafted = balance(code, selling.PAYDAY)
    selling.send(run, tmp_path)

    assert figures(drafted) == (0, 0, 0, 2000, 0)
    assert figures(balance(code, selling.PAYDAY)) == (0, 0, 0, 2000, 0)


def test_a_paid_sale_is_paid_on_its_day(code, tmp_path):
    selling.sell(code, net_cents=20000)
    selling.approve()
    selling.pay(selling.open_run(), tmp_path)
    row = balance(code, selling.PAYDAY)

    assert figures(row) == (0, 0, 0, 0, 2000)
    assert str(row.last_paid_on) == "2027-01-03"


def test_a_returned_transfer_is_ready_again(code, tmp_path):
    selling.sell(code, net_cents=20000)
    selling.approve()
    run = selling.open_run()
    selling.pay(run, tmp_path)
    runs.return_payout(run.payouts.get().pk, "Closed.", at=selling.PAYDAY)

    assert figures(balance(code)) == (0, 0, 2000, 0, 0)


def test_a_refund_after_payment_is_owed(code, tmp_path):
    sale = selling.sell(code, net_cents=20000)
    selling.approve()
    selling.pay(selling.open_run(), tmp_path)
    selling.change(sale.line, at=selling.PAYDAY, refunded_cents=5000)
    row = balance(code, selling.PAYDAY)

    assert figures(row) == (0, 0, -500, 0, 2000)
    assert row.next_payout.reason == "negative_balance"
    assert row.next_payout.missing_cents == 0


def test_a_cancelled_order_leaves_nothing(code):
    selling.cancel(selling.sell(code).line)
    row = balance(code)

    assert figures(row) == (0, 0, 0, 0, 0)
    assert (row.order_count, row.sales_cents, row.earned_cents) == (0, 0, 0)


def test_every_state_at_once_adds_up_to_the_ledger(code, tmp_path):
    selling.sell(code, net_cents=20000)
    selling.approve()
    selling.pay(selling.open_run(), tmp_path)
    held = selling.sell(code, net_cents=11100)
    selling.sell(code, net_cents=7770)
    selling.approve()
    commissions.hold(held.pk, "A question.", by=UserFactory(), at=selling.NOW)
    late = datetime(2026, 12, 20, 9, tzinfo=UTC)
    partly = selling.sell(code, order__placed_at=late, at=late)
    selling.change(partly.line, at=late, refunded_cents=1000)

    assert figures(balance(code)) == (300, 1110, 777, 0, 2000)
    assert booked(code) == 4187


# ------------------------------------------------------------------ the next payout


@pytest.mark.parametrize(
    ("at", "on"),
    [
        (datetime(2026, 11, 24, 9, tzinfo=UTC), "2026-12-01"),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), "2027-01-01"),
        # The 1st has begun in Paris, and its run is still to be opened.
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2027-01-01"),
        (datetime(2027, 1, 2, 9, tzinfo=UTC), "2027-02-01"),
    ],
)
def test_the_next_payout_is_on_the_first_in_paris(code, at, on):
    selling.sell(code)

    assert str(balance(code, at).next_payout.on) == on


def test_once_the_run_of_the_day_is_open_the_next_one_is_a_month_away(code):
    selling.sell(code)
    selling.open_run(at=selling.PAYDAY)

    assert str(balance(code, selling.PAYDAY).next_payout.on) == "2027-02-01"


def reason(code):
    return balance(code).next_payout.reason


@pytest.mark.parametrize(("net", "expected"), [(9990, "below_threshold"), (10000, "")])
def test_the_threshold_of_ten_euros_is_inclusive(code, net, expected):
    selling.sell(code, net_cents=net)
    selling.approve()

    assert reason(code) == expected


def test_the_page_says_how_far_the_threshold_is(code):
    selling.sell(code)
    selling.approve()
    with time_machine.travel(selling.NOW, tick=False):
        page = selling.visitor(code).get(reverse("portal_home"))

    assert "Only €6.00 to go" in selling.words(page)


def test_missing_tax_data_is_said_first():
    code = selling.creator_with_code()
    selling.sell(code)

    assert reason(code) == "no_tax_data"


def test_a_missing_account_is_said(code):
    code.enrollment.creator.bank_accounts.update(ended_at=selling.NOW)
    selling.sell(code)

    assert reason(code) == "no_bank_account"


@pytest.mark.parametrize(
    ("usable_from", "expected"),
    [
        (datetime(2026, 11, 30, 23, 0, tzinfo=UTC), ""),
        (datetime(2026, 11, 30, 23, 0, 1, tzinfo=UTC), "bank_account_on_hold"),
    ],
)
def test_an_account_past_its_hold_when_the_run_opens_is_no_reason(
    code, usable_from, expected
):
    code.enrollment.creator.bank_accounts.update(ended_at=selling.NOW)
    BankAccountFactory(
        creator=code.enrollment.creator,
        verified_at=usable_from - timedelta(hours=72),
        usable_from=usable_from,
    )
    selling.sell(code)

    assert reason(code) == expected


def test_a_currency_that_cannot_be_paid_says_so():
    code = selling.creator_with_code(currency="USD")
    selling.sell(code, order__currency="USD")

    assert reason(code) == "no_rail"


def test_each_currency_stands_alone_the_busiest_first(code):
    selling.sell(code, order__currency="USD")
    selling.sell(code)
    selling.sell(code)

    rows = read(code).balances

    assert [(row.currency, row.expected_cents) for row in rows] == [
        ("EUR", 800),
        ("USD", 400),
    ]


# ------------------------------------------------------------------ thirty days


def test_thirty_days_count_what_was_bought_and_earned_on_its_day(code):
    sale = selling.sell(code)
    selling.sell(code, net_cents=1000)
    selling.change(sale.line, refunded_cents=1000)
    row = balance(code)
    (day,) = [day for day in row.days if day.order_count]

    assert len(row.days) == 30
    assert str(row.days[-1].on) == "2026-11-24"
    assert (str(day.on), day.order_count) == ("2026-11-03", 2)
    assert (day.sales_cents, day.earned_cents) == (4000, 400)
    assert (row.order_count, row.sales_cents, row.earned_cents) == (2, 4000, 400)


@pytest.mark.parametrize(
    ("placed_at", "counted"),
    [
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), 0),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), 1),
    ],
)
def test_the_first_of_thirty_days_begins_at_midnight_in_paris(code, placed_at, counted):
    selling.sell(code, order__placed_at=placed_at)

    assert balance(code).order_count == counted


def test_two_lines_of_one_order_are_one_order(code):
    selling.sell_again(selling.sell(code))

    assert balance(code).order_count == 1


# ------------------------------------------------------------------ who sees what


def test_a_creator_sees_nothing_of_another(code):
    other = selling.creator_with_code("TOM10")
    selling.sell(other, name="Secret cream")

    page = selling.visitor(code).get(reverse("portal_home"))

    assert page.context["is_new"]
    assert "Secret cream" not in selling.words(page)


def test_the_page_is_in_the_readers_language(code):
    selling.sell(code)
    with time_machine.travel(selling.NOW, tick=False):
        french = selling.visitor(code, "fr").get(reverse("portal_home"))
        english = selling.visitor(code, "en").get(reverse("portal_home"))

    assert "Bonjour Léa" in selling.words(french)
    assert "4,00 €" in selling.words(french)
    assert "1er décembre 2026" in selling.words(french)
    assert "Hello Léa" in selling.words(english)
    assert "€4.00" in selling.words(english)
    assert "1 December 2026" in selling.words(english)


def test_thirty_sales_cost_as_many_queries_as_three(code):
    for _ in range(3):
        selling.sell(code)
    few = selling.queries(code, reverse("portal_home"))
    for _ in range(27):
        selling.sell(code)

    assert selling.queries(code, reverse("portal_home")) == few


def test_a_creator_without_a_name_is_greeted_by_address():
    creator = CreatorFactory(user__name="")
    client = Client(headers={"accept-language": "en"})
    client.force_login(creator.user)

    page = client.get(reverse("portal_home"))

    assert page.status_code == 200
    assert creator.user.email in selling.words(page)
