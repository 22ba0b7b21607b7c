from payouts.models.accounts import BankAccount, TaxKind, TaxProfile
from payouts.models.commissions import (
    Commission,
    CommissionKind,
    CommissionStatus,
    DeclineReason,
)
from payouts.models.ledger import AccountKind, LedgerAccount, LedgerEntry, LedgerLeg
from payouts.models.runs import (
    Payout,
    PayoutLine,
    PayoutSkip,
    PayoutStatus,
    Run,
    RunChunk,
    RunStatus,
    SkipReason,
)

__all__ = [
    "AccountKind",
    "BankAccount",
    "Commission",
    "CommissionKind",
    "CommissionStatus",
    "DeclineReason",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerLeg",
    "Payout",
    "PayoutLine",
    "PayoutSkip",
    "PayoutStatus",
    "Run",
    "RunChunk",
    "RunStatus",
    "SkipReason",
    "TaxKind",
    "TaxProfile",
]
