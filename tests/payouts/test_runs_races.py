"""Runs on real threads: one wins, nothing is paid twice, and workers share (I9-I12)."""

import tempfile
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from payouts import commissions, ledger, runs
from payouts.models import Commission, Payout, PayoutLine, Run, RunChunk
from tests.common.racing import impatient, race
from tests.factories.payouts import (
    BankAccountFactory,
    CommissionFactory,
    PayoutFactory,
    RunFactory,
)
from tests.payouts.dropping import dropped
from tests.payouts.earning import PLACED, enrolled, program, refund, sell, sweep
from tests.payouts.paying import MONTH, OPENED, draft, payable, run_of, send, states
from tests.payouts.waiting import meet

pytestmark = pytest.mark.django_db(transaction=True)
books = pytest.mark.usefixtures("books_are_right")
DONE = OPENED + timedelta(days=2)


def owed(people, *, lines=1, cents=25_000, **order):
    """Return the enrollments of so many creators who are owed the same."""
    ours = program(rate_bp=1000)
    since = PLACED.replace(year=2025, month=1)
    enrollments = [enrolled(ours, since=since) for _ in range(people)]
    for enrollment in enrollments:
        payable(enrollment.creator)
        for _ in range(lines):
            sell(enrollment, cents, **order)
    sweep()
    while commissions.approve(at=OPENED):
        pass
    return enrollments


def errors(done):
    return [each for each in done if isinstance(each, Exception)]


# ------------------------------------------------------------------ opening


@books
def test_of_many_that_open_one_month_one_wins():
    done = race([lambda: runs.open_run(MONTH, at=OPENED)] * 12)

    assert sum(isinstance(each, Run) for each in done) == 1
    assert sum(isinstance(each, runs.RunOverlaps) for each in done) == 11
    assert Run.objects.count() == 1


def test_without_the_constraints_many_would_open_one_month():
    with (
        dropped("payouts_run", "runs_do_not_overlap"),
        dropped("payouts_run", "run_message_id_is_unique"),
    ):
        done = race([lambda: runs.open_run(MONTH, at=OPENED)] * 12)
        opened = Run.objects.count()

    assert errors(done) == []
    assert opened == 12


# ------------------------------------------------------------------ paid once (I9)


@books
def test_every_month_at_once_pays_each_commission_once():
    owed(8, lines=5, placed_at=PLACED.replace(year=2025, month=11))
    opened = [
        runs.open_run(date(2026, month, 1), at=OPENED, chunk_size=3)
        for month in range(1, 13)
    ]

    done = race(
        [lambda run=run: runs.build(run.pk) for run in opened for _ in range(4)]
    )
    for run in opened:
        runs.build(run.pk)

    assert errors(done) == []
    assert PayoutLine.objects.count() == 40
    assert set(Commission.objects.values_list("status", flat=True)) == {"in_run"}
    assert sum(Payout.objects.values_list("amount_cents", flat=True)) == 40 * 2500
    assert not Run.objects.exclude(status="draft").exists()


def pay_behind_a_check(run, commission, account, meeting):
    """Pay as an application would that asks first whether it is paid already."""
    is_paid = PayoutLine.objects.filter(commission=commission, is_active=True).exists()
    connection.close()  # there are fewer connections than threads
    meeting.wait()
    if is_paid:
        return None
    return PayoutFactory(
        run=run,
        creator=commission.creator,
        bank_account=account,
        commissions=[commission],
    )


def pay_doubly():
    """Pay forty commissions in two runs at once; the two meet behind the check."""
    run_and_run = RunFactory.create_batch(2, draft=True)
    attempts = []
    for _ in range(40):
        sale = CommissionFactory(in_run=True)
        account = BankAccountFactory(creator=sale.creator, usable=True)
        meeting = Barrier(2, timeout=20)
        attempts += [
            partial(pay_behind_a_check, run, sale, account, meeting)
            for run in run_and_run
        ]
    return race(attempts)


def payments():
    """Return how often each commission is in a live payout."""
    found = {}
    for pk in PayoutLine.objects.filter(is_active=True).values_list(
        "commission_id", flat=True
    ):
        found[pk] = found.get(pk, 0) + 1
    return sorted(found.values())


def test_eighty_threads_behind_a_check_pay_forty_commissions_once():
    done = pay_doubly()

    assert payments() == [1] * 40
    assert len(errors(done)) == 40
    assert all(isinstance(each, IntegrityError) for each in errors(done))


def test_without_the_index_eighty_threads_pay_each_twice():
    with dropped("payouts_payoutline", "commission_is_paid_once"):
        done = pay_doubly()
        paid = payments()

    assert errors(done) == []
    assert paid == [2] * 40


# ------------------------------------------------------------------ building


@books
def test_workers_share_the_chunks_of_a_run():
    owed(12)
    run = runs.open_run(MONTH, at=OPENED, chunk_size=1)

    built = race([lambda: _built(run.pk)] * 4)

    # A claim may find that its chunk was built a moment ago.
    assert sum(built) >= 12
    assert Payout.objects.count() == 12
    run.refresh_from_db()
    assert run.status == "draft"


def _built(run_id):
    """Build what nobody else builds and return how many chunks that was."""
    chunks = 0
    while runs.build_next(run_id):
        chunks += 1
    return chunks


@books
def test_a_second_worker_builds_while_the_first_one_does():
    owed(2)
    run = runs.open_run(MONTH, at=OPENED, chunk_size=1)
    seen = []

    def second():
        with impatient("5s"):
            seen.append(runs.build_next(run.pk))

    with transaction.atomic():
        assert runs.build_next(run.pk)
        race([second])  # ends before the first one commits

    assert seen == [True]
    assert not RunChunk.objects.filter(built_at=None).exists()


