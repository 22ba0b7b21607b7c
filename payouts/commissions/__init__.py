"""What is earned: accrued from verdicts, corrected, held, approved (M, R, B, C)."""

from payouts.commissions.accruing import Accrued, accrue
from payouts.commissions.approving import approve
from payouts.commissions.holding import AlreadyDecided, decline, hold, release

__all__ = [
    "Accrued",
    "AlreadyDecided",
    "accrue",
    "approve",
    "decline",
    "hold",
    "release",
]
