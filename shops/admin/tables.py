from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from affiliate.common.errors import Words
from shops.admin import pages
from shops.admin.columns import NOTHING, column, names
from shops.admin.exports import CSV
from shops.admin.filters import OwnRelatedFilter
from shops.admin.imports import TITLES, begin, page_of
from shops.admin.scope import MANAGERS, LooksOnly, MerchantScopedAdmin, reach
from shops.models import TableImport, TableKind, TableStatus
from shops.tables import kinds, uploads
from shops.tables.plan import CHANGED, NEW, REJECTED, UNCHANGED, Makers

BADGES = {
    TableStatus.READING: "warning",
    TableStatus.READY: "info",
    TableStatus.WRITING: "warning",
    TableStatus.DONE: "success",
    TableStatus.REFUSED: "danger",
    TableStatus.DROPPED: "",
}


@admin.register(TableImport)
class TableImportAdmin(LooksOnly, MerchantScopedAdmin):
    """Tables on their way: each is for who brought it alone, and the platform."""

    # Each floor knows its own kinds: how they are read, and where their list is.
    makers: ClassVar[Makers] = kinds.KINDS
    lists: ClassVar[Mapping[str, str]] = {
        "products": "shops_product",
        "rates": "shops_rate",
    }
    readers = MANAGERS
    actors = MANAGERS
    list_display = ("name", "kind", "state", "rows", "shop", "created_at")
    list_filter = (
        ("shop", OwnRelatedFilter),
        ("kind", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
    )
    list_select_related = ("shop",)
    ordering = ("-created_at", "-pk")
    fields = (("name", "kind"), ("state", "created_at"))
    readonly_fields = names(fields)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return own tables without their bytes."""
        return super().get_queryset(request).defer("body", "rejects")

    def own(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep what this person brought, in shops where they still may write."""
        found = super().own(request, queryset)
        if self._is_platform(request):
            return found
        return found.filter(by=request.user.pk)

    def may_act(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let who brought a table decide about it."""
        is_own = obj is None or obj.by_id == request.user.pk
        is_member = is_own and self._has_role(request, obj, self.actors)
        return is_member or (is_own and self._is_platform(request))

    def _is_platform(self, request: HttpRequest) -> bool:
        return not reach(request).shops and super().may_act(request)

    @column(_("status"), ordering="status", label=BADGES)
    def state(self, upload: TableImport) -> tuple[str, str]:
        """Show the status as a badge."""
        return upload.status, upload.get_status_display()

    @column(_("rows"))
    def rows(self, upload: TableImport) -> int | str:
        """Show how many rows the table has, once it was read."""
        return upload.plan["rows"] if upload.plan else NOTHING

    # ------------------------------------------------------------ one table

    def get_urls(self) -> list[URLPattern]:
        """Add the steps of one table."""
        own = [
            path(
                f"<int:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"shops_tableimport_{name}",
            )
            for name, view in (
                ("apply", self.apply_view),
                ("drop", self.drop_view),
                ("rejects", self.rejects_view),
                ("progress", self.progress_view),
            )
        ]
        return [*own, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show how far a table is, what it would change, or has changed."""
        if object_id is None:
            raise PermissionDenied  # tables are brought to the lists of their rows
        upload = self._found(request, object_id)
        return TemplateResponse(
            request,
            "admin/tables/import.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": f"{TITLES[upload.kind]} · {upload.name}",
                **self._shown(request, upload),
            },
        )

    def apply_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Import what was previewed."""
        upload = self._acted(request, object_id)
        if isinstance(upload, HttpResponse):
            return upload
        if pages.tell(request, lambda: self._confirm(upload)):
            floor, _list = self.lists[upload.kind].split("_")
            begin(upload, self.makers, floor)
        return HttpResponseRedirect(page_of(upload))

    def drop_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Discard a table with its file."""
        upload = self._acted(request, object_id)
        if isinstance(upload, HttpResponse):
            return upload
        if not pages.tell(request, lambda: self._drop(upload)):
            return HttpResponseRedirect(page_of(upload))
        return HttpResponseRedirect(self._list_of(upload))

    def rejects_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Send the rejected rows: the same columns, with line, reason and way out."""
        upload = self._found(request, object_id)
        if not upload.rejects:
            raise Http404
        answer = HttpResponse(b"\xef\xbb\xbf" + bytes(upload.rejects), content_type=CSV)
        name = f"rejected-{upload.pk}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Return how far the worker is; once it is done, the page anew."""
        upload = self._found(request, object_id)
        page = render(
            request, "admin/tables/progress.html", self._shown(request, upload)
        )
        if upload.status not in (TableStatus.READING, TableStatus.WRITING):
            page["HX-Refresh"] = "true"
        return page

    def _confirm(self, upload: TableImport) -> Words | None:
        uploads.confirm(upload.pk, at=now())
        return None

    def _drop(self, upload: TableImport) -> Words | None:
        uploads.drop(upload.pk)
        return _("The table was discarded; nothing was changed.")

    def _found(self, request: HttpRequest, object_id: object) -> TableImport:
        upload: TableImport | None = self.get_object(request, str(object_id))
        if not self.has_view_permission(request):
            raise PermissionDenied
        if upload is None:
            raise Http404
        return upload

    def _acted(
        self, request: HttpRequest, object_id: int
    ) -> TableImport | HttpResponse:
        upload = self._found(request, object_id)
        if not self.may_act(request, upload):
            raise PermissionDenied
        return upload if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    def _list_of(self, upload: TableImport) -> str:
        return reverse(f"admin:{self.lists[upload.kind]}_changelist")

    def _shown(self, request: HttpRequest, upload: TableImport) -> dict[str, Any]:
        plan = upload.plan or {"counts": {}, "shown": {}, "rows": 0}
        counts, told = plan["counts"], plan["shown"]
        is_done = upload.status == TableStatus.DONE
        return {
            "upload": upload,
            "is_working": upload.status in (TableStatus.READING, TableStatus.WRITING),
            "is_ready": upload.status == TableStatus.READY,
            "is_done": is_done,
            "done_rows": uploads.progress(upload),
            "plan": plan,
            "to_import": counts.get(NEW, 0) + counts.get(CHANGED, 0),
            "tiles": [
                (label_of(upload, status), status, counts.get(status, 0))
                for status in (NEW, CHANGED, UNCHANGED, REJECTED)
            ],
            "rejected": told.get(REJECTED, ()),
            "changed": told.get(CHANGED, ()),
            "new": told.get(NEW, ()),
            "unchanged": told.get(UNCHANGED, ()),
            "more": {
                status: counts.get(status, 0) - len(told.get(status, ()))
                for status in (NEW, CHANGED, UNCHANGED, REJECTED)
            },
            "has_rejects": bool(counts.get(REJECTED)),
            "may_act": self.may_act(request, upload),
            "back": self._list_of(upload),
        }


def label_of(upload: TableImport, status: str) -> Words:
    """Name an outcome: of rows, or of creators; as a plan, or as done."""
    is_done = upload.status == TableStatus.DONE
    labels = _OF_CREATORS if upload.kind == TableKind.CREATORS else _LABELS
    return labels[status][is_done]


_OF_CREATORS: dict[str, tuple[Words, Words]] = {
    NEW: (_("will be invited"), _("invited")),
    CHANGED: (_("applied, and will be in"), _("applied, and are in")),
    UNCHANGED: (_("in or invited already"), _("in or invited already")),
    REJECTED: (_("cannot be invited"), _("could not be invited")),
}
_LABELS: dict[str, tuple[Words, Words]] = {
    NEW: (_("new"), _("added")),
    CHANGED: (_("will change"), _("changed")),
    UNCHANGED: (_("stay as they are"), _("stayed as they were")),
    REJECTED: (pgettext_lazy("rows", "rejected"), pgettext_lazy("rows", "rejected")),
}
