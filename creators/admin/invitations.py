from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from creators.models import Enrollment
from shops.admin.forms import PercentField
from shops.admin.imports import UploadForm
from shops.admin.scope import own_choices
from shops.models import Program

WORDS = _(
    "Creators see the invitation and accept it themselves. E-mail addresses are"
    " recognised only of creators who are in one of your programs already, or were;"
    " invite others by their handle."
)


class InviteForm(UploadForm):
    """Asks for the program, and for handles: pasted, or in a file."""

    program: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=Program.objects.none(),
        label=_("Program"),
        widget=UnfoldAdminSelectWidget(),
    )
    pasted = forms.CharField(
        label=_("Handles or e-mail addresses, one per line"),
        required=False,
        strip=True,
        max_length=100_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "spellcheck": "false"}),
    )
    rate_bp = PercentField(
        label=_("Own rate for each"),
        required=False,
        help_text=_("Empty: the rates of the program. A rate in the file goes before."),
    )
    field_order = ("program", "pasted", "file", "rate_bp")

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        """Offer own programs; the shop follows from the program."""
        super().__init__(request, *args)
        del self.fields["shop"]
        file = self.fields["file"]
        file.required, file.label = False, _("Or a file")
        rows = own_choices(Enrollment._meta.get_field("program"), request)
        self._offer("program", rows.select_related("shop"))
        file.help_text = _("A list, one per line, or a table with the columns beside.")

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two ways, and find the shop."""
        values: dict[str, Any] = super().clean() or {}
        if "file" in values and bool(values["file"]) == bool(values.get("pasted")):
            self.add_error(
                "pasted", _("Paste handles here, or choose a file; one of the two.")
            )
        program: Program | None = values.get("program")
        if program is not None:
            values["shop"] = program.shop
        return values

    def body(self) -> tuple[str, bytes]:
        """Return what was pasted as a table of one column, or the file."""
        if self.cleaned_data["file"]:
            return super().body()
        text = self.cleaned_data["pasted"] + "\n"
        return str(_("pasted lines")), text.encode("utf-8", "replace")

    def options(self) -> dict[str, Any]:
        """Return the program and the rate for all."""
        values = self.cleaned_data
        return {"program": values["program"].pk, "rate_bp": values["rate_bp"]}
