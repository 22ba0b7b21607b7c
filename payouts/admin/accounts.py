from typing import Any

from django.contrib import admin
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from payouts.models import BankAccount, TaxProfile
from shops.admin.columns import column, names
from shops.admin.scope import LooksOnly, MerchantScopedAdmin


@admin.register(BankAccount)
class BankAccountAdmin(LooksOnly, MerchantScopedAdmin):
    """Where creators are paid; numbers are shown by their ends only."""

    shop_path = ""
    list_display = ("creator_handle", "masked", "currency", "state", "usable_from")
    list_select_related = ("creator",)
    search_fields = ("creator__handle",)
    ordering = ("creator__handle", "-pk")
    fields = (
        ("creator_handle", "masked"),
        ("currency", "state"),
        ("verified_at", "usable_from"),
        "ended_at",
    )
    readonly_fields = names(fields)

    @column(_("creator"), ordering="creator__handle")
    def creator_handle(self, account: BankAccount) -> str:
        """Show whose account it is."""
        return str(account.creator)

    @column("IBAN")
    def masked(self, account: BankAccount) -> str:
        """Show the first and the last four signs."""
        return str(account)

    @column(
        _("state"),
        label={"usable": "success", "hold": "warning", "open": "danger", "ended": ""},
    )
    def state(self, account: BankAccount) -> tuple[str, Any]:
        """Say whether it can be paid to now."""
        if account.ended_at is not None:
            return "ended", _("ended")
        if account.verified_at is None or account.usable_from is None:
            return "open", _("not verified")
        if account.usable_from > now():
            return "hold", _("on hold")
        return "usable", _("usable")


@admin.register(TaxProfile)
class TaxProfileAdmin(LooksOnly, MerchantScopedAdmin):
    """What the self-billed invoice needs of a creator."""

    shop_path = ""
    list_display = ("creator", "kind", "siret", "vat_number")
    list_filter = (("kind", ChoicesDropdownFilter),)
    list_select_related = ("creator",)
    search_fields = ("creator__handle",)
    ordering = ("creator__handle",)
    fields = ("creator", "kind", ("siret", "vat_number"))
    readonly_fields = names(fields)
