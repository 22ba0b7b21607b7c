from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Subquery, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.paginator import InfinitePaginator

from payouts.models import LedgerAccount, LedgerEntry, LedgerLeg
from shops.admin import pages
from shops.admin.columns import NOTHING, column, linked, names
from shops.admin.scope import LooksOnly, MerchantScopedAdmin, ScopedInline

_KINDS = {
    "sale": _("sale"),
    "reversal": _("reversal"),
    "clawback": _("clawback"),
    "restoration": _("restoration"),
    "approved": _("approval"),
    "sent": _("payout sent"),
    "paid": _("payout executed"),
    "returned": _("payout returned"),
    "returned_paid": _("payout returned after execution"),
}


class LegInline(LooksOnly, ScopedInline):
    """The sides of an entry."""

    model = LedgerLeg
    shop_path = ""
    fields = ("account_name", "amount")
    readonly_fields = names(fields)
    verbose_name_plural = _("legs")
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return legs with whose accounts they touch."""
        return (
            super()
            .get_queryset(request)
            .select_related("account__shop", "account__creator")
            .order_by("pk")
        )

    @column(_("account"))
    def account_name(self, leg: LedgerLeg) -> str:
        """Show which account, and whose."""
        return account_in_words(leg.account)

    @column(_("amount"))
    def amount(self, leg: LedgerLeg) -> str:
        """Show the amount; positive is debit."""
        return pages.shown(leg.amount_cents, leg.currency)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(LooksOnly, MerchantScopedAdmin):
    """The books, entry by entry: nobody writes here but `ledger.post`."""

    shop_path = ""
    list_display = ("event", "kind_name", "at", "amount")
    list_filter = (("at", RangeDateTimeFilter),)
    search_fields = ("key__startswith",)
    search_help_text = _("How the event's key begins, such as commission:12")
    ordering = ("-pk",)
    # Counting millions of entries for a page number would take seconds.
    paginator = InfinitePaginator
    fields = (("event", "kind_name"), ("at", "taken_back"))
    readonly_fields = names(fields)
    inlines = (LegInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return entries with their legs."""
        return super().get_queryset(request).prefetch_related("legs")

    @column(_("event"), ordering="key")
    def event(self, entry: LedgerEntry) -> str:
        """Show the key: it names the business event, once for ever."""
        return entry.key

    @column(_("kind"), ordering="kind")
    def kind_name(self, entry: LedgerEntry) -> Any:
        """Show the kind in words."""
        return _KINDS.get(entry.kind, entry.kind)

    @column(_("takes back"))
    def taken_back(self, entry: LedgerEntry) -> Any:
        """Lead to the entry that this one reverses."""
        return linked(entry.reverses) or NOTHING

    @column(_("amount"))
    def amount(self, entry: LedgerEntry) -> str:
        """Show what moved: the debit side."""
        sums: dict[str, int] = {}
        for leg in entry.legs.all():
            if leg.amount_cents > 0:
                sums[leg.currency] = sums.get(leg.currency, 0) + leg.amount_cents
        return ", ".join(pages.shown(cents, code) for code, cents in sums.items())


@admin.register(LedgerAccount)
class LedgerAccountAdmin(LooksOnly, MerchantScopedAdmin):
    """Who has what, summed from the entries."""

    shop_path = ""
    list_display = ("name", "currency", "balance")
    list_filter = (("kind", ChoicesDropdownFilter), "currency")
    list_select_related = ("shop", "creator")
    search_fields = ("creator__handle__iexact", "shop__slug__iexact")
    search_help_text = _("A creator's handle or a shop's slug")
    ordering = ("kind", "pk")
    fields = (("name", "currency"), "balance")
    readonly_fields = names(fields)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return accounts with their balances, summed for the rows shown only."""
        legs = LedgerLeg.objects.filter(account=OuterRef("pk")).order_by()
        sums = legs.values("account").annotate(total=Sum("amount_cents"))
        return (
            super()
            .get_queryset(request)
            .annotate(balance_cents=Subquery(sums.values("total")))
        )

    @column(_("account"), ordering="kind")
    def name(self, account: LedgerAccount) -> str:
        """Show which account, and whose."""
        return account_in_words(account)

    @column(_("balance"))
    def balance(self, account: Any) -> str:
        """Show the balance; positive is debit, what is owed to someone is negative."""
        return pages.shown(account.balance_cents or 0, account.currency)


def account_in_words(account: LedgerAccount) -> str:
    """Name an account by its kind and owner."""
    owner = account.shop or account.creator
    kind = account.get_kind_display()
    return f"{kind} · {owner}" if owner else kind
