from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from payouts import commissions, explanations, export
from payouts.admin import declining
from payouts.models import (
    Commission,
    CommissionKind,
    CommissionStatus,
    DeclineReason,
)
from shops.admin import pages
from shops.admin.columns import NOTHING, button, column, linked, names
from shops.admin.exports import Exports
from shops.admin.filters import OwnRelatedFilter
from shops.admin.forms import hundredths_words
from shops.admin.scope import (
    MANAGERS,
    LooksOnly,
    user_of,
)

BADGES = {
    CommissionStatus.PENDING: "warning",
    CommissionStatus.APPROVED: "info",
    CommissionStatus.IN_RUN: "info",
    CommissionStatus.PAID: "success",
    CommissionStatus.VOID: "",
    CommissionStatus.HELD: "danger",
}
KINDS = {
    CommissionKind.SALE: "",
    CommissionKind.REVERSAL: "warning",
    CommissionKind.CLAWBACK: "warning",
    CommissionKind.RESTORATION: "info",
}


@admin.register(Commission)
class CommissionAdmin(LooksOnly, Exports):
    """What each line earns its creator. Money is read here; a sale may be declined."""

    exported = export.COMMISSIONS
    actors = MANAGERS
    list_display = (
        "order",
        "creator_handle",
        "kind_name",
        "amount",
        "base",
        "rate_words",
        "state",
        "payable_on",
        "shop",
    )
    list_filter = (
        ("shop", OwnRelatedFilter),
        ("program", OwnRelatedFilter),
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("payable_on", RangeDateFilter),
    )
    list_select_related = ("line__order", "creator", "program", "shop")
    search_fields = ("line__order__external_id__exact", "creator__handle__iexact")
    search_help_text = _("An order's number or a handle")
    ordering = ("-pk",)
    actions = ("decline_many", "export_csv", "export_xlsx")
    actions_detail: ClassVar[Sequence[str]] = ("decline",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("order_link", "line_name"),
                    ("creator_handle", "program"),
                    ("state", "kind_name"),
                    ("accrued_at", "payable_on"),
                    ("held_reason", "decline_reason"),
                )
            },
        ),
        (
            _("How the amount came about"),
            {
                "fields": (
                    "in_words",
                    ("amount", "base"),
                    ("rate_words", "rate_reach"),
                    ("boost_words", "cap_words"),
                    "lost_words",
                )
            },
        ),
    )
    readonly_fields = names(
        line for _title, options in fieldsets for line in options["fields"]
    )
    empty_value_display = "–"

    @column(_("why this amount"))
    def in_words(self, commission: Commission) -> str:
        """Say it in the reader's language, as the creator and the API are told."""
        language = get_language() or "en"
        return explanations.sentence(commission, language, to_creator=False)

    @column(_("order"), ordering="line__order__placed_at")
    def order(self, commission: Commission) -> str:
        """Show the order's number."""
        return commission.line.order.external_id

    @column(_("order"))
    def order_link(self, commission: Commission) -> Any:
        """Lead to the order."""
        return linked(commission.line.order)

    @column(_("line"))
    def line_name(self, commission: Commission) -> str:
        """Show the line and what was sold."""
        return f"{commission.line.external_id} · {commission.line.sku}"

    @column(_("creator"), ordering="creator__handle")
    def creator_handle(self, commission: Commission) -> str:
        """Show who earns it."""
        return str(commission.creator)

    @column(_("kind"), ordering="kind", label=KINDS)
    def kind_name(self, commission: Commission) -> tuple[str, str]:
        """Show the kind as a badge."""
        return commission.kind, commission.get_kind_display()

    @column(_("status"), ordering="status", label=BADGES)
    def state(self, commission: Commission) -> tuple[str, str]:
        """Show the status as a badge."""
        return commission.status, commission.get_status_display()

    @column(_("amount"), ordering="amount_cents")
    def amount(self, commission: Commission) -> str:
        """Show the amount in its currency."""
        return pages.shown(commission.amount_cents, commission.currency)

    @column(_("base"), ordering="base_cents")
    def base(self, commission: Commission) -> str:
        """Show what was paid for the line without VAT, less refunds."""
        return pages.shown(commission.base_cents, commission.currency)

    @column(_("rate"))
    def rate_words(self, commission: Commission) -> str:
        """Show the rate that was kept with the sale."""
        return rate_in_words(explanations.won(commission), commission.currency)

    @column(_("whose rate"))
    def rate_reach(self, commission: Commission) -> str:
        """Show for whom and for what the rate was."""
        return reach_in_words(explanations.won(explanations.sale_of(commission)))

    @column(_("boost"))
    def boost_words(self, commission: Commission) -> str:
        """Show the boost that multiplied it."""
        if commission.boost is None:
            return NOTHING
        sale = explanations.sale_of(commission)
        name = sale.snapshot.get("boost") or commission.boost.name
        return times_in_words(name, commission.multiplier_pct)

    @column(_("highest rate"))
    def cap_words(self, commission: Commission) -> str:
        """Show the cap, and whether it held the amount down."""
        cap = f"{pages.decimal(hundredths_words(commission.cap_bp))} %"
        sale = explanations.sale_of(commission)
        return f"{cap} · {_('reached')}" if explanations.is_capped(sale) else cap

    @column(_("applied too, and lost"))
    def lost_words(self, commission: Commission) -> str:
        """Show the rates and boosts that applied and lost (rules R3, B2)."""
        sale = explanations.sale_of(commission)
        rates = [
            f"{rate_in_words(rate, commission.currency)} ({reach_in_words(rate)})"
            for rate in explanations.lost(sale)
        ]
        boosts = [
            times_in_words(boost["name"], boost["multiplier_pct"])
            for boost in sale.snapshot.get("lost_boosts", [])
        ]
        return "\n".join([*rates, *boosts]) or NOTHING

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Decline a sale that waits."""
        waits = obj.status == CommissionStatus.PENDING and not obj.number
        return ("decline",) if waits and not obj.decline_reason else ()

    @button(_("Decline"), icon="thumb_down")
    def decline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Decline one sale, with a reason of the closed list."""
        commission = pages.found(self, request, object_id)

        def perform(values: dict[str, Any]) -> Any:
            reason = DeclineReason(values["reason"])
            commissions.decline(commission.pk, reason, by=user_of(request), at=now())
            return _("The commission was declined; the creator sees why.")

        return pages.confirmed(
            self,
            request,
            commission,
            title=_("Decline this commission?"),
            words=_(
                "The creator loses the amount, sees the reason and may dispute it. It"
                " is taken back within a minute."
            ),
            facts=[
                (_("order"), commission.line.order.external_id),
                (_("creator"), commission.creator),
                (_("amount"), self.amount(commission)),
            ],
            form=declining.DeclineForm(request.POST or None),
            button=_("Decline"),
            perform=perform,
            is_grave=True,
        )

    def has_decline_permission(self, request: HttpRequest) -> bool:
        """Let those decline many who may decline one."""
        return self.may_act(request)

    @admin.action(description=_("Decline…"), permissions=["decline"])
    def decline_many(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Decline the chosen sales; those decided before stay, and it is told."""
        return declining.many(self, request, queryset)


def rate_in_words(rate: explanations.Terms, currency: str) -> str:
    """Write a rate: a percentage, or an amount for each unit."""
    if rate.bp is not None:
        return f"{pages.decimal(hundredths_words(rate.bp))} %"
    amount = pages.shown(rate.flat_cents or 0, currency)
    return str(_("%(amount)s per unit") % {"amount": amount})


def times_in_words(name: str, multiplier_pct: int) -> str:
    """Write a boost: its name and by how much it multiplies."""
    return f"{name} ×{pages.decimal(hundredths_words(multiplier_pct))}"


def reach_in_words(rate: explanations.Terms) -> str:
    """Say for whom and for what a rate was made."""
    who = {
        "creator": _("this creator"),
        "group": _("group %(group)s") % {"group": rate.group or ""},
        "everyone": _("everyone"),
        "default": _("the program's default"),
    }[rate.who]
    what = {
        "product": _("this product"),
        "category": _("its category"),
        "everything": "",
    }[rate.what]
    return f"{who} · {what}" if what else str(who)
