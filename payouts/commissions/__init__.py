"""What is earned: accrued from verdicts, corrected, held, approved (M, R, B, C)."""

from affiliate.common import queues
from payouts.commissions.accruing import UNACCRUED, Accrued, accrue
from payouts.commissions.approving import STUCK, approve
from payouts.commissions.holding import (
    AlreadyDecided,
    DeclinedMany,
    decline,
    decline_many,
    hold,
    release,
)

__all__ = [
    "Accrued",
    "AlreadyDecided",
    "DeclinedMany",
    "accrue",
    "approve",
    "decline",
    "decline_many",
    "hold",
    "release",
    "retry",
]


def retry() -> int:
    """Let the next sweeps try again what was set aside; return how many rows."""
    return queues.retry(UNACCRUED) + queues.retry(STUCK)
