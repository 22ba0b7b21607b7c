"""Units that came back without saying from which purchase: they are looked for."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from shops import orders
from shops.intake._events import Happened
from shops.intake._files import Returned
from shops.models import Shop

_WHOLE = re.compile(r"[0-9]{1,18}")

# The lines that customers may give units back of, and how many of them already came
# back. One statement for all cancellations of a file.
_SOLD = """
select o.buyer_hash, l.sku, o.placed_at, o.external_id, l.external_id,
       l.quantity - coalesce(sum(r.quantity), 0)
  from unnest(%s::text[], %s::text[]) k (buyer_hash, sku)
  join shops_order o on o.shop_id = %s and o.buyer_hash = k.buyer_hash
  join shops_orderline l on l.order_id = o.id and l.sku = k.sku
  left join shops_refundline r on r.line_id = l.id
 group by o.id, k.buyer_hash, l.id
"""
_MATCHED = """
select f.external_id, o.external_id, sum(r.quantity)
  from shops_refund f
  join shops_order o on o.id = f.order_id
  join shops_refundline r on r.refund_id = f.id
 where o.shop_id = %s and f.external_id = any(%s)
 group by 1, 2
"""


def match(
    shop: Shop, returned: Sequence[Returned]
) -> tuple[list[tuple[Returned, Happened]], list[tuple[Returned, int]]]:
    """Find the purchases whose units came back; also what units found none.

    A cancellation that was matched before, in part or whole, is only matched for the
    rest, so that the same file again changes nothing.
    """
    matched, busy = _matched(shop, returned)
    shelf = _sold(shop, returned)
    found: list[tuple[Returned, Happened]] = []
    unmatched: list[tuple[Returned, int]] = []
    for each in returned:
        left = each.quantity - matched[each.external_id]
        lines: dict[str, list[orders.RefundLineFacts]] = {}
        for sale in shelf[each.buyer_hash, each.sku]:
            is_earlier = sale.turn < (each.returned_at, each.number)
            if left and is_earlier and (each.external_id, sale.order) not in busy:
                units = min(left, sale.units)
                if units:
                    left -= units
                    sale.units -= units
                    given = orders.RefundLineFacts(sale.line, quantity=units)
                    lines.setdefault(sale.order, []).append(given)
        for order, given_back in lines.items():
            refund = orders.RefundFacts(
                each.external_id, each.returned_at, tuple(given_back)
            )
            found.append((each, Happened(order, refund)))
        if left:
            unmatched.append((each, left))
    return found, unmatched


@dataclass(slots=True)
class _Sale:
    """A line of which units may come back. `turn` says when it was sold."""

    turn: tuple[datetime, int]
    order: str
    line: str
    units: int


def _sold(
    shop: Shop, returned: Sequence[Returned]
) -> defaultdict[tuple[str, str], list[_Sale]]:
    """Return the purchases by customer and stock code, the latest first."""
    wanted = {(each.buyer_hash, each.sku) for each in returned if each.buyer_hash}
    hashes = [buyer for buyer, _sku in wanted]
    shelf: defaultdict[tuple[str, str], list[_Sale]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SOLD, [hashes, [sku for _buyer, sku in wanted], shop.pk])
        for buyer, sku, placed_at, order, line, units in cursor.fetchall():
            turn = placed_at, _number(order)
            shelf[buyer, sku].append(_Sale(turn, order, line, int(units)))
    for sales in shelf.values():
        sales.sort(key=lambda sale: (sale.turn, _number(sale.line)), reverse=True)
    return shelf


def _matched(
    shop: Shop, returned: Sequence[Returned]
) -> tuple[defaultdict[str, int], set[tuple[str, str]]]:
    """Return the units matched before by cancellation, and with which orders."""
    units: defaultdict[str, int] = defaultdict(int)
    busy = set()
    with connection.cursor() as cursor:
        names = [each.external_id for each in returned]
        cursor.execute(_MATCHED, [shop.pk, names])
        for name, order, count_ in cursor.fetchall():
            units[name] += int(count_)
            busy.add((name, order))
    return units, busy


def _number(text: str) -> int:
    return int(text) if _WHOLE.fullmatch(text) else 0
