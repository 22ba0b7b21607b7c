"""Lists that can be taken along: as CSV row by row, or as XLSX."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from shops.admin import pages
from shops.admin.scope import MerchantScopedAdmin
from shops.tables import export

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Exports(MerchantScopedAdmin):
    """A list that can be taken along, with its filters and its search.

    Both ways read through `get_queryset`: nobody exports what they do not see.
    """

    exported: ClassVar[export.Table]
    list_before_template = "admin/tables/above_list.html"
    actions: Sequence[str] = ("export_csv", "export_xlsx")

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the whole list as a file."""
        own = [
            path(
                f"export/{format}/",
                self.admin_site.admin_view(self._export_view(format)),
                name=f"{self.opts.app_label}_{self.opts.model_name}_export_{format}",
            )
            for format in ("csv", "xlsx")
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Say above the list where it can be taken along, and brought."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        links = {
            "export_csv": reverse(f"{name}_export_csv"),
            "export_xlsx": reverse(f"{name}_export_xlsx"),
        }
        return super().changelist_view(
            request, extra_context={**(extra_context or {}), **links}
        )

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: Any) -> HttpResponseBase:
        """Send the chosen rows as CSV."""
        return sent(self.exported, queryset, "csv")

    @admin.action(description=_("Export as Excel"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, queryset: Any) -> HttpResponseBase:
        """Send the chosen rows as XLSX."""
        return sent(self.exported, queryset, "xlsx")

    def _export_view(self, format: str) -> Callable[[HttpRequest], HttpResponseBase]:
        def export_view(request: HttpRequest) -> HttpResponseBase:
            if not self.has_view_permission(request):
                raise PermissionDenied
            try:
                listed = self.get_changelist_instance(request)
            except IncorrectLookupParameters:
                return HttpResponseRedirect(pages.list_of(self))
            return sent(self.exported, listed.get_queryset(request), format)

        return export_view


def sent(table: export.Table, queryset: Any, format: str) -> HttpResponseBase:
    """Return the answer that carries a table, as CSV row by row, or as XLSX."""
    name = f"{table.name}-{now():%Y-%m-%d}.{format}"
    if format == "xlsx":
        file = export.xlsx_of(table, queryset)
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    answer = StreamingHttpResponse(export.csv_of(table, queryset), content_type=CSV)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
