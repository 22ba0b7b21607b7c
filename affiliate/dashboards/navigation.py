"""The admin's side bar: to each person the pages that open for them."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Words
from affiliate.common.models import AuditEntry, OutboxMessage, User
from affiliate.dashboards import pages
from creators.models import Code, Creator, Enrollment, Link
from payouts.models import (
    BankAccount,
    Commission,
    LedgerAccount,
    LedgerEntry,
    Payout,
    PayoutSkip,
    Run,
    TaxProfile,
)
from shops.admin.scope import reach
from shops.models import (
    ApiKey,
    Audience,
    Boost,
    Category,
    EarlyEvent,
    Exclusion,
    InboundEvent,
    Licence,
    Member,
    Order,
    Product,
    Program,
    Rate,
    Restriction,
    Shop,
    TableImport,
    TermsVersion,
    WebhookSecret,
)


@dataclass(frozen=True)
class Entry:
    """One page of the side bar: the list of a model."""

    model: Any
    title: Words
    icon: str


_GROUPS: list[tuple[Words, list[Entry]]] = [
    (
        _("Sales"),
        [
            Entry(Order, _("Orders"), "shopping_bag"),
            Entry(Commission, _("Commissions"), "percent"),
            Entry(InboundEvent, _("Messages received"), "call_received"),
            Entry(EarlyEvent, _("Waiting for their order"), "hourglass_empty"),
        ],
    ),
    (
        _("Terms"),
        [
            Entry(Program, _("Programs"), "handshake"),
            Entry(Rate, _("Rates"), "sell"),
            Entry(Boost, _("Boosts"), "rocket_launch"),
            Entry(Exclusion, _("Exclusions"), "block"),
            Entry(Restriction, _("Restricted goods"), "gpp_maybe"),
            Entry(Licence, _("Licences"), "verified"),
            Entry(TermsVersion, _("Texts to accept"), "contract"),
        ],
    ),
    (
        _("Creators"),
        [
            Entry(Creator, _("Creators"), "person"),
            Entry(Enrollment, _("Enrolled creators"), "group"),
            Entry(Audience, _("Groups"), "groups"),
            Entry(Link, _("Links"), "link"),
            Entry(Code, _("Codes"), "confirmation_number"),
        ],
    ),
    (
        _("Catalogue"),
        [
            Entry(Product, _("Products"), "inventory_2"),
            Entry(Category, _("Categories"), "account_tree"),
            Entry(TableImport, _("Imported tables"), "table_view"),
        ],
    ),
    (
        _("Payouts"),
        [
            Entry(Run, _("Payout runs"), "event_repeat"),
            Entry(Payout, _("Payouts"), "payments"),
            Entry(PayoutSkip, _("Skipped creators"), "person_off"),
            Entry(BankAccount, _("Bank accounts"), "account_balance"),
            Entry(TaxProfile, _("Tax profiles"), "description"),
        ],
    ),
    (
        _("Books"),
        [
            Entry(LedgerAccount, _("Accounts"), "balance"),
            Entry(LedgerEntry, _("Entries"), "menu_book"),
        ],
    ),
    (
        _("Shop"),
        [
            Entry(Shop, _("Shop"), "storefront"),
            Entry(Member, _("Members"), "badge"),
            Entry(ApiKey, _("API keys"), "key"),
            Entry(WebhookSecret, _("Webhook secrets"), "webhook"),
        ],
    ),
    (
        _("Control"),
        [
            Entry(User, _("People"), "manage_accounts"),
            Entry(AuditEntry, _("Audit trail"), "history"),
            Entry(OutboxMessage, _("Outbox"), "outbox"),
        ],
    ),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of pages that this person may open."""
    first = [_item(_("Overview"), "dashboard", reverse("admin:index"))]
    if (figures := _named("figures")) and pages.own(request) is not None:
        first.append(_item(_("Figures"), "monitoring", figures))
    groups: list[dict[str, Any]] = [{"items": first}]
    for title, entries in _GROUPS:
        items = [
            _item(capfirst(str(entry.title)), entry.icon, link)
            for entry in entries
            if (link := _address(entry.model, request))
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _item(title: Words, icon: str, link: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": link}


def subheader(request: HttpRequest) -> str:
    """Return the names of the shops one works for, or that one is of the platform."""
    shops = reach(request).shops.values()
    if shops:
        return ", ".join(sorted(shop.name for shop in shops))
    return str(_("Back office"))


def _address(model: Any, request: HttpRequest) -> str | None:
    """Return the address of a model's list, if it opens for this person."""
    page = admin.site._registry.get(model)
    if page is None or not page.has_view_permission(request):
        return None
    opts = model._meta
    return _named(f"{opts.app_label}_{opts.model_name}_changelist")


def _named(name: str) -> str | None:
    try:
        return reverse(f"admin:{name}")
    except NoReverseMatch:
        return None  # a site of one's own, with fewer pages
