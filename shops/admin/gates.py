from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
)

from shops import gates, licences
from shops.admin import pages
from shops.admin.columns import button, column
from shops.admin.filters import OwnRelatedFilter
from shops.admin.forms import RefusableForm
from shops.admin.scope import MANAGERS, MerchantScopedAdmin, user_of
from shops.models import Licence, Restriction

_STATES = {"held": "success", "waiting": "warning", "over": ""}
_WORDS = {
    "held": _("reviewed"),
    "waiting": _("waits for its review"),
    "over": _("expired"),
}


class RestrictionForm(RefusableForm):
    """Goods and platforms are ticked."""

    codes = forms.MultipleChoiceField(
        label=_("restricted goods"),
        choices=gates.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    platforms = forms.MultipleChoiceField(
        label=_("platforms"),
        choices=[(name, name.capitalize()) for name in gates.PLATFORMS],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=_("Where creators may post. Empty: anywhere."),
    )

    class Meta:
        model = Restriction
        fields = ("program", "codes", "platforms", "excludes_minors", "notice")


@admin.register(Restriction)
class RestrictionAdmin(MerchantScopedAdmin):
    """What a program promotes that the law or a platform restricts (rule P5)."""

    shop_path = "program__shop"
    writers = MANAGERS
    audited = True
    form = RestrictionForm
    fixed_fields = ("program",)
    list_display = ("program", "goods", "excludes_minors")
    list_filter = (("program", OwnRelatedFilter),)
    list_select_related = ("program__shop",)
    search_fields = ("program__name",)
    ordering = ("program__name", "pk")
    fields = ("program", "codes", "platforms", "excludes_minors", "notice")

    @column(_("restricted goods"))
    def goods(self, restriction: Restriction) -> str:
        """Show the goods in one line."""
        return ", ".join(gates.name_of(code) for code in restriction.codes)


class LicenceForm(RefusableForm):
    """One kind of goods a proof."""

    code = forms.ChoiceField(
        label=_("restricted goods"),
        choices=gates.choices,
        widget=UnfoldAdminSelectWidget(),
    )

    class Meta:
        model = Licence
        fields = ("shop", "code", "reference", "expires_on")


@admin.register(Licence)
class LicenceAdmin(MerchantScopedAdmin):
    """Entered by a shop, reviewed by the platform's staff, never changed (rule P5)."""

    writers = MANAGERS
    audited = True
    form = LicenceForm
    actions_detail: ClassVar[Sequence[str]] = ("review",)
    list_display = ("goods", "reference", "state", "expires_on", "shop")
    list_filter = (("shop", OwnRelatedFilter),)
    list_select_related = ("shop",)
    search_fields = ("code", "reference")
    ordering = ("-expires_on", "-pk")
    fields = ("shop", "code", "reference", "expires_on", "state")
    readonly_fields = ("goods", "state")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Choose the goods of a new proof; name those of one that is there."""
        fields = super().get_fields(request, obj)
        if obj is None:
            return fields
        return ["goods" if name == "code" else name for name in fields]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody: what was reviewed is not something else afterwards."""
        return False

    @column(_("restricted goods"), ordering="code")
    def goods(self, licence: Licence) -> str:
        """Show the goods in words."""
        return gates.name_of(licence.code)

    @column(_("state"), label=_STATES)
    def state(self, licence: Licence) -> tuple[str, Any]:
        """Say whether it counts."""
        if licence.expires_on is None or licence.reviewed_at is None:
            return "waiting", _WORDS["waiting"]
        # The day of its shop, as for the gates: an admin's page has its zone.
        state = "held" if licence.expires_on >= localdate() else "over"
        return state, _WORDS[state]

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Review what was not reviewed."""
        return ("review",) if obj.reviewed_at is None else ()

    @button(_("Reviewed"), icon="verified", variant=ActionVariant.PRIMARY)
    def review(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the proof count, once confirmed; staff only."""
        licence = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            licences.review(licence, at=now(), by=user_of(request))
            return _("The licence counts from now on.")

        return pages.confirmed(
            self,
            request,
            licence,
            title=_("Is this licence in order?"),
            words=_("Programs of the shop may promote these goods until its last day."),
            facts=[
                (_("shop"), licence.shop),
                (_("restricted goods"), gates.name_of(licence.code)),
                (_("licence"), licence),
            ],
            button=_("Reviewed"),
            perform=perform,
        )
