from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from shops import rates
from shops.admin import pages, replacing
from shops.admin.columns import NOTHING, button, column
from shops.admin.filters import OwnRelatedFilter
from shops.admin.forms import MoneyField, PercentField
from shops.admin.imports import Imports, RatesForm
from shops.admin.programs import percent
from shops.admin.terms import TermAdmin, TermForm
from shops.models import Rate
from shops.tables import export


class RateForm(TermForm):
    """Written in percent, or as an amount of the program's currency."""

    rate_bp = PercentField(
        label=_("rate"), required=False, help_text=_("Of what is paid without VAT.")
    )
    flat_cents = MoneyField(
        label=_("or a flat amount per unit"),
        required=False,
        help_text=_("Instead of a rate, in the program's currency."),
    )

    class Meta(TermForm.Meta):
        model = Rate
        fields = (
            "program",
            "audience",
            "product",
            "category",
            "rate_bp",
            "flat_cents",
            "starts_at",
            "ends_at",
            "is_first_purchase_only",
            "most_sales",
            "most_sales_per",
        )

    def clean_flat_cents(self) -> int | None:
        """Return minor units of the program's currency."""
        text, program = (
            self.cleaned_data["flat_cents"],
            self.cleaned_data.get("program"),
        )
        return MoneyField.read(text, program.currency) if text and program else None


@admin.register(Rate)
class RateAdmin(Imports, TermAdmin):
    """Who earns how much on what (rules R1, R2)."""

    table_kind = "rates"
    upload_form = RatesForm
    exported = export.RATES
    form = RateForm
    add_verb = rates.add
    end_verb = rates.end
    actions_detail = ("replace", "end")
    list_display = ("pays", "who", "what", "program", "state", "starts_at", "ends_at")
    list_filter = (("program", OwnRelatedFilter),)
    search_fields = (
        "audience__slug",
        "audience__name",
        "product__sku",
        "product__name",
    )
    ordering = ("program__name", "-pk")
    fieldsets = (
        (None, {"fields": ("program", ("rate_bp", "flat_cents"))}),
        (
            _("Who and what"),
            {
                "fields": ("audience", ("product", "category")),
                "description": _(
                    "The more specific rate wins: one creator before a group before"
                    " everyone, a product before a category before everything. A"
                    " category reaches everything below it."
                ),
            },
        ),
        (
            _("When"),
            {
                "fields": ("starts_at", "ends_at"),
                "description": _(
                    "What pays more holds at once. What pays less is announced as you"
                    " save it: creators who joined before keep what they had for the"
                    " program's notice."
                ),
            },
        ),
        (
            _("Conditions"),
            {
                "fields": (
                    "is_first_purchase_only",
                    ("most_sales", "most_sales_per"),
                ),
                "description": _(
                    "A sale that does not meet them has the next rate. Sales that are"
                    " taken back do not count."
                ),
            },
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show a rate that is there in words."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        lines = (
            ("program", "pays"),
            ("who", "what"),
            ("state", "conditions"),
            ("starts_at", "ends_at"),
            ("announced_at", "binds_at"),
        )
        return ((None, {"fields": lines}),)

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Change or end what is not over."""
        return ("replace", "end") if super().possible(request, obj) else ()

    @button(_("Change from a moment on"), icon="edit_calendar")
    def replace(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask what it is from then on."""
        return replacing.ask(self, request, pages.found(self, request, object_id))

    @column(_("conditions"))
    def conditions(self, rate: Rate) -> str:
        """Show which sales it is for."""
        said = []
        if rate.is_first_purchase_only:
            said.append(str(_("first purchase only")))
        if rate.most_sales is not None:
            cap = _("at most %(count)s sales (%(per)s)")
            per = rate.get_most_sales_per_display()
            said.append(str(cap % {"count": rate.most_sales, "per": per}))
        return ", ".join(said) or NOTHING

    @column(_("rate"), ordering="rate_bp")
    def pays(self, rate: Rate) -> str:
        """Show the percentage, or the amount for each unit."""
        if rate.rate_bp is not None:
            return percent(rate.rate_bp)
        amount = pages.shown(rate.flat_cents or 0, rate.program.currency)
        return str(_("%(amount)s per unit") % {"amount": amount})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin now: an empty start reaches orders that come late."""
        return {"starts_at": now(), **super().get_changeform_initial_data(request)}
