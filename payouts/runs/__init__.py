"""Payout runs: claimed, summed, approved, sent, settled (rules Y1 to Y6)."""

from payouts.runs.approving import NeedsAnotherPerson, approve, drop
from payouts.runs.building import build, build_next, unpark
from payouts.runs.opening import (
    BOOKS,
    NoRailForCurrency,
    PeriodNotOver,
    RunOverlaps,
    has_rail,
    month_of,
    open_run,
)
from payouts.runs.sending import send
from payouts.runs.settling import finish, return_payout
from payouts.runs.states import WrongState

__all__ = [
    "BOOKS",
    "NeedsAnotherPerson",
    "NoRailForCurrency",
    "PeriodNotOver",
    "RunOverlaps",
    "WrongState",
    "approve",
    "build",
    "build_next",
    "drop",
    "finish",
    "has_rail",
    "month_of",
    "open_run",
    "return_payout",
    "send",
    "unpark",
]
