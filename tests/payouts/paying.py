"""Approved commissions brought into runs, and through them."""

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from payouts import commissions, runs
from payouts.models import BankAccount, Commission, TaxProfile
from tests.factories.payouts import BankAccountFactory, TaxProfileFactory
from tests.payouts.earning import LATER

# The month after every hold of what was placed at PLACED.
MONTH = date(2026, 12, 1)
OPENED = datetime(2027, 1, 2, 8, 0, tzinfo=UTC)


def payable(creator, **account):
    """Give a creator what a payout needs."""
    if not TaxProfile.objects.filter(creator=creator).exists():
        TaxProfileFactory(creator=creator)
    if not BankAccount.objects.filter(creator=creator, ended_at=None).exists():
        BankAccountFactory(**{"creator": creator, "usable": True, **account})


def draft(month=MONTH, *, at=OPENED, **options):
    """Return the month's run, built to a draft."""
    run = runs.open_run(month, at=at, **options)
    runs.build(run.pk)
    run.refresh_from_db()
    return run


def run_of(*sales, month=MONTH, at=OPENED):
    """Approve these sales and claim them in a draft run, whatever they add up to."""
    commissions.approve(at=at)
    for sale in sales:
        payable(sale.creator)
    run = runs.open_run(month, at=at)
    type(run).objects.filter(pk=run.pk).update(threshold_cents=1)
    runs.build(run.pk)
    run.refresh_from_db()
    return run


def pay(*sales, month=MONTH, at=OPENED):
    """Bring these sales through a run until they are paid; return it."""
    return bring_home(run_of(*sales, month=month, at=at), at=at)


def send(run, *, at=OPENED):
    """Approve a draft and send it; return (run, bytes of the bank's file or None)."""
    runs.approve(run.pk, by=None, at=at)
    with tempfile.TemporaryDirectory() as folder:
        sent, path = runs.send(run.pk, Path(folder), at=at)
        return sent, path.read_bytes() if path else None


def bring_home(run, *, at=OPENED):
    """Approve, send and finish a draft."""
    send(run, at=at)
    return runs.finish(run.pk, at=at + timedelta(days=2))


def states(*sales):
    """Return these commissions' states now."""
    found = Commission.objects.in_bulk([sale.pk for sale in sales])
    return [found[sale.pk].status for sale in sales]


__all__ = [
    "LATER",
    "MONTH",
    "OPENED",
    "bring_home",
    "draft",
    "pay",
    "payable",
    "run_of",
    "send",
    "states",
]
