from typing import Any

from django.contrib import admin

from creators.admin import orders
from payouts.admin.commissions import BADGES
from payouts.models import Commission, CommissionStatus
from shops.models import Order

admin.site.unregister(Order)


@admin.register(Order)
class OrderAdmin(orders.OrderAdmin):
    """An order with, for each line, its verdict and what it earned."""

    def rows(self, order: Any) -> list[dict[str, Any]]:
        """Add each line's commissions, the sale first."""
        rows = super().rows(order)
        found = Commission.objects.filter(line__order=order).order_by("line", "number")
        for commission in found.select_related("creator"):
            for row in rows:
                if row["line"].pk == commission.line_id:
                    badge = BADGES[CommissionStatus(commission.status)]
                    row.setdefault("commissions", []).append((commission, badge))
        return rows
