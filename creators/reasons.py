"""Why a touch won or lost, in words: the reasons of verdicts (rules A1 to A9)."""

from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Words

_WORDS: dict[str, Words] = {
    # what won
    "code_applied": _("The buyer used this code."),
    "latest_click": _("The latest eligible click before the order."),
    # what lost to another
    "other_touch_won": _("Another touch came first."),
    "code_needs_click": _("The code earns only with a click of the same creator."),
    "code_needs_winning_click": _(
        "The code earns only if the creator's click wins, and another one did."
    ),
    # what does not count
    "code_unknown": _("No program of this shop has this code."),
    "code_retired": _("The code was retired before the order."),
    "code_not_started": _("The code was not valid yet."),
    "code_expired": _("The code was no longer valid."),
    "code_used_up": _("The code had reached its most uses."),
    "click_unknown": _("The click is not known, or belongs to another shop."),
    "bot_click": _("The click came from a bot or a prefetch."),
    "clicked_after_order": _("The click came after the order."),
    "outside_window": _("The click is older than the program's window."),
    "enrollment_not_active": _("The creator was not enrolled at the order."),
    "program_not_active": _("The program was not active at the order."),
    "own_purchase": _("The creator's own purchase."),
    "not_in_catalogue": _("The product is not in the catalogue."),
    "product_only": _("The link was for another product only."),
    "product_excluded": _("The product is excluded from the program."),
    # what the order says
    "no_touch": _("No click and no code came with the order."),
    "order_not_paid": _("The order is not paid yet."),
    "order_cancelled": _("The order was cancelled."),
    "not_settled_yet": _("It will be decided within a minute."),
}


def words(reason: str) -> Words:
    """Return a reason in the reader's language; an unknown one as it stands."""
    return _WORDS.get(reason, reason)
