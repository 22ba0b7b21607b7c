import contextlib
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.enums import ActionVariant

from affiliate.common.errors import Refusal
from shops import intake, orders
from shops.admin import pages
from shops.admin.columns import NOTHING, button, column, names
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


class StillNotUnderstood(Refusal):
    """The message was tried again and cannot be read or applied."""

    code = "still_not_understood"
    title = _("It is still not understood.")


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
    actions = ("try_many_again",)
    actions_detail: ClassVar[Sequence[str]] = ("try_again",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the content to the shop's own: it names buyers."""
        if obj is not None and self.may_act(request, obj):
            return self.fields
        return tuple(line for line in self.fields if line != "content")

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

    @column(_("reason"))
    def why(self, event: InboundEvent) -> str:
        """Show how the reason begins."""
        return event.reason[:80] or NOTHING

    @column(_("content"))
    def content(self, event: InboundEvent) -> SafeString:
        """Show what came, laid out where it is JSON; nothing of it is executed."""
        text = bytes(event.body).decode("utf-8", "replace")
        with contextlib.suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        return format_html('<pre class="raw">{}</pre>', text[:_MOST_SHOWN])

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Try again what was not understood, or never handled."""
        tried = (InboundStatus.FAILED, InboundStatus.RECEIVED)
        return ("try_again",) if obj.status in tried else ()

    @button(_("Try again"), icon="replay", variant=ActionVariant.PRIMARY)
    def try_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Read and apply the message again, once confirmed."""
        event = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            tried = intake.retry(event, at=now())
            if tried.status == InboundStatus.FAILED:
                raise StillNotUnderstood(tried.reason)
            return _("It was read and applied.")

        return pages.confirmed(
            self,
            request,
            event,
            title=_("Try this message again?"),
            words=_(
                "Correct what its reason names first. A message that is applied twice"
                " changes nothing the second time."
            ),
            facts=[(_("topic"), event.topic), (_("reason"), event.reason)],
            button=_("Try again"),
            perform=perform,
        )

    def has_try_permission(self, request: HttpRequest) -> bool:
        """Let those try many who may try one."""
        return self.may_act(request)

    @admin.action(description=_("Try again"), permissions=["try"])
    def try_many_again(self, request: HttpRequest, queryset: Any) -> None:
        """Read and apply the chosen messages again, the oldest first."""
        rows = list(queryset.order_by("received_at", "pk").select_related("shop"))
        if any(not self.may_act(request, row) for row in rows):
            raise PermissionDenied
        tried = [intake.retry(row, at=now()) for row in rows]
        failed = sum(row.status == InboundStatus.FAILED for row in tried)
        done = len(tried) - failed
        if done:
            words = ngettext(
                "%(count)d message was read.", "%(count)d messages were read.", done
            )
            messages.success(request, words % {"count": done})
        if failed:
            words = ngettext(
                "%(count)d message is still not understood.",
                "%(count)d messages are still not understood.",
                failed,
            )
            messages.warning(request, words % {"count": failed})


@admin.register(EarlyEvent)
class EarlyEventAdmin(LooksOnly, MerchantScopedAdmin):
    """Refunds, cancellations and deliveries that wait for their order."""

    list_display = ("order_external_id", "kind", "received_at", "why", "shop")
    list_filter = (("shop", OwnRelatedFilter), ("kind", ChoicesDropdownFilter))
    list_select_related = ("shop",)
    search_fields = ("order_external_id__startswith",)
    ordering = ("-received_at", "-pk")
    fields = (("order_external_id", "kind"), ("received_at", "why"), "content")
    readonly_fields = names(fields)
    empty_value_display = "–"

    @column(_("refused because"))
    def why(self, event: EarlyEvent) -> str:
        """Say why its order refuses it, to who reads it now."""
        return orders.words(event.refusal) or NOTHING

    @column(_("content"))
    def content(self, event: EarlyEvent) -> SafeString:
        """Show the facts that are kept."""
        facts = json.dumps(event.facts, indent=2, ensure_ascii=False)
        return format_html('<pre class="raw">{}</pre>', facts)
