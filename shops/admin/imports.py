"""Lists into which a table can be brought, and the page that asks for it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from celery import current_app
from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from affiliate.common.errors import Refusal, Words
from shops.admin import pages
from shops.admin.exports import Exports
from shops.admin.scope import own_choices, user_of
from shops.models import Program, Rate, Shop, TableImport
from shops.tables import kinds, sheet, uploads
from shops.tables.plan import Makers

TITLES: dict[str, Words] = {
    "products": _("Import products"),
    "rates": _("Import rates"),
    "creators": _("Invite creators"),
}


class UploadForm(forms.Form):
    """Asks for a file, and for the shop where there is more than one."""

    shop: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=Shop.objects.none(), label=_("Shop"), widget=UnfoldAdminSelectWidget()
    )
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=_("CSV in any encoding, or XLSX; the first line names the columns."),
    )

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        """Offer own shops only; the only one is chosen."""
        super().__init__(*args)
        shops = own_choices(TableImport._meta.get_field("shop"), request)
        self._offer("shop", shops)

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = rows.order_by("name")
            if rows.count() == 1:
                self.initial[name] = rows.first()
                # Who has one shop is not asked which.
                field.widget = forms.HiddenInput() if name == "shop" else field.widget

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read into memory."""
        file = self.cleaned_data["file"]
        if file is not None and file.size > sheet.MOST_BYTES:
            raise forms.ValidationError(sheet.too_large())
        return file

    def body(self) -> tuple[str, bytes]:
        """Return the name and the bytes of what was brought."""
        file = self.cleaned_data["file"]
        return str(file.name), file.read()

    def options(self) -> dict[str, Any]:
        """Return what was chosen beside the file."""
        return {}


class RatesForm(UploadForm):
    """Rates may be of several programs, or all of the one chosen here."""

    program: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=Program.objects.none(),
        label=_("Program"),
        required=False,
        widget=UnfoldAdminSelectWidget(),
        empty_label=_("as the column of the file says"),
    )
    field_order = ("shop", "program", "file")

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        """Offer own programs only; the only one is chosen."""
        super().__init__(request, *args)
        self._offer("program", own_choices(Rate._meta.get_field("program"), request))

    def clean(self) -> dict[str, Any]:
        """Hold shop and program together."""
        values: dict[str, Any] = super().clean() or {}
        shop, program = values.get("shop"), values.get("program")
        if shop and program and program.shop_id != shop.pk:
            self.add_error("program", _("This program is of another shop."))
        return values

    def options(self) -> dict[str, Any]:
        """Return the program, if one was chosen."""
        program: Program | None = self.cleaned_data.get("program")
        return {"program": program.pk} if program else {}


class Imports(Exports):
    """A list into which a table can be brought."""

    table_kind: ClassVar[str]
    makers: ClassVar[Makers] = kinds.KINDS
    upload_form: ClassVar[type[UploadForm]] = UploadForm
    upload_words: ClassVar[Words] = ""

    def may_import(self, request: HttpRequest) -> bool:
        """Let in who may write such rows one by one."""
        return self.has_add_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Add the page where a table is brought."""
        own = path(
            "import/",
            self.admin_site.admin_view(self.import_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_import",
        )
        return [own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Lead to the page where a table is brought, whom it opens for."""
        links: dict[str, Any] = {}
        if self.may_import(request):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_import"
            links = {"import_url": reverse(name), "import_title": self._title()}
        return super().changelist_view(
            request, extra_context={**(extra_context or {}), **links}
        )

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a table, keep it, and show what it would change."""
        if not self.may_import(request):
            raise PermissionDenied
        data = (request.POST, request.FILES) if request.method == "POST" else ()
        form = self.upload_form(request, *data)
        if request.method == "POST" and form.is_valid():
            try:
                upload = self._keep(request, form)
            except Refusal as refusal:
                form.add_error(None, f"{refusal} {refusal.way_out or ''}")
            else:
                begin(upload, self.makers, self.opts.app_label)
                return HttpResponseRedirect(page_of(upload))
        return TemplateResponse(
            request,
            "admin/tables/upload.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": self._title(),
                "words": self.upload_words,
                "form": form,
                "columns": _explained(self.makers[self.table_kind]),
                "back": pages.list_of(self),
            },
        )

    def _title(self) -> Words:
        return TITLES[self.table_kind]

    def _keep(self, request: HttpRequest, form: UploadForm) -> TableImport:
        name, body = form.body()
        return uploads.keep(
            form.cleaned_data["shop"],
            self.table_kind,
            name=name,
            body=body,
            options=form.options(),
            language=get_language() or "en",
            by=user_of(request),
            at=now(),
        )


def begin(upload: TableImport, makers: Makers, floor: str) -> None:
    """Do a short table's step at once, and wake the floor's worker for a long one's.

    Without the queue the timer finds it.
    """
    if uploads.is_small(upload):
        uploads.go_on(upload.pk, makers, at=now())
        return
    task = f"{floor}.work_tables"
    transaction.on_commit(
        lambda: current_app.send_task(task, retry=False, expires=60), robust=True
    )


def _explained(kind: Any) -> Iterator[tuple[str, str, bool]]:
    """Yield the columns of a table: header, other words for it, whether needed."""
    for each in kind.columns:
        header = each.header()
        words = [*(words[0] for words in each.headers.values()), each.name]
        others = dict.fromkeys(word for word in words if word.lower() != header.lower())
        yield header, ", ".join(others), bool(each.group)


def page_of(upload: TableImport) -> str:
    return reverse("admin:shops_tableimport_change", args=[upload.pk])
