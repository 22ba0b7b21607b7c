from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from affiliate.common import audit
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from creators import attribution
from payouts.models import Commission, CommissionStatus, DeclineReason, StuckApproval


class AlreadyDecided(Refusal):
    """The commission is past the point where it may be declined or held."""

    code = "commission_already_decided"
    title = "This commission can no longer be changed this way."
    way_out = "Correct the order, or open a dispute."


_UNPAID = (CommissionStatus.PENDING, CommissionStatus.APPROVED)


@transaction.atomic
def decline(
    commission_id: int, reason: DeclineReason, *, by: User, at: datetime
) -> Commission:
    """Refuse a sale that still waits, for a reason of the closed list (rule C3).

    The amount is taken back by the next accrual. Twice with the same reason changes
    nothing. Raises AlreadyDecided once it is approved, paid or void.
    """
    # First the line, then the row, as the sweep takes them: it may hold both.
    attribution.requeue([Commission.objects.get(pk=commission_id).line_id])
    commission = Commission.objects.select_for_update().get(pk=commission_id)
    if commission.decline_reason == reason:
        return commission
    if commission.status != CommissionStatus.PENDING or commission.number:
        raise AlreadyDecided(f"Commission {commission_id} is {commission.status}.")
    commission.decline_reason = reason
    commission.save(update_fields=["decline_reason"])
    audit.record(
        f"shop:{commission.shop_id}",
        "commission.declined",
        commission,
        actor=by,
        after={"reason": reason},
        at=at,
    )
    return commission


@dataclass(frozen=True)
class DeclinedMany:
    """How many sales were declined, and which had been decided before."""

    done: int
    kept: list[int]


def decline_many(
    commission_ids: Sequence[int], reason: DeclineReason, *, by: User, at: datetime
) -> DeclinedMany:
    """Decline each of these sales that still waits; the others stay and are returned.

    Each is one transaction, by rising id: who dies between two has declined the first,
    and may do it all again.
    """
    kept = []
    for commission_id in sorted(commission_ids):
        try:
            decline(commission_id, reason, by=by, at=at)
        except AlreadyDecided:
            kept.append(commission_id)
    return DeclinedMany(len(commission_ids) - len(kept), kept)


@transaction.atomic
def hold(commission_id: int, reason: str, *, by: User, at: datetime) -> Commission:
    """Keep an unpaid commission from being paid, saying why (rule C1).

    Twice changes nothing. Raises AlreadyDecided once it is in a run, paid or void.
    """
    commission = Commission.objects.select_for_update().get(pk=commission_id)
    if commission.status == CommissionStatus.HELD:
        return commission
    if commission.status not in _UNPAID:
        raise AlreadyDecided(f"Commission {commission_id} is {commission.status}.")
    commission.held_from = commission.status
    commission.held_reason, commission.status = reason, CommissionStatus.HELD
    commission.save(update_fields=["status", "held_from", "held_reason"])
    audit.record(
        f"shop:{commission.shop_id}",
        "commission.held",
        commission,
        actor=by,
        after={"reason": reason},
        at=at,
    )
    return commission


@transaction.atomic
def release(commission_id: int, *, by: User, at: datetime) -> Commission:
    """Let a held commission go on from where it was; twice changes nothing.

    One whose approval failed is tried again.
    """
    commission = Commission.objects.select_for_update().get(pk=commission_id)
    if commission.status != CommissionStatus.HELD:
        return commission
    before = commission.held_reason
    commission.status = CommissionStatus(commission.held_from)
    commission.held_from = commission.held_reason = ""
    commission.save(update_fields=["status", "held_from", "held_reason"])
    StuckApproval.objects.filter(pk=commission_id).delete()
    audit.record(
        f"shop:{commission.shop_id}",
        "commission.released",
        commission,
        actor=by,
        before={"reason": before},
        at=at,
    )
    return commission
