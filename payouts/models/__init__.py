from payouts.models.accounts import BankAccount, TaxKind, TaxProfile
from payouts.models.commissions import (
    CappedSale,
    Commission,
    CommissionKind,
    CommissionStatus,
    DeclineReason,
    StuckApproval,
)
from payouts.models.ledger import AccountKind, LedgerAccount, LedgerEntry, LedgerLeg
from payouts.models.runs import (
    CHUNK_ATTEMPTS,
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
    "CHUNK_ATTEMPTS",
    "AccountKind",
    "BankAccount",
    "CappedSale",
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
    "StuckApproval",
    "TaxKind",
    "TaxProfile",
]
