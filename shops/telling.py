"""What a shop's owners and managers are told (rules B4, P4, P5)."""

from datetime import datetime

from django.urls import reverse

from affiliate.common import notify, outbox
from shops import merchants
from shops.models import Budget, Program


@outbox.subscribe("budget.closed")
def budget_closed(*, budget: int, at: datetime) -> None:
    """Tell that a budget is used up; not if it was raised meanwhile."""
    found = Budget.objects.select_related("program__shop", "boost").get(pk=budget)
    if found.closed_at is None:
        return
    program, boost = found.program, found.boost
    page, pk = ("boost", boost.pk) if boost else ("program", program.pk)
    notify.tell(
        merchants.managers(program.shop_id),
        "shops/budget_closed",
        f"budget:{found.pk}:closed:{found.closed_at.isoformat()}",
        path=reverse(f"admin:shops_{page}_change", args=[pk]),
        at=at,
        params={
            "program": program.name,
            "boost": boost.name if boost else "",
            "amount_cents": found.amount_cents,
            "currency": program.currency,
            "closed_at": found.closed_at,
        },
    )


@outbox.subscribe("program.gate_closed")
def gate_closed(*, program: int, moment: str, at: datetime) -> None:
    """Tell that a gate has paused a program; its page says what is missing."""
    found = Program.objects.get(pk=program)
    notify.tell(
        merchants.managers(found.shop_id),
        "shops/gate_closed",
        f"program:{program}:gate:{moment}",
        path=reverse("admin:shops_program_change", args=[program]),
        at=at,
        params={"program": found.name, "since_at": moment},
    )
