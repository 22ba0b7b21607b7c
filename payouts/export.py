"""What the list of commissions is exported as."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from payouts.models import Commission
from shops.tables import words
from shops.tables.export import Table, amount, moment, percent, times


def _times(commission: Commission) -> Any:
    return times(commission.multiplier_pct) if commission.boost_id else ""


COMMISSIONS = Table(
    "commissions",
    (
        (_("order"), lambda row: row.line.order.external_id),
        (_("placed at"), lambda row: moment(row.line.order.placed_at, row.shop)),
        (_("line"), lambda row: row.line.external_id),
        (words.SKU, lambda row: row.line.sku),
        (words.CREATOR, lambda row: row.creator.handle),
        (words.PROGRAM, lambda row: row.program.slug),
        (_("kind"), lambda row: str(row.get_kind_display())),
        (_("base"), lambda row: amount(row.base_cents, row.currency)),
        (words.RATE, lambda row: percent(row.rate_bp)),
        (words.FLAT, lambda row: amount(row.flat_cents, row.currency)),
        (_("boost"), _times),
        (_("amount"), lambda row: amount(row.amount_cents, row.currency)),
        (words.CURRENCY, lambda row: row.currency),
        (_("status"), lambda row: str(row.get_status_display())),
        (_("payable on"), lambda row: row.payable_on.isoformat()),
        (_("reason"), lambda row: str(row.get_decline_reason_display() or "")),
    ),
    related=("line__order", "creator", "program", "shop"),
)
