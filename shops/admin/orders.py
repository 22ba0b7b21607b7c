from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from shops.admin.columns import NOTHING, column, names
from shops.admin.filters import OwnRelatedFilter
from shops.admin.pages import instant, shown
from shops.admin.scope import LooksOnly, MerchantScopedAdmin
from shops.models import Order, OrderLine, OrderStatus

_BADGES = {
    OrderStatus.PAID: "success",
    OrderStatus.PENDING: "warning",
    OrderStatus.CANCELLED: "danger",
}


@admin.register(Order)
class OrderAdmin(LooksOnly, MerchantScopedAdmin):
    """What was bought; the floors above add who sold it and what it earned.

    They register their own class, made from this one, and add to `rows`.
    """

    list_display = (
        "external_id",
        "placed_at",
        "state",
        "net",
        "refunded",
        "buyer_country",
        "shop",
    )
    list_filter = (
        ("shop", OwnRelatedFilter),
        ("status", ChoicesDropdownFilter),
        ("placed_at", RangeDateTimeFilter),
    )
    list_select_related = ("shop",)
    search_fields = ("external_id__startswith",)
    search_help_text = _("The order's number, or how it begins")
    ordering = ("-placed_at", "-pk")
    fields = (
        ("external_id", "state"),
        ("placed_at", "received"),
        ("net", "refunded"),
        ("delivered_at", "buyer_country"),
        "codes_given",
    )
    readonly_fields = names(fields)
    change_form_after_template = "admin/orders/lines.html"
    empty_value_display = "–"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return own orders with their sums."""
        lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by()
        sums = lines.values("order").annotate(
            net=Sum("net_cents"), refunded=Sum("refunded_cents")
        )
        return (
            super()
            .get_queryset(request)
            .annotate(
                net_sum=Subquery(sums.values("net")),
                refunded_sum=Subquery(sums.values("refunded")),
            )
        )

    @column(_("status"), ordering="status", label=_BADGES)
    def state(self, order: Order) -> tuple[str, str]:
        """Show the status as a badge."""
        return order.status, order.get_status_display()

    @column(_("paid without VAT"))
    def net(self, order: Any) -> str:
        """Show what was paid for the lines."""
        return shown(order.net_sum or 0, order.currency)

    @column(_("refunded"))
    def refunded(self, order: Any) -> str:
        """Show what went back."""
        if not order.refunded_sum:
            return NOTHING
        return shown(order.refunded_sum, order.currency)

    @column(_("codes"))
    def codes_given(self, order: Order) -> str:
        """Show the codes as the buyer typed them."""
        return ", ".join(order.codes) or NOTHING

    @column(_("received at"))
    def received(self, order: Order) -> str:
        """Show when the shop told us first."""
        return instant(order.received_at)

    def rows(self, order: Any) -> list[dict[str, Any]]:
        """Return what the page shows of each line; floors above add their part."""
        lines = order.lines.select_related("product").annotate(
            left_cents=F("net_cents") - F("refunded_cents")
        )
        return [{"line": line} for line in lines.order_by("pk")]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show lines, refunds and deliveries below the order's own facts."""
        order = self.get_object(request, str(object_id)) if object_id else None
        shown_below: dict[str, Any] = {}
        if order is not None:
            shown_below = {
                "order": order,
                "rows": self.rows(order),
                "refunds": order.refunds.order_by("refunded_at", "pk").annotate(
                    net_sum=Sum("lines__net_cents")
                ),
                "deliveries": order.deliveries.order_by("delivered_at"),
            }
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **shown_below}
        )
