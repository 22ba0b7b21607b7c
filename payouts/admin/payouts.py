from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from payouts import runs
from payouts.models import Payout, PayoutLine, PayoutSkip, PayoutStatus
from shops.admin import pages
from shops.admin.columns import button, column, linked, names
from shops.admin.filters import OwnRelatedFilter
from shops.admin.scope import (
    LooksOnly,
    MerchantScopedAdmin,
    ScopedInline,
    may,
    user_of,
)

BADGES = {
    PayoutStatus.CLAIMING: "warning",
    PayoutStatus.DRAFT: "primary",
    PayoutStatus.SENT: "info",
    PayoutStatus.PAID: "success",
    PayoutStatus.RETURNED: "danger",
    PayoutStatus.DROPPED: "",
}


class PayoutLineInline(LooksOnly, ScopedInline):
    """The commissions of a payout."""

    model = PayoutLine
    shop_path = ""
    fields = ("sale", "amount", "counts")
    readonly_fields = names(fields)
    per_page = 25
    hide_title = True
    verbose_name_plural = _("commissions")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return lines with the orders they come from."""
        return (
            super()
            .get_queryset(request)
            .select_related("commission__line__order", "payout")
            .order_by("pk")
        )

    @column(_("commission"))
    def sale(self, line: PayoutLine) -> Any:
        """Lead to the commission."""
        order = line.commission.line.order.external_id
        return linked(line.commission, f"{line.commission} · {order}")

    @column(_("still part of it"), boolean=True)
    def counts(self, line: PayoutLine) -> bool:
        """Say whether the payout still holds it; what came back is free again."""
        return line.is_active

    @column(_("amount"))
    def amount(self, line: PayoutLine) -> str:
        """Show what the line adds to the payout."""
        return pages.shown(line.amount_cents, line.payout.currency)


@admin.register(Payout)
class PayoutAdmin(LooksOnly, MerchantScopedAdmin):
    """One creator's transfer; one that came back is marked so, with its reason."""

    shop_path = ""
    list_display = (
        "end_to_end_id",
        "creator_handle",
        "account",
        "amount",
        "state",
        "run_name",
    )
    list_filter = (("run", OwnRelatedFilter), ("status", ChoicesDropdownFilter))
    list_select_related = ("run", "creator", "bank_account")
    search_fields = ("end_to_end_id", "creator__handle__iexact")
    search_help_text = _("A reference, or a creator's handle")
    ordering = ("-pk",)
    actions_detail: ClassVar[Sequence[str]] = ("mark_returned",)
    fields = (
        ("end_to_end_id", "run_name"),
        ("creator_handle", "account"),
        ("amount", "state"),
        ("sent_at", "settled_at"),
        "return_reason",
    )
    readonly_fields = (
        "end_to_end_id",
        "run_name",
        "creator_handle",
        "account",
        "amount",
        "state",
        "sent_at",
        "settled_at",
        "return_reason",
    )
    inlines = (PayoutLineInline,)
    empty_value_display = "–"

    @column(_("creator"), ordering="creator__handle")
    def creator_handle(self, payout: Payout) -> str:
        """Show who is paid."""
        return str(payout.creator)

    @column(_("bank account"))
    def account(self, payout: Payout) -> str:
        """Show the account by its ends only."""
        return str(payout.bank_account)

    @column(_("amount"), ordering="amount_cents")
    def amount(self, payout: Payout) -> str:
        """Show the amount in its currency."""
        return pages.shown(payout.amount_cents, payout.currency)

    @column(_("status"), ordering="status", label=BADGES)
    def state(self, payout: Payout) -> tuple[str, str]:
        """Show the status as a badge."""
        return payout.status, payout.get_status_display()

    @column(_("run"), ordering="run")
    def run_name(self, payout: Payout) -> Any:
        """Lead to the run."""
        return linked(payout.run)

    def may_act(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let finance read the bank's answers in."""
        return may(request, "change", Payout)

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Return what can still come back."""
        is_out = obj.status in (PayoutStatus.SENT, PayoutStatus.PAID)
        return ("mark_returned",) if is_out else ()

    @button(_("Mark as returned"), icon="undo")
    def mark_returned(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a transfer back that the bank returned, with its reason."""
        payout = pages.found(self, request, object_id)

        def perform(values: dict[str, Any]) -> Any:
            runs.return_payout(
                payout.pk, values["reason"], at=now(), by=user_of(request)
            )
            return _("The payout is returned; the creator can be paid again.")

        form = pages.WordsForm(request.POST or None)
        form.fields["reason"].label = _("What the bank says")
        form.fields["reason"].help_text = _("The creator reads it.")
        return pages.confirmed(
            self,
            request,
            payout,
            title=_("Did this payout come back?"),
            words=_("Its commissions are payable again in the next run."),
            facts=[
                (_("reference"), payout.end_to_end_id),
                (_("creator"), payout.creator),
                (_("amount"), self.amount(payout)),
            ],
            form=form,
            button=_("Mark as returned"),
            perform=perform,
            is_grave=True,
            is_sensitive=True,
        )


@admin.register(PayoutSkip)
class PayoutSkipAdmin(LooksOnly, MerchantScopedAdmin):
    """Who was not paid in a run, and why; the money stays theirs."""

    shop_path = ""
    list_display = ("creator_handle", "run_name", "why", "amount")
    list_filter = (("run", OwnRelatedFilter), ("reason", ChoicesDropdownFilter))
    list_select_related = ("run", "creator")
    search_fields = ("creator__handle__iexact",)
    ordering = ("-run", "creator__handle")
    fields = (("creator_handle", "run_name"), ("why", "amount"))
    readonly_fields = ("creator_handle", "run_name", "why", "amount")

    @column(_("creator"), ordering="creator__handle")
    def creator_handle(self, skip: PayoutSkip) -> str:
        """Show who was not paid."""
        return str(skip.creator)

    @column(_("run"), ordering="run")
    def run_name(self, skip: PayoutSkip) -> Any:
        """Lead to the run."""
        return linked(skip.run)

    @column(_("reason"), ordering="reason")
    def why(self, skip: PayoutSkip) -> str:
        """Say why in words."""
        return skip.get_reason_display()

    @column(_("amount"), ordering="amount_cents")
    def amount(self, skip: PayoutSkip) -> str:
        """Show what stays theirs."""
        return pages.shown(skip.amount_cents, skip.currency)
