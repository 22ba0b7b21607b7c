"""A run's steps: approved by two, sent, finished, dropped; each step once (Y4)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from affiliate.common.models import AuditEntry
from payouts import commissions, ledger, runs
from payouts.models import LedgerEntry, Payout, PayoutLine
from payouts.runs.approving import next_target_day
from tests.factories.common import UserFactory
from tests.payouts.earning import earn, enrolled, program
from tests.payouts.paying import (
    MONTH,
    OPENED,
    bring_home,
    draft,
    pay,
    payable,
    run_of,
    send,
    states,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]
LATER = OPENED + timedelta(days=3)


@pytest.fixture
def sale():
    sale = earn(enrolled(program(rate_bp=1000)), 25_000)
    payable(sale.creator)
    return sale


@pytest.fixture
def run(sale):
    return run_of(sale)


def large(cents):
    """Return a draft of so many cents, opened by somebody, and that person."""
    person = UserFactory()
    for part in (cents // 2, cents - cents // 2):
        sale = earn(enrolled(program(rate_bp=1000)), part * 10)
        payable(sale.creator)
    commissions.approve(at=OPENED)
    return draft(by=person), person


# ------------------------------------------------------------------ approving


def test_a_draft_is_approved_for_the_next_bank_day(run):
    person = UserFactory()

    approved = runs.approve(run.pk, by=person, at=OPENED)

    assert (approved.status, approved.approved_by) == ("approved", person)
    assert approved.approved_at == OPENED
    # 2 January 2027 is a Saturday.
    assert approved.execution_on == date(2027, 1, 4)
    entry = AuditEntry.objects.get(action="run.approved")
    assert entry.after == {"total_cents": 2500, "currency": "EUR"}


def test_approving_twice_changes_nothing(run):
    first = runs.approve(run.pk, by=UserFactory(), at=OPENED)
    second = runs.approve(run.pk, by=UserFactory(), at=LATER)

    assert second.approved_at == first.approved_at
    assert second.approved_by == first.approved_by
    assert AuditEntry.objects.filter(action="run.approved").count() == 1


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2026-12-24", "2026-12-28"),
        ("2026-12-31", "2027-01-04"),
        ("2027-03-25", "2027-03-30"),  # Good Friday to Easter Monday
        ("2026-04-30", "2026-05-04"),  # 1 May
        ("2026-07-13", "2026-07-14"),  # TARGET is open on 14 July
    ],
)
def test_the_bank_day_is_the_next_that_target_is_open(day, following):
    assert str(next_target_day(date.fromisoformat(day))) == following


def test_the_bank_day_is_counted_from_midnight_in_paris(run):
    sunday_in_paris = datetime(2027, 1, 9, 23, 0, tzinfo=UTC)

    approved = runs.approve(run.pk, by=None, at=sunday_in_paris)

    assert approved.execution_on == date(2027, 1, 11)


@pytest.mark.parametrize(("cents", "alone"), [(1_000_000, True), (1_000_001, False)])
def test_above_the_limit_another_person_approves(cents, alone):
    run, person = large(cents)

    if alone:
        assert runs.approve(run.pk, by=person, at=OPENED).status == "approved"
        return
    with pytest.raises(runs.NeedsAnotherPerson):
        runs.approve(run.pk, by=person, at=OPENED)
    run.refresh_from_db()
    assert (run.status, run.approved_at) == ("draft", None)
    assert runs.approve(run.pk, by=UserFactory(), at=OPENED).status == "approved"


def test_a_run_that_is_still_being_built_is_not_approved():
    run = runs.open_run(MONTH, at=OPENED)

    with pytest.raises(runs.WrongState):
        runs.approve(run.pk, by=None, at=OPENED)


# ------------------------------------------------------------------ sending


def test_sending_writes_the_file_and_moves_the_money(run, sale):
    sent, file = send(run)

    assert (sent.status, sent.sent_at) == ("sent", OPENED)
    assert b'<InstdAmt Ccy="EUR">25.00</InstdAmt>' in file
    assert b"<ReqdExctnDt><Dt>2027-01-04</Dt></ReqdExctnDt>" in file.replace(b"\n", b"")
    payout = Payout.objects.get()
    assert (payout.status, payout.sent_at) == ("sent", OPENED)
    assert ledger.balances(sale.creator_id) == [ledger.Balance("EUR", 0, 0, 2500, 0)]
    assert states(sale) == ["in_run"]


def test_sending_again_writes_the_same_bytes_and_nothing_else(run, tmp_path):
    _, first = send(run)
    entries = LedgerEntry.objects.count()

    again, path = runs.send(run.pk, tmp_path, at=LATER)

    assert path.read_bytes() == first
    assert again.sent_at == OPENED
    assert LedgerEntry.objects.count() == entries


def test_the_file_is_the_same_after_everything_that_follows(run, sale, tmp_path):
    _, first = send(run)
    runs.finish(run.pk, at=LATER)
    runs.return_payout(Payout.objects.get().pk, "Account closed.", at=LATER)

    _, path = runs.send(run.pk, tmp_path, at=LATER)

    assert path.read_bytes() == first


def test_a_draft_is_not_sent(run, tmp_path):
    with pytest.raises(runs.WrongState):
        runs.send(run.pk, tmp_path, at=OPENED)

    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ finishing


def test_finishing_pays(run, sale):
    send(run)

    finished = runs.finish(run.pk, at=LATER)

    assert (finished.status, finished.finished_at) == ("finished", LATER)
    payout = Payout.objects.get()
    assert (payout.status, payout.settled_at) == ("paid", LATER)
    assert states(sale) == ["paid"]
    assert ledger.balances(sale.creator_id) == [ledger.Balance("EUR", 0, 0, 0, 2500)]


def test_finishing_twice_changes_nothing(run):
    bring_home(run)
    entries = LedgerEntry.objects.count()

    again = runs.finish(run.pk, at=LATER + timedelta(days=9))

    assert again.finished_at == OPENED + timedelta(days=2)
    assert LedgerEntry.objects.count() == entries
    assert AuditEntry.objects.filter(action="run.finished").count() == 1


@pytest.mark.parametrize("chunk", [1, 2, 7])
def test_the_chunks_of_finishing_decide_nothing(chunk):
    sales = [earn(enrolled(), 50_000) for _ in range(5)]
    run = run_of(*sales)
    send(run)

    runs.finish(run.pk, at=LATER, chunk=chunk)

    assert states(*sales) == ["paid"] * 5


def test_a_run_that_was_not_sent_is_not_finished(run):
    runs.approve(run.pk, by=None, at=OPENED)

    with pytest.raises(runs.WrongState):
        runs.finish(run.pk, at=OPENED)
    assert states(*run_sales(run)) == ["in_run"]


def run_sales(run):
    lines = PayoutLine.objects.filter(payout__run=run).select_related("commission")
    return [line.commission for line in lines]


# ------------------------------------------------------------------ dropping


def test_dropping_a_draft_frees_its_lines_and_its_month(run, sale):
    dropped = runs.drop(run.pk, by=UserFactory(), at=OPENED)

    assert dropped.status == "dropped"
    assert states(sale) == ["approved"]
    assert Payout.objects.get().status == "dropped"
    assert AuditEntry.objects.filter(action="run.dropped").count() == 1
    runs.drop(run.pk, by=UserFactory(), at=OPENED)
    assert AuditEntry.objects.filter(action="run.dropped").count() == 1


def test_a_dropped_month_is_opened_again_with_ids_of_its_own(run, sale):
    runs.drop(run.pk, by=None, at=OPENED)

    again = bring_home(draft())

    assert again.message_id == "RUN-202612-EUR-2"
    assert states(sale) == ["paid"]
    assert sorted(Payout.objects.values_list("status", "end_to_end_id")) == [
        ("dropped", f"RUN-202612-EUR-1-{sale.creator_id}"),
        ("paid", f"RUN-202612-EUR-2-{sale.creator_id}"),
    ]


def test_a_run_half_built_is_dropped_whole(sale):
    earn(sale.enrollment)
    other = earn(enrolled(), 50_000)
    payable(other.creator)
    commissions.approve(at=OPENED)
    run = runs.open_run(MONTH, at=OPENED, chunk_size=1)
    assert runs.build_next(run.pk)

    runs.drop(run.pk, by=None, at=OPENED)
    runs.build(run.pk)

    run.refresh_from_db()
    assert run.status == "dropped"
    assert states(sale, other) == ["approved", "approved"]


@pytest.mark.parametrize("step", ["approve", "send", "finish"])
def test_what_is_approved_is_not_dropped(run, sale, step):
    runs.approve(run.pk, by=None, at=OPENED)
    if step != "approve":
        send(run)
    if step == "finish":
        runs.finish(run.pk, at=LATER)

    with pytest.raises(runs.WrongState):
        runs.drop(run.pk, by=None, at=LATER)
    assert PayoutLine.objects.get().is_active


# ------------------------------------------------------------------ coming back


@pytest.mark.parametrize("is_finished", [False, True])
def test_a_returned_transfer_is_payable_again_and_says_why(run, sale, is_finished):
    send(run)
    if is_finished:
        runs.finish(run.pk, at=LATER)

    payout = runs.return_payout(Payout.objects.get().pk, "Account closed.", at=LATER)

    assert (payout.status, payout.return_reason) == ("returned", "Account closed.")
    assert states(sale) == ["approved"]
    assert ledger.balances(sale.creator_id) == [ledger.Balance("EUR", 0, 2500, 0, 0)]
    assert AuditEntry.objects.get(action="payout.returned").after == {
        "reason": "Account closed."
    }


def test_returning_twice_changes_nothing(run):
    bring_home(run)
    payout = Payout.objects.get()
    runs.return_payout(payout.pk, "Account closed.", at=LATER)
    entries = LedgerEntry.objects.count()

    again = runs.return_payout(payout.pk, "Other words.", at=LATER)

    assert again.return_reason == "Account closed."
    assert LedgerEntry.objects.count() == entries


def test_what_came_back_is_paid_by_the_next_run(run, sale):
    bring_home(run)
    runs.return_payout(Payout.objects.get().pk, "Account closed.", at=LATER)

    bring_home(
        draft(date(2027, 1, 1), at=datetime(2027, 2, 2, tzinfo=UTC)),
        at=datetime(2027, 2, 2, tzinfo=UTC),
    )

    assert states(sale) == ["paid"]
    assert ledger.balances(sale.creator_id) == [ledger.Balance("EUR", 0, 0, 0, 2500)]
    lines = PayoutLine.objects.order_by("id").values_list("is_active", flat=True)
    assert list(lines) == [False, True]


def test_a_run_with_a_return_is_finished_by_the_others():
    sales = [earn(enrolled(), 50_000) for _ in range(3)]
    run = run_of(*sales)
    send(run)
    back = Payout.objects.get(creator=sales[1].creator)
    runs.return_payout(back.pk, "Account closed.", at=LATER)

    assert runs.finish(run.pk, at=LATER).status == "finished"
    assert states(*sales) == ["paid", "approved", "paid"]


@pytest.mark.parametrize("step", ["draft", "approved", "dropped"])
def test_what_was_never_sent_does_not_come_back(run, step):
    if step == "approved":
        runs.approve(run.pk, by=None, at=OPENED)
    if step == "dropped":
        runs.drop(run.pk, by=None, at=OPENED)

    with pytest.raises(runs.WrongState):
        runs.return_payout(Payout.objects.get().pk, "Why not.", at=LATER)


def test_paying_twice_in_one_month_is_impossible(sale):
    pay(sale)

    with pytest.raises(runs.RunOverlaps):
        pay(sale)
    assert Payout.objects.count() == 1
