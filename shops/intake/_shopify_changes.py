"""What edits, and refunds by amount, leave of the lines of a Shopify order.

Both stand in every later message of the order, so that they belong to its version.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from affiliate.common import money
from shops.intake._fields import Raw, objects_of, signed

# Money beyond the units that came back, or (above zero) that the shop has kept of them.
_BY_AMOUNT = "refund_discrepancy"


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `net_cents` is what was paid without VAT, after discounts."""

    external_id: str
    sku: str
    quantity: int
    net_cents: int
    tax_cents: int


def without_removed(order: Raw, lines: Sequence[Line]) -> list[Line]:
    """Return the lines without the units that an edit of the order took off.

    `current_quantity` is without what was refunded, too: that comes as refunds.
    """
    refunded = _refunded_units(order)
    found = []
    for line, raw in zip(lines, objects_of(order, "line_items"), strict=True):
        current = raw.get("current_quantity")
        kept = line.quantity
        if type(current) is int:
            kept = min(kept, max(0, current) + refunded[line.external_id])
        if kept < line.quantity:
            line = replace(
                line,
                quantity=kept,
                net_cents=money.round_half_up(line.net_cents * kept, line.quantity),
                tax_cents=money.round_half_up(line.tax_cents * kept, line.quantity),
            )
        found.append(line)
    return found


def without_amounts(
    order: Raw, lines: Sequence[Line], currency: str
) -> tuple[list[Line], int]:
    """Return the lines without the money that was given back by amount.

    It is shared by what was paid, with VAT, for the lines of which no unit came back:
    what units give back is computed from the price of their line, which has to stay.
    So an amount beyond those lines cannot be taken off, and is returned beside them,
    at most what is left of the lines of which some units came back.
    """
    back = _given_by_amount(order, currency)
    refunded = _refunded_units(order)
    weights = [
        0 if refunded[line.external_id] else line.net_cents + line.tax_cents
        for line in lines
    ]
    beyond = min(max(0, back - sum(weights)), _left_of(lines, refunded))
    if not back or not sum(weights):
        return list(lines), beyond
    found = []
    shares = money.largest_remainder(min(back, sum(weights)), weights)
    for line, share, weight in zip(lines, shares, weights, strict=True):
        if share:
            net = money.round_half_up(share * line.net_cents, weight)
            line = replace(
                line,
                net_cents=line.net_cents - net,
                tax_cents=line.tax_cents - (share - net),
            )
        found.append(line)
    return found, beyond


def _left_of(lines: Sequence[Line], refunded: Counter[str]) -> int:
    """Return what was paid, with VAT, for units beside others that came back."""
    left = 0
    for line in lines:
        kept = line.quantity - refunded[line.external_id]
        if refunded[line.external_id] and kept > 0:
            whole = line.net_cents + line.tax_cents
            left += money.round_half_up(whole * kept, line.quantity)
    return left


def _refunded_units(order: Raw) -> Counter[str]:
    units: Counter[str] = Counter()
    for refund in objects_of(order, "refunds"):
        for item in objects_of(refund, "refund_line_items"):
            quantity = item.get("quantity")
            if type(quantity) is int and quantity > 0:
                units[str(item.get("line_item_id"))] += quantity
    return units


def _given_by_amount(order: Raw, currency: str) -> int:
    """Return the cents, with VAT, that refunds gave back beyond lines and shipping."""
    given = 0
    for i, refund in enumerate(objects_of(order, "refunds")):
        for k, each in enumerate(objects_of(refund, "order_adjustments")):
            if each.get("kind") == _BY_AMOUNT:
                where = f"refunds[{i}].order_adjustments[{k}]"
                for name in ("amount", "tax_amount"):
                    value = each.get(name) or "0"
                    given -= signed(value, currency, f"{where}.{name}")
    return max(0, given)
