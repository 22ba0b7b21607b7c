"""The roof's pages in the admin: people, the audit trail, what waits to be done."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from allauth.account import admin as account_admin
from allauth.mfa import admin as mfa_admin
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Value
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.enums import ActionVariant

from affiliate import notices
from affiliate.common import outbox
from affiliate.common.models import AuditEntry, OutboxMessage, User
from affiliate.dashboards import pages as figure_pages
from shops.admin import pages
from shops.admin.columns import NOTHING, button, column
from shops.admin.scope import MANAGERS, LooksOnly, MerchantScopedAdmin, may, reach
from shops.models import Member

# Groups have fixed permissions (affiliate.staff), and sign-in is kept by its library:
# their pages are imported so that they are registered before they are taken away.
_NOT_OURS = (account_admin, mfa_admin, auth_admin)
for registered in list(admin.site._registry):
    if registered is Group or registered._meta.app_label in ("account", "mfa"):
        admin.site.unregister(registered)


@admin.register(User)
class UserAdmin(LooksOnly, MerchantScopedAdmin):
    """Everyone who signs in; accounts are made by commands, shops and creators."""

    shop_path = ""
    list_display = (
        "email",
        "name",
        "is_staff",
        "is_superuser",
        "is_active",
        "joined_at",
    )
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    fields = (
        ("email", "name"),
        ("language", "is_active"),
        ("is_staff", "is_superuser"),
        "group_names",
        ("joined_at", "last_login"),
    )
    readonly_fields = (
        "email",
        "name",
        "language",
        "is_active",
        "is_staff",
        "is_superuser",
        "group_names",
        "joined_at",
        "last_login",
    )

    def get_urls(self) -> list[Any]:
        """Add the pages that are of no model: one's own notices, and the figures."""
        own = [*notices.admin_urls(), *figure_pages.admin_urls()]
        return [*own, *super().get_urls()]

    @column(_("groups"))
    def group_names(self, user: User) -> str:
        """Show which staff they are."""
        return ", ".join(group.name for group in user.groups.all()) or NOTHING


@admin.register(AuditEntry)
class AuditEntryAdmin(LooksOnly, MerchantScopedAdmin):
    """Who changed what; a shop's managers read their own chain of it."""

    shop_path = ""
    readers = MANAGERS
    list_display = ("at", "who", "action", "subject", "chain")
    list_filter = (("at", RangeDateTimeFilter),)
    list_select_related = ("actor",)
    search_fields = ("action__startswith", "object_id__exact")
    search_help_text = _("How the action begins, such as program., or an object's id")
    ordering = ("-at", "-pk")
    fields = (("at", "who"), ("action", "subject"), "changes", ("chain", "number"))
    readonly_fields = ("at", "who", "action", "subject", "changes", "chain", "number")

    def own(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the chains of own shops, and know whom of the writers one knows."""
        if may(request, "view", AuditEntry):
            return queryset.annotate(is_known=Value(True))
        shops = reach(request).of(self.readers)
        colleague = Member.objects.filter(user=OuterRef("actor"), shop__in=shops)
        return queryset.filter(chain__in=[f"shop:{shop}" for shop in shops]).annotate(
            is_known=Exists(colleague)
        )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let in the platform's administrators, and managers to their own."""
        if may(request, "view", AuditEntry):
            return True
        shops = reach(request).of(self.readers)
        return bool(shops) and (
            obj is None or obj.chain in {f"shop:{shop}" for shop in shops}
        )

    @column(_("by"))
    def who(self, entry: Any) -> str:
        """Name a colleague; anybody else is the platform."""
        if entry.actor is None:
            is_ours = entry.actor_label == "system"
            return str(_("the system") if is_ours else entry.actor_label)
        return str(entry.actor) if entry.is_known else str(_("the platform"))

    @column(_("object"))
    def subject(self, entry: AuditEntry) -> str:
        """Show what was changed."""
        return f"{entry.object_type} {entry.object_id}"

    @column(_("changes"))
    def changes(self, entry: AuditEntry) -> SafeString:
        """Show the fields before and after."""
        return format_html(
            '<pre class="raw">{}\n→ {}</pre>',
            json.dumps(entry.before, ensure_ascii=False),
            json.dumps(entry.after, ensure_ascii=False),
        )


@admin.register(OutboxMessage)
class OutboxMessageAdmin(LooksOnly, MerchantScopedAdmin):
    """What is to be done after a commit; what was given up can be tried again."""

    shop_path = ""
    list_display = ("topic", "state", "created_at", "due_at", "attempts", "last_error")
    list_filter = ("topic",)
    ordering = ("-pk",)
    actions_detail: ClassVar[Sequence[str]] = ("try_again",)
    fields = (
        ("topic", "state"),
        ("created_at", "due_at"),
        ("attempts", "sent_at"),
        "last_error",
        "payload",
    )
    readonly_fields = (
        "topic",
        "state",
        "created_at",
        "due_at",
        "attempts",
        "sent_at",
        "last_error",
        "payload",
    )
    empty_value_display = "–"

    @column(
        _("state"), label={"done": "success", "parked": "danger", "waiting": "info"}
    )
    def state(self, message: OutboxMessage) -> tuple[str, Any]:
        """Say whether it is done, given up, or waits."""
        if message.sent_at:
            return "done", _("done")
        return (
            ("parked", _("given up"))
            if message.parked_at
            else ("waiting", _("waiting"))
        )

    def may_act(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let administrators try again."""
        return may(request, "change", OutboxMessage)

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Try again what was given up."""
        return ("try_again",) if obj.parked_at else ()

    @button(_("Try again"), icon="replay", variant=ActionVariant.PRIMARY)
    def try_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make it due again, once confirmed."""
        message = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            outbox.retry(message.pk, at=now())
            return _("It will be done within a minute.")

        return pages.confirmed(
            self,
            request,
            message,
            title=_("Try this message again?"),
            facts=[(_("topic"), message.topic), (_("attempts"), message.attempts)],
            button=_("Try again"),
            perform=perform,
        )
