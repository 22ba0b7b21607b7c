"""Transfers: the list with the months without one, and one transfer with its lines."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from payouts import runs
from payouts.portal import paging, payouts
from tests.factories import (
    CommissionFactory,
    PayoutFactory,
    PayoutSkipFactory,
    RunFactory,
)
from tests.payouts import selling

pytestmark = pytest.mark.django_db


@pytest.fixture
def code():
    code = selling.creator_with_code()
    selling.payable(code.enrollment.creator)
    return code


def page(code, asked=None):
    creator_id = code.enrollment.creator_id
    return payouts.page(creator_id, asked=asked or paging.Asked(), at=selling.PAYDAY)


def read(code, payout, asked=None):
    creator_id = code.enrollment.creator_id
    return payouts.read(creator_id, payout.pk, asked=asked or paging.Asked())


def sold_and_run(code, net_cents=20000):
    sale = selling.sell(code, net_cents=net_cents, name="Sérum")
    selling.approve()
    return sale, selling.open_run()


def test_a_newcomer_has_no_payouts(code):
    shown = selling.visitor(code).get(reverse("portal_payouts"))

    assert shown.context["upcoming"] == []
    assert "No payout yet" in selling.words(shown)


# ------------------------------------------------------------------ the list


def test_a_draft_is_being_prepared(code):
    sold_and_run(code)
    (row,) = page(code).payouts

    assert (row.state, row.amount_cents, row.commission_count) == ("draft", 2000, 1)
    assert (row.period_on, row.sent_on, row.settled_on) == (
        date(2026, 12, 1),
        None,
        None,
    )


def test_a_transfer_at_the_bank_says_since_when(code, tmp_path):
    selling.send(sold_and_run(code)[1], tmp_path)
    (row,) = page(code).payouts

    assert (row.state, row.sent_on) == ("sent", date(2027, 1, 1))


def test_a_paid_transfer_says_when(code, tmp_path):
    selling.pay(sold_and_run(code)[1], tmp_path)
    (row,) = page(code).payouts

    assert (row.state, row.settled_on) == ("paid", date(2027, 1, 3))


def test_a_returned_transfer_says_why(code, tmp_path):
    _, run = sold_and_run(code)
    selling.send(run, tmp_path)
    runs.return_payout(run.payouts.get().pk, "Account closed.", at=selling.PAYDAY)
    (row,) = page(code).payouts
    (coming,) = page(code).upcoming

    assert (row.state, row.return_reason) == ("returned", "Account closed.")
    assert coming.amount_cents == 2000


def test_a_month_without_transfer_says_why(code):
    sold_and_run(code, net_cents=5000)
    (row,) = page(code).payouts
    shown = selling.visitor(code).get(reverse("portal_payouts"))

    assert (row.payout_id, row.state, row.reason) == (
        None,
        "skipped",
        "below_threshold",
    )
    assert row.amount_cents == 500
    assert "Payouts start at €10.00." in selling.words(shown)


def test_a_run_that_was_dropped_was_never_there(code):
    _, run = sold_and_run(code)
    runs.drop(run.pk, by=None, at=selling.PAYDAY)

    assert page(code).payouts == []


def test_a_skip_of_a_dropped_run_was_never_there(code):
    _, run = sold_and_run(code, net_cents=5000)
    runs.drop(run.pk, by=None, at=selling.PAYDAY)

    assert page(code).payouts == []


def months(code, count):
    for number in range(count):
        starts_on = date(2020 + number // 12, number % 12 + 1, 1)
        run = RunFactory(draft=True, starts_on=starts_on)
        PayoutSkipFactory(run=run, creator=code.enrollment.creator)


def test_pages_cut_the_list_without_repeating_or_leaving_out(code):
    months(code, payouts.PAGE_SIZE + 1)
    first = page(code)
    second = page(code, paging.Asked(older_than=first.older_than))
    back = page(code, paging.Asked(newer_than=second.newer_than))

    found = [row.period_on for row in (*first.payouts, *second.payouts)]
    assert found == sorted(set(found), reverse=True)
    assert len(found) == payouts.PAGE_SIZE + 1
    assert (first.newer_than, second.older_than) == (None, None)
    assert back.payouts == first.payouts


def test_thirty_months_cost_as_many_queries_as_three(code):
    months(code, 3)
    few = selling.queries(code, reverse("portal_payouts"))
    for _ in range(27):
        PayoutFactory(creator=code.enrollment.creator, bank_account=account(code))

    assert selling.queries(code, reverse("portal_payouts")) == few


def account(code):
    return code.enrollment.creator.bank_accounts.get()


# ------------------------------------------------------------------ one transfer


def test_a_transfer_shows_its_facts(code, tmp_path):
    _, run = sold_and_run(code)
    selling.pay(run, tmp_path)
    payout = run.payouts.get()
    facts = read(code, payout).payout

    assert (facts.period_on, facts.last_on) == (date(2026, 12, 1), date(2026, 12, 31))
    assert (facts.amount_cents, facts.earned_cents, facts.taken_back_cents) == (
        2000,
        2000,
        0,
    )
    assert facts.reference == payout.end_to_end_id
    assert facts.holder == "Léa Martin"


def test_the_account_is_masked(code):
    _, run = sold_and_run(code)
    iban = account(code).iban
    path = reverse("portal_payout", args=[run.payouts.get().pk])

    shown = selling.words(selling.visitor(code).get(path))

    assert f"{iban[:4]} … {iban[-4:]}" in shown
    assert iban[4:-4] not in shown


def steps(found):
    return [(step.key, step.at and step.at.date(), step.is_done) for step in found]


def test_the_steps_follow_the_transfer(code, tmp_path):
    _, run = sold_and_run(code)
    payout = run.payouts.get()
    drafted = steps(read(code, payout).steps)
    selling.pay(run, tmp_path)
    opened, paid = date(2027, 1, 1), date(2027, 1, 3)

    assert drafted == [
        ("prepared", opened, True),
        ("approved", None, False),
        ("sent", None, False),
        ("paid", None, False),
    ]
    assert steps(read(code, payout).steps) == [
        ("prepared", opened, True),
        ("approved", opened, True),
        ("sent", opened, True),
        ("paid", paid, True),
    ]


def test_a_return_is_the_last_step(code, tmp_path):
    _, run = sold_and_run(code)
    selling.send(run, tmp_path)
    payout = run.payouts.get()
    runs.return_payout(payout.pk, "Closed.", at=selling.PAYDAY + timedelta(days=4))

    assert steps(read(code, payout).steps)[-1] == (
        "returned",
        date(2027, 1, 5),
        True,
    )
    # What it was made of stays to be read.
    assert len(read(code, payout).lines) == 1


def test_a_clawback_opens_the_sale_it_took_back(code, tmp_path):
    sale, run = sold_and_run(code)
    selling.pay(run, tmp_path)
    later = datetime(2027, 1, 20, 9, tzinfo=UTC)
    selling.change(sale.line, at=later, refunded_cents=5000)
    placed_at = datetime(2026, 12, 20, 9, tzinfo=UTC)
    selling.sell(code, net_cents=30000, order__placed_at=placed_at)
    selling.approve(at=later + timedelta(days=9))
    run = selling.open_run(at=datetime(2027, 2, 1, 9, tzinfo=UTC))
    shown = read(code, run.payouts.get())

    assert [(line.kind, line.amount_cents) for line in shown.lines] == [
        ("sale", 3000),
        ("clawback", -500),
    ]
    assert shown.lines[1].commission_id == sale.pk
    assert (shown.payout.earned_cents, shown.payout.taken_back_cents) == (3000, -500)
    assert shown.payout.amount_cents == 2500


def big(code, count):
    rows = [
        CommissionFactory(
            enrollment=code.enrollment,
            in_run=True,
            amount_cents=100,
            line__order__placed_at=selling.PLACED - timedelta(hours=number // 2),
        )
        for number in range(count)
    ]
    return PayoutFactory(
        creator=code.enrollment.creator, bank_account=account(code), commissions=rows
    )


def test_pages_cut_the_lines_without_repeating_or_leaving_out(code):
    payout = big(code, payouts.LINES_A_PAGE + 3)
    first = read(code, payout)
    second = read(code, payout, paging.Asked(older_than=first.older_than))

    found = [line.commission_id for line in (*first.lines, *second.lines)]
    assert len(found) == len(set(found)) == payouts.LINES_A_PAGE + 3
    assert first.payout.commission_count == payouts.LINES_A_PAGE + 3
    assert (first.newer_than, second.older_than) == (None, None)


def test_thirty_lines_cost_as_many_queries_as_three(code):
    few, many = big(code, 3), big(code, 30)

    assert selling.queries(
        code, reverse("portal_payout", args=[many.pk])
    ) == selling.queries(code, reverse("portal_payout", args=[few.pk]))


# ------------------------------------------------------------------ who sees what


def test_another_creators_transfer_is_as_missing_as_an_unknown_one(code):
    other = selling.creator_with_code("TOM10")
    selling.payable(other.enrollment.creator)
    _, run = sold_and_run(other)
    foreign = run.payouts.get().pk
    browser = selling.visitor(code)

    answers = [
        browser.get(reverse("portal_payout", args=[number]))
        for number in (foreign, foreign + 1000, 9**25)
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.content for answer in answers}) == 1
    assert page(code).payouts == []


def test_a_dropped_transfer_is_missing_to_its_creator_too(code):
    _, run = sold_and_run(code)
    payout = run.payouts.get()
    runs.drop(run.pk, by=None, at=selling.PAYDAY)

    assert read(code, payout) is None


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["Versements", "Décembre 2026", "20,00 €"]),
        ("en", ["Payouts", "December 2026", "€20.00"]),
    ],
)
def test_the_pages_are_in_the_readers_language(code, tmp_path, language, expected):
    _, run = sold_and_run(code)
    selling.pay(run, tmp_path)
    with time_machine.travel(selling.PAYDAY, tick=False):
        browser = selling.visitor(code, language)
        shown = selling.words(browser.get(reverse("portal_payouts")))
        one = browser.get(reverse("portal_payout", args=[run.payouts.get().pk]))

    assert [words for words in expected if words not in shown] == []
    assert expected[2] in selling.words(one)
