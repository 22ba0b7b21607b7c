"""Money goes to the creator's own verified account, whenever it changes (I11, Y8)."""

from datetime import timedelta

import pytest

from payouts import commissions, runs
from payouts.models import BankAccount, Payout, PayoutSkip
from tests.factories.payouts import BankAccountFactory, TaxProfileFactory
from tests.payouts.earning import earn, enrolled
from tests.payouts.paying import MONTH, OPENED, bring_home, draft, send, states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]

OLD, NEW = "DE32500105170000000007", "FR1420041010050500013M02606"
HOUR = timedelta(hours=1)
HOLD = timedelta(hours=72)


@pytest.fixture
def sale():
    """Return an approved sale of 40.00 of a creator with an old account."""
    sale = earn(enrolled(), 40_000)
    TaxProfileFactory(creator=sale.creator)
    BankAccountFactory(creator=sale.creator, usable=True, iban=OLD)
    commissions.approve(at=OPENED)
    return sale


def change_account(creator, *, at):
    """Replace the account as rule Y8 does: the new one is held for 72 hours."""
    BankAccount.objects.filter(creator=creator, ended_at=None).update(ended_at=at)
    return BankAccountFactory(
        creator=creator, iban=NEW, verified_at=at, usable_from=at + HOLD
    )


def ibans(file):
    return [iban for iban in (OLD, NEW) if iban.encode() in file]


def test_a_change_long_before_the_run_is_paid_to_the_new_account(sale):
    change_account(sale.creator, at=OPENED - HOLD)

    _, file = send(draft())

    assert ibans(file) == [NEW]


def test_a_change_just_before_the_run_holds_the_payout_back(sale):
    change_account(sale.creator, at=OPENED - HOLD + HOUR)

    draft()

    assert PayoutSkip.objects.get().reason == "bank_account_on_hold"
    assert states(sale) == ["approved"]


def test_a_change_while_the_run_is_built_holds_the_payout_back(sale):
    run = runs.open_run(MONTH, at=OPENED)
    change_account(sale.creator, at=OPENED + HOUR)

    runs.build(run.pk)

    assert PayoutSkip.objects.get().reason == "bank_account_on_hold"
    assert not Payout.objects.exists()


def test_an_account_closed_while_the_run_is_built_holds_the_payout_back(sale):
    run = runs.open_run(MONTH, at=OPENED)
    BankAccount.objects.update(ended_at=OPENED + HOUR)

    runs.build(run.pk)

    assert PayoutSkip.objects.get().reason == "no_bank_account"


@pytest.mark.parametrize("step", ["drafted", "approved", "sent"])
def test_a_change_after_the_draft_never_redirects_it(sale, step, tmp_path):
    run = draft()
    steps = [
        lambda: runs.approve(run.pk, by=None, at=OPENED),
        lambda: runs.send(run.pk, tmp_path, at=OPENED),
    ]
    taken = ["drafted", "approved", "sent"].index(step)
    for take in steps[:taken]:
        take()
    change_account(sale.creator, at=OPENED + HOUR)
    for take in [*steps[taken:], steps[-1]]:
        take()

    (file,) = tmp_path.iterdir()
    assert ibans(file.read_bytes()) == [OLD]
    assert Payout.objects.get().bank_account.iban == OLD


def test_what_came_back_goes_to_the_account_of_the_next_run(sale):
    bring_home(draft())
    change_account(sale.creator, at=OPENED + HOUR)
    runs.return_payout(Payout.objects.get().pk, "Account closed.", at=OPENED + HOUR)
    later = OPENED + timedelta(days=31)

    _, file = send(draft(later.date().replace(month=1), at=later), at=later)

    assert ibans(file) == [NEW]


def test_the_account_of_another_creator_is_never_used(sale):
    other = earn(enrolled(sale.program), 40_000)
    TaxProfileFactory(creator=other.creator)
    commissions.approve(at=OPENED)

    draft()

    assert Payout.objects.get().creator == sale.creator
    assert PayoutSkip.objects.get().creator == other.creator
