from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shops.admin.columns import column
from shops.admin.filters import OwnRelatedFilter
from shops.admin.scope import MANAGERS, MerchantScopedAdmin
from shops.models import Audience


@admin.register(Audience)
class AudienceAdmin(MerchantScopedAdmin):
    """Whom terms are for: groups that the shop makes, and each enrolled creator.

    The floor above gives a group its creators.
    """

    shop_path = "program__shop"
    writers = MANAGERS
    audited = True
    list_display: tuple[str, ...] = ("title", "program", "slug")
    list_filter = (("program", OwnRelatedFilter),)
    list_select_related = ("program__shop",)
    search_fields = ("name", "slug")
    ordering = ("-kind", "slug", "pk")
    fields = ("program", ("name", "slug"))
    fixed_fields = ("program", "slug")
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        """List groups; one creator is found in choices, and with the enrollments."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and (match.url_name or "").endswith("_changelist")
        return rows.filter(kind="group") if is_list else rows

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave the audience of one creator to their enrollment."""
        if obj is not None and getattr(obj, "kind", "") == "creator":
            return False
        return super().has_change_permission(request, obj)

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> dict[str, Sequence[str]]:
        """Make the slug from the name of a new group."""
        return {} if obj else dict(self.prepopulated_fields)

    @column(_("name"), ordering="slug")
    def title(self, audience: Audience) -> str:
        """Show the name, or the handle that stands for it."""
        return str(audience)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Make groups: one creator's audience comes with the enrollment."""
        if not change:
            obj.kind = "group"
        super().save_model(request, obj, form, change)
