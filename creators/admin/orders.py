from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Words
from creators import export, reasons
from creators.models import Verdict, VerdictState
from shops.admin import orders
from shops.admin.columns import NOTHING, column
from shops.admin.exports import Exports
from shops.models import Order

# A badge's colour for each state.
BADGES = {
    VerdictState.ATTRIBUTED: "success",
    VerdictState.PENDING: "warning",
    VerdictState.NOBODY: "",
}
_KINDS: dict[str, Words] = {"code": _("Code"), "click": _("Click")}

admin.site.unregister(Order)


@admin.register(Order)
class OrderAdmin(Exports, orders.OrderAdmin):
    """An order with, for each line, who it is attributed to and every touch."""

    exported = export.ORDER_LINES
    list_display = (
        "external_id",
        "placed_at",
        "state",
        "net",
        "refunded",
        "sold_by",
        "shop",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return own orders with the handles of their creators."""
        handles = (
            Verdict.objects.filter(line__order=OuterRef("pk"), creator__isnull=False)
            .order_by("creator__handle")
            .values("creator__handle")
            .distinct()
        )
        return super().get_queryset(request).annotate(handles=ArraySubquery(handles))

    @column(_("sold by"))
    def sold_by(self, order: Any) -> str:
        """Show the creators to whom lines are attributed."""
        return ", ".join(f"@{handle}" for handle in order.handles) or NOTHING

    def rows(self, order: Any) -> list[dict[str, Any]]:
        """Add each line's verdict and what was considered for it."""
        rows = super().rows(order)
        verdicts = {
            verdict.pk: verdict
            for verdict in Verdict.objects.filter(line__order=order).select_related(
                "creator", "link", "code", "program"
            )
        }
        for row in rows:
            verdict = verdicts.get(row["line"].pk)
            row["verdict"] = verdict
            row["reason"] = reasons.words(
                verdict.reason if verdict else "not_settled_yet"
            )
            row["badge"] = BADGES[VerdictState(verdict.state)] if verdict else "warning"
            row["touches"] = (
                [touch(each) for each in verdict.touches] if verdict else []
            )
        return rows


def touch(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a touch of a verdict in words, for one line of the timeline."""
    return {
        "kind": _KINDS.get(kept["kind"], kept["kind"]),
        # A click's id is a token that says nothing to people.
        "ref": kept["ref"] if kept["kind"] == "code" else "",
        "at": datetime.fromisoformat(kept["at"]) if kept.get("at") else None,
        "creator": kept.get("creator"),
        "has_won": kept.get("outcome") == "won",
        "why": reasons.words(kept.get("why", "")),
    }
