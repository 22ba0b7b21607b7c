"""What refunds come to on a line: a function of the line and of all its refunds.

Computed anew from the newest version of the order whenever either changes, so that it
does not matter in which order they came.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from affiliate.common import money


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid for a line, in its newest version."""

    net_cents: int
    tax_cents: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Given:
    """What one refund says it gives back of a line: cents without VAT, units, both."""

    net_cents: int | None
    quantity: int


def amounts(paid: Paid, refunds: Sequence[Given]) -> list[int]:
    """Return the cents without VAT that each refund gives back, taken in this order.

    Units give back their share of the line, rounded so that the shares of all units
    are the line; the last unit gives back all that is left. Where cents stand beside
    the units and are that share but for a rounded cent, or the share with its VAT, the
    share is meant: shop systems compute the cents from the units, with or without VAT
    as their prices are.

    More than was paid may come out: see `excess`.
    """
    given_back: list[int] = []
    returned = 0
    for refund in refunds:
        given_back.append(_amount(paid, refund, returned, sum(given_back)))
        returned += refund.quantity
    return given_back


def units_beyond(paid: Paid, refunds: Sequence[Given]) -> int:
    """Return how many units more than were sold these refunds give back, or 0."""
    return max(0, sum(refund.quantity for refund in refunds) - paid.quantity)


def _amount(paid: Paid, refund: Given, returned: int, refunded_cents: int) -> int:
    if not refund.quantity:
        return refund.net_cents or 0
    share = _share(paid.net_cents, paid.quantity, returned, refund.quantity)
    if returned + refund.quantity == paid.quantity:
        share = max(0, paid.net_cents - refunded_cents)
    if refund.net_cents is None:
        return share
    with_vat = paid.net_cents + paid.tax_cents
    gross = _share(with_vat, paid.quantity, returned, refund.quantity)
    is_share = min(abs(refund.net_cents - each) for each in (share, gross)) <= 1
    return share if is_share else refund.net_cents


def _share(whole: int, quantity: int, returned: int, units: int) -> int:
    """Return what the next units are of the whole after others were returned."""
    if not quantity:
        return 0
    before = money.round_half_up(whole * returned, quantity)
    return money.round_half_up(whole * (returned + units), quantity) - before
