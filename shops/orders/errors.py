"""Why an order, a refund or an event of an order is refused, and the way out."""

from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Refusal


class InvalidOrder(Refusal):
    """The order cannot be read; `errors` names every place, nothing was kept."""

    code = "invalid_order"
    status = 400
    title = _("The order cannot be read.")
    way_out = _("Correct the fields named and send the order again.")


class InvalidRefund(Refusal):
    """The refund cannot be read; `errors` names every place, nothing was kept."""

    code = "invalid_refund"
    status = 400
    title = _("The refund cannot be read.")
    way_out = _("Correct the fields named and send the refund again.")


class InvalidMoment(Refusal):
    """A cancellation or delivery without a readable instant; nothing was kept."""

    code = "invalid_instant"
    status = 400
    title = _("The instant cannot be read.")
    way_out = _("Send an instant such as 2026-11-03T10:15:00+01:00.")


class InvalidNumber(Refusal):
    """An order's number that no order can have; nothing was kept."""

    code = "invalid_order_number"
    status = 400
    title = _("No order can have this number.")
    way_out = _("Name the order by the external_id that it was or will be sent with.")


class OrderConflict(Refusal):
    """This version of the order is known with other content, which stays."""

    code = "order_conflict"
    status = 409
    title = _("This version of the order is known with other content.")
    way_out = _("Send what changed with a higher version.")


class CurrencyChanged(Refusal):
    """An order keeps the currency it was paid in; the version before stays."""

    code = "currency_changed"
    status = 409
    title = _("The currency of an order cannot change.")
    way_out = _("Cancel the order and send a new one in the other currency.")


class BelowRefunded(Refusal):
    """The new version says that less was paid than was given back."""

    code = "below_refunded"
    status = 422
    title = _("A line would be worth less than what was refunded of it.")
    way_out = _("A refund does not lower the order's lines: send them as paid.")


class RefundConflict(Refusal):
    """This refund is known with other amounts, which stay."""

    code = "refund_conflict"
    status = 409
    title = _("This refund is known with other content.")
    way_out = _("Give another refund its own external_id.")


class RefundExceedsPaid(Refusal):
    """More would be given back than was paid for a line; nothing was refunded."""

    code = "refund_exceeds_paid"
    status = 422
    title = _("The refund is larger than what is left of the line.")
    way_out = _("Refund at most what was paid, without VAT, less earlier refunds.")


class BeforeOrder(Refusal):
    """An event is dated before its order; nothing happened."""

    code = "before_order"
    status = 422
    title = _("This is dated before its order.")
    way_out = _("Correct the date: it may be a day before the order's, not more.")


class UnknownLine(Refusal):
    """The refund names a line that its order does not have; nothing was refunded."""

    code = "unknown_line"
    status = 422
    title = _("The order has no such line.")
    way_out = _("Name lines by the external_id that the order gave them.")


BY_CODE: dict[str, type[Refusal]] = {
    refusal.code: refusal
    for refusal in (
        InvalidNumber,
        OrderConflict,
        CurrencyChanged,
        BelowRefunded,
        RefundConflict,
        RefundExceedsPaid,
        UnknownLine,
        BeforeOrder,
    )
}


def words(code: str) -> str:
    """Return what a stored code says, in the language of who asks now."""
    refusal = BY_CODE.get(code)
    return str(refusal.title) if refusal else code
