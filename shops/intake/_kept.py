"""What messages say of what is kept here: an order put into a bin, bytes to erase."""

from django.db import connection

from shops import orders
from shops.intake._events import Binned, Erase, Nothing, Ordered, Unclear
from shops.models import InboundEvent, InboundStatus, Order, OrderStatus

# A body without its buyer can be read by nobody: what failed is not tried again.
_ERASE = """
update shops_inboundevent
   set body = ''::bytea, reason = %(reason)s,
       status = case status when %(failed)s then %(ignored)s else status end
 where shop_id = %(shop)s and system = %(system)s
   and (%(names)s::text[] is null or exists (
        select from unnest(%(names)s::text[]) name
         where position(convert_to(name, 'UTF8') in body) > 0))
"""
_ERASED = "Erased, as the shop's buyer or the shop itself has asked."


def called_off(binned: Binned, message: InboundEvent) -> Ordered | Unclear:
    """Return the version of a known order that the shop's bin makes of it.

    It has the moment when the message came, so that what was changed before is older,
    what takes the order out again is newer, and trying again says the same.
    """
    order = Order.objects.filter(
        shop_id=message.shop_id, external_id=binned.order
    ).first()
    if order is None:
        return Unclear(
            f"Order {binned.order} was put into the bin and is not known: send or"
            " import it, then try this message again."
        )
    lines = order.lines.order_by("pk").values_list(
        "external_id", "sku", "quantity", "net_cents", "tax_cents"
    )
    return Ordered(
        orders.OrderFacts(
            external_id=order.external_id,
            version=orders.micros(message.received_at),
            placed_at=order.placed_at,
            currency=order.currency,
            status=OrderStatus.CANCELLED.value,
            lines=tuple(orders.LineFacts(*line) for line in lines),
            buyer_hash=order.buyer_hash,
            buyer_country=order.buyer_country,
            clicks=tuple(order.clicks),
            codes=tuple(order.codes),
        )
    )


def erase(wanted: Erase, message: InboundEvent) -> Nothing:
    """Empty the shop's messages of this system that name the buyer, this one too.

    The orders stay: they keep a keyed hash of the address, which the books need.
    """
    names = None if wanted.names is None else list(wanted.names)
    with connection.cursor() as cursor:
        cursor.execute(
            _ERASE,
            {
                "shop": message.shop_id,
                "system": message.system,
                "names": names,
                "reason": _ERASED,
                "failed": InboundStatus.FAILED,
                "ignored": InboundStatus.IGNORED,
            },
        )
        return Nothing(f"{cursor.rowcount} messages were erased.")
