from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from creators.models import Code, CodeStatus, Link
from shops.admin.columns import column, names
from shops.admin.filters import OwnRelatedFilter
from shops.admin.scope import LooksOnly, MerchantScopedAdmin

_BADGES = {
    CodeStatus.ACTIVE: "success",
    CodeStatus.RETIRED: "",
    CodeStatus.BANNED: "danger",
}


@admin.register(Link)
class LinkAdmin(LooksOnly, MerchantScopedAdmin):
    """Where creators send their followers."""

    shop_path = "enrollment__program__shop"
    list_display = ("slug", "handle", "program", "product", "post", "created_at")
    list_filter = (
        ("enrollment__program", OwnRelatedFilter),
        ("format", ChoicesDropdownFilter),
    )
    list_select_related = ("enrollment__creator", "enrollment__program", "product")
    search_fields = ("slug", "enrollment__creator__handle")
    ordering = ("-created_at", "-pk")
    fields = (
        ("slug", "handle"),
        ("program", "product"),
        "destination",
        ("post", "format"),
        ("created_at", "closed_at"),
    )
    readonly_fields = names(fields)

    @column(_("creator"), ordering="enrollment__creator__handle")
    def handle(self, link: Link) -> str:
        """Show whose link it is."""
        return str(link.enrollment.creator)

    @column(_("program"), ordering="enrollment__program__name")
    def program(self, link: Link) -> str:
        """Show what it earns in."""
        return str(link.enrollment.program)


@admin.register(Code)
class CodeAdmin(LooksOnly, MerchantScopedAdmin):
    """What buyers type."""

    shop_path = "program__shop"
    list_display = ("code", "handle", "program", "state", "starts_at", "ends_at")
    list_filter = (("program", OwnRelatedFilter), ("status", ChoicesDropdownFilter))
    list_select_related = ("enrollment__creator", "program")
    search_fields = ("code", "enrollment__creator__handle")
    ordering = ("code", "pk")
    fields = (
        ("code", "handle"),
        ("program", "state"),
        ("starts_at", "ends_at"),
        ("max_uses", "post"),
        ("created_at", "retired_at"),
    )
    readonly_fields = names(fields)

    @column(_("creator"), ordering="enrollment__creator__handle")
    def handle(self, code: Code) -> str:
        """Show whose code it is."""
        return str(code.enrollment.creator)

    @column(_("status"), ordering="status", label=_BADGES)
    def state(self, code: Code) -> tuple[str, str]:
        """Show the status as a badge."""
        return code.status, code.get_status_display()
