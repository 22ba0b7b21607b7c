"""What a creator has, currency by currency: every figure is the ledger's (rule G2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from payouts import ledger, runs
from payouts.models import BankAccount, Run, RunStatus, SkipReason, TaxProfile
from payouts.portal import sql

# No reason of a run: a run in this currency cannot be opened.
NO_RAIL = "no_rail"


@dataclass(frozen=True)
class NextPayout:
    """What is ready, the day it goes out, and what would keep it back as things are.

    `missing_cents` is how far a positive amount is from the threshold, else 0.
    """

    currency: str
    on: date
    amount_cents: int
    reason: str
    threshold_cents: int
    missing_cents: int


@dataclass(frozen=True)
class Money:
    """One currency. All but `paid_cents` add up to what is owed to the creator."""

    currency: str
    expected_cents: int
    expected_count: int
    held_cents: int
    moving_cents: int
    paid_cents: int
    last_paid_on: date | None
    next_payout: NextPayout


@dataclass(frozen=True)
class _Parts:
    """What the ledger holds in accounts of another name: holds and unsent drafts."""

    expected_count: int = 0
    held_accrued_cents: int = 0
    held_payable_cents: int = 0
    drafted_cents: int = 0
    last_paid_at: datetime | None = None


def read(creator_id: int, *, at: datetime) -> list[Money]:
    """Return what the creator has at `at`, one row a currency with any sale.

    Wrap it in `reading.one_moment`: the ledger and the commissions must agree.
    """
    parts = _parts(creator_id)
    booked = {row.currency: row for row in ledger.balances(creator_id)}
    way = _Way(creator_id, at)
    return [
        _money(booked.get(code, ledger.Balance(code, 0, 0, 0, 0)), parts[code], way)
        for code in sorted(parts)
    ]


def _parts(creator_id: int) -> Mapping[str, _Parts]:
    with connection.cursor() as cursor:
        cursor.execute(sql.PARTS, {"creator": creator_id})
        return {
            currency: _Parts(count, int(accrued), int(payable), int(drafted), paid_at)
            for currency, count, accrued, payable, drafted, paid_at in cursor.fetchall()
        }


def _money(booked: ledger.Balance, parts: _Parts, way: "_Way") -> Money:
    ready_cents = booked.payable_cents - parts.held_payable_cents - parts.drafted_cents
    paid_at = parts.last_paid_at
    return Money(
        currency=booked.currency,
        expected_cents=booked.accrued_cents - parts.held_accrued_cents,
        expected_count=parts.expected_count,
        held_cents=parts.held_accrued_cents + parts.held_payable_cents,
        moving_cents=booked.in_transit_cents + parts.drafted_cents,
        paid_cents=booked.paid_cents,
        last_paid_on=timezone.localdate(paid_at) if paid_at else None,
        next_payout=way.next_payout(booked.currency, ready_cents),
    )


class _Way:
    """What stands between a creator and the next payout (rule Y3)."""

    def __init__(self, creator_id: int, at: datetime) -> None:
        self._on = next_run_on(at)
        self._has_tax_data = TaxProfile.objects.filter(creator_id=creator_id).exists()
        self._accounts = {
            account.currency: account
            for account in BankAccount.objects.filter(
                creator_id=creator_id, ended_at=None
            )
        }

    def next_payout(self, currency: str, ready_cents: int) -> NextPayout:
        threshold: int = settings.PAYOUT_THRESHOLD_CENTS
        is_short = 0 < ready_cents < threshold
        return NextPayout(
            currency=currency,
            on=self._on,
            amount_cents=ready_cents,
            reason=self._reason(currency) or _amount_reason(ready_cents, threshold),
            threshold_cents=threshold,
            missing_cents=threshold - ready_cents if is_short else 0,
        )

    def _reason(self, currency: str) -> str:
        """Say what a run would say of this creator, in its order."""
        account = self._accounts.get(currency)
        opens_at = datetime.combine(self._on, time(), runs.BOOKS)
        if not runs.has_rail(currency):
            return NO_RAIL
        if not self._has_tax_data:
            return SkipReason.NO_TAX_DATA
        if account is None or account.verified_at is None:
            return SkipReason.NO_BANK_ACCOUNT
        if account.usable_from is None or account.usable_from > opens_at:
            return SkipReason.BANK_ACCOUNT_ON_HOLD
        return ""


def _amount_reason(ready_cents: int, threshold_cents: int) -> str:
    if ready_cents < 0:
        return SkipReason.NEGATIVE_BALANCE
    return SkipReason.BELOW_THRESHOLD if 0 < ready_cents < threshold_cents else ""


def next_run_on(at: datetime) -> date:
    """Return the day the next run opens: the 1st, in Paris; today while it is due."""
    today = at.astimezone(runs.BOOKS).date()
    if today.day == 1 and not _is_opened(today):
        return today
    return run_after(today)


def run_after(payable_on: date) -> date:
    """Return the day of the first run that takes what is payable from `payable_on`."""
    return (payable_on.replace(day=1) + timedelta(days=31)).replace(day=1)


def _is_opened(ends_on: date) -> bool:
    opened = Run.objects.exclude(status=RunStatus.DROPPED)
    return opened.filter(ends_on=ends_on).exists()