@books
def test_who_finds_no_chunk_left_waits_for_those_who_build():
    owed(1)
    run = runs.open_run(MONTH, at=OPENED)

    meet(lambda: runs.build_next(run.pk), lambda: runs.build(run.pk))

    run.refresh_from_db()
    assert run.status == "draft"


@books
def test_a_commission_that_is_refunded_while_it_is_claimed_is_summed_right():
    (lea,) = owed(1, lines=2)
    run = runs.open_run(MONTH, at=OPENED)
    sale = Commission.objects.first()
    done = race(
        [lambda: runs.build(run.pk), lambda: refund(sale.line, 10_000, at=OPENED)]
    )

    assert errors(done) == []
    payout = Payout.objects.get()
    assert payout.amount_cents in {5000, 4000}
    left = ledger.balances(lea.creator_id)[0].payable_cents
    assert left == 4000


@books
def test_a_commission_held_while_it_is_claimed_is_not_paid(django_user_model):
    (_,) = owed(1, lines=2)
    run = runs.open_run(MONTH, at=OPENED)
    desk = django_user_model.objects.create_user("desk@mail.example")
    sale = Commission.objects.first()

    meet(
        lambda: commissions.hold(sale.pk, "Why?", by=desk, at=OPENED),
        lambda: runs.build(run.pk),
    )

    assert Payout.objects.get().amount_cents == 2500
    assert states(sale) == ["held"]


@books
def test_dropping_waits_for_those_who_build_and_frees_their_lines():
    owed(2)
    run = runs.open_run(MONTH, at=OPENED, chunk_size=1)

    meet(
        lambda: runs.build_next(run.pk),
        lambda: runs.drop(run.pk, by=None, at=OPENED),
    )
    runs.build(run.pk)

    run.refresh_from_db()
    assert run.status == "dropped"
    assert set(Commission.objects.values_list("status", flat=True)) == {"approved"}


@books
def test_dropping_and_building_at_once_leave_one_or_the_other():
    owed(6)
    run = runs.open_run(MONTH, at=OPENED, chunk_size=1)

    done = race(
        [lambda: runs.build(run.pk)] * 4
        + [lambda: runs.drop(run.pk, by=None, at=OPENED)]
    )

    assert errors(done) == []
    run.refresh_from_db()
    assert run.status == "dropped"
    assert set(Commission.objects.values_list("status", flat=True)) == {"approved"}


# ------------------------------------------------------------------ the later steps


@books
def test_many_that_send_one_run_write_the_same_and_post_once():
    people = owed(3)
    run = draft()
    runs.approve(run.pk, by=None, at=OPENED)

    done = race([lambda: send_again(run)] * 6)

    assert errors(done) == []
    assert len(set(done)) == 1
    for enrollment in people:
        assert ledger.balances(enrollment.creator_id)[0].in_transit_cents == 2500


def send_again(run):
    with tempfile.TemporaryDirectory() as folder:
        return runs.send(run.pk, Path(folder), at=OPENED)[1].read_bytes()


@books
def test_many_that_send_into_one_folder_leave_one_whole_file(tmp_path):
    owed(3)
    run = draft()
    runs.approve(run.pk, by=None, at=OPENED)

    done = race([lambda: runs.send(run.pk, tmp_path, at=OPENED)] * 6)

    assert errors(done) == []
    assert [path.name for path in tmp_path.iterdir()] == ["RUN-202612-EUR-1.xml"]


@books
def test_many_that_finish_one_run_pay_each_once():
    people = owed(9)
    run = draft()
    send(run)

    done = race([lambda: runs.finish(run.pk, at=DONE, chunk=2)] * 6)
    runs.finish(run.pk, at=DONE)

    assert errors(done) == []
    run.refresh_from_db()
    assert run.status == "finished"
    for enrollment in people:
        assert ledger.balances(enrollment.creator_id)[0].paid_cents == 2500


@books
def test_of_many_that_return_one_payout_one_does():
    (lea,) = owed(1)
    run = draft()
    send(run)
    payout = Payout.objects.get()

    done = race([lambda: runs.return_payout(payout.pk, "Closed.", at=DONE)] * 8)

    assert errors(done) == []
    assert ledger.balances(lea.creator_id)[0].payable_cents == 2500


@books
def test_finishing_and_returning_at_once_agree():
    people = owed(6)
    run = draft()
    send(run)
    payouts = list(Payout.objects.order_by("id"))

    done = race(
        [lambda: runs.finish(run.pk, at=DONE, chunk=1)] * 2
        + [
            lambda pk=payout.pk: runs.return_payout(pk, "Closed.", at=DONE)
            for payout in payouts[::2]
        ]
    )
    runs.finish(run.pk, at=DONE)

    assert errors(done) == []
    states_ = list(Payout.objects.order_by("id").values_list("status", flat=True))
    assert states_ == ["returned", "paid"] * 3
    assert (
        sum(ledger.balances(each.creator_id)[0].paid_cents for each in people)
        == 3 * 2500
    )


@books
def test_refunds_while_a_run_is_finished_are_never_lost():
    people = owed(6, cents=25_000)
    sales = list(Commission.objects.order_by("id"))
    run = run_of()
    send(run)
    done = race(
        [lambda: runs.finish(run.pk, at=DONE, chunk=1)] * 2
        + [lambda sale=sale: refund(sale.line, 10_000, at=DONE) for sale in sales]
    )
    sweep()
    runs.finish(run.pk, at=DONE)

    assert errors(done) == []
    for each in people:
        (balance,) = ledger.balances(each.creator_id)
        assert (balance.paid_cents, balance.payable_cents) == (2500, -1000)
