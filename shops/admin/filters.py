from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import RelatedDropdownFilter

from shops.admin.scope import MerchantScopedAdmin

_MOST = 200


class OwnRelatedFilter(RelatedDropdownFilter):  # type: ignore[misc]  # untyped library
    """A drop-down of the person's own rows; hidden where there is no choice."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[Any, str]]:
        """Return own rows by name."""
        registered = admin.site._registry.get(field.remote_field.model)
        rows = field.remote_field.model._default_manager.none()
        if isinstance(registered, MerchantScopedAdmin):
            rows = registered.get_queryset(request)
        return sorted(
            ((row.pk, str(row)) for row in rows[:_MOST]), key=lambda choice: choice[1]
        )
