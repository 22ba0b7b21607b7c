import contextlib
import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from shops.admin.columns import column, names
from shops.admin.filters import OwnRelatedFilter
from shops.admin.scope import (
    MANAGERS,
    LooksOnly,
    MerchantScopedAdmin,
)
from shops.models import EarlyEvent, InboundEvent, InboundStatus

_BADGES = {
    InboundStatus.RECEIVED: "info",
    InboundStatus.APPLIED: "success",
    InboundStatus.IGNORED: "",
    InboundStatus.FAILED: "danger",
}
_MOST_SHOWN = 20_000


@admin.register(InboundEvent)
class InboundEventAdmin(LooksOnly, MerchantScopedAdmin):
    """What the shop system sent, as it came, and what became of it."""

    actors = MANAGERS
    list_display = ("received_at", "system", "topic", "state", "why", "shop")
    list_display_links = ("received_at",)
    list_filter = (
        ("shop", OwnRelatedFilter),
        ("status", ChoicesDropdownFilter),
        ("received_at", RangeDateTimeFilter),
    )
    list_select_related = ("shop",)
    search_fields = ("topic__startswith", "reason")
    ordering = ("-received_at", "-pk")
    fields = (
        ("system", "topic"),
        ("received_at", "handled_at"),
        "state",
        "reason",
        "content",
    )
    readonly_fields = names(fields)
    empty_value_display = "–"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return own events; a list needs no bodies."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and (match.url_name or "").endswith("_changelist")
        return rows.defer("body") if is_list else rows

    @column(_("status"), ordering="status", label=_BADGES)
    def state(self, event: InboundEvent) -> tuple[str, str]:
        """Show the status as a badge."""
        return event.status, event.get_status_display()

    @column(_("reason"), empty="–")
    def why(self, event: InboundEvent) -> str | None:
        """Show how the reason begins."""
        return event.reason[:80] or None

    @column(_("content"))
    def content(self, event: InboundEvent) -> SafeString:
        """Show what came, laid out where it is JSON; nothing of it is executed."""
        text = bytes(event.body).decode("utf-8", "replace")
        with contextlib.suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        return format_html('<pre class="raw">{}</pre>', text[:_MOST_SHOWN])


@admin.register(EarlyEvent)
class EarlyEventAdmin(LooksOnly, MerchantScopedAdmin):
    """Refunds, cancellations and deliveries that wait for their order."""

    list_display = ("order_external_id", "kind", "received_at", "refusal", "shop")
    list_filter = (("shop", OwnRelatedFilter), ("kind", ChoicesDropdownFilter))
    list_select_related = ("shop",)
    search_fields = ("order_external_id__startswith",)
    ordering = ("-received_at", "-pk")
    fields = (("order_external_id", "kind"), ("received_at", "refusal"), "content")
    readonly_fields = names(fields)
    empty_value_display = "–"

    @column(_("content"))
    def content(self, event: EarlyEvent) -> SafeString:
        """Show the facts that are kept."""
        facts = json.dumps(event.facts, indent=2, ensure_ascii=False)
        return format_html('<pre class="raw">{}</pre>', facts)
