"""What was really paid for each line of a WooCommerce order (rule M2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from affiliate.common import money
from shops.intake._events import NotUnderstood
from shops.intake._fields import Raw, amount, number, objects_of, signed

_REFUNDED_LINE = "_refunded_item_id"


@dataclass(frozen=True, slots=True)
class Left:
    """What of a line was not given back yet, and what was paid for it in all."""

    external_id: str
    left_cents: int
    net_cents: int
    tax_cents: int

    def gross_cents(self) -> int:
        """Return what is left, with its VAT."""
        whole = self.net_cents + self.tax_cents
        return money.round_half_up(self.left_cents * whole, self.net_cents or 1)


def read_lines(order: Raw, currency: str) -> list[dict[str, Any]]:
    """Return the order's lines in the shape of the API. Raises NotUnderstood.

    A line's `total` is what was paid for it, after discounts and without tax, whether
    the shop shows its prices with tax or without. Shipping and fees are no lines; a fee
    below zero is a credit on the whole order, and is taken off what each line cost.
    """
    raw = objects_of(order, "line_items")
    nets, taxes = (
        [
            amount(line.get(name), currency, f"line_items[{i}].{name}", rounding=True)
            for i, line in enumerate(raw)
        ]
        for name in ("total", "total_tax")
    )
    nets = _less(nets, _credit(order, "total", currency))
    taxes = _less(taxes, _credit(order, "total_tax", currency))
    return [
        {
            "external_id": number(line.get("id"), f"line_items[{i}].id"),
            "sku": _sku(line),
            "quantity": quantity(line, f"line_items[{i}]"),
            "net_cents": nets[i],
            "tax_cents": taxes[i],
        }
        for i, line in enumerate(raw)
    ]


def read_refund_lines(refund: Raw, currency: str) -> list[dict[str, Any]]:
    """Return what a refund gives back of each line of the order. Raises NotUnderstood.

    Its amounts and units are negative. Units that were restocked without money leave
    what was paid as it is.
    """
    found: dict[str, dict[str, Any]] = {}
    for i, line in enumerate(objects_of(refund, "line_items")):
        where = f"line_items[{i}]"
        cents = -signed(line.get("total"), currency, f"{where}.total", rounding=True)
        if cents < 0:
            raise NotUnderstood("A refund gives back less than zero.", f"{where}.total")
        if not cents:
            continue
        name = _refunded_line(line, where)
        given = found.setdefault(name, {"external_id": name, "net_cents": 0})
        given["net_cents"] += cents
        if units := abs(quantity(line, where)):
            given["quantity"] = given.get("quantity", 0) + units
    return list(found.values())


def rest_of(refund: Raw, currency: str) -> int:
    """Return the cents of a refund, with VAT, that none of its items explains."""
    whole = amount(refund.get("amount"), currency, "amount", rounding=True)
    told = 0
    for name in ("line_items", "shipping_lines", "fee_lines"):
        for i, line in enumerate(objects_of(refund, name)):
            for field in ("total", "total_tax"):
                value, where = line.get(field) or "0", f"{name}[{i}].{field}"
                told -= signed(value, currency, where, rounding=True)
    return whole - told


def share_rest(rest: int, lines: Sequence[Left]) -> list[dict[str, Any]]:
    """Return the cents without VAT that a free amount gives back of each line.

    `rest` is with VAT. It is shared by what is left of what was paid for each line,
    and never more than that: what is beyond was shipping or a fee.
    """
    weights = [line.gross_cents() for line in lines]
    if not sum(weights):
        return []
    shares = money.largest_remainder(min(rest, sum(weights)), weights)
    nets = [
        money.round_half_up(share * line.left_cents, weight or 1)
        for line, share, weight in zip(lines, shares, weights, strict=True)
    ]
    return [
        {"external_id": line.external_id, "net_cents": net}
        for line, net in zip(lines, nets, strict=True)
        if net
    ]


def quantity(line: Raw, where: str) -> int:
    """Return the units of a line, below zero in a refund. Raises NotUnderstood."""
    value = line.get("quantity")
    if isinstance(value, str) and value.endswith(".0"):
        value = value[:-2]
    if type(value) is str and value.lstrip("-").isdecimal() and len(value) < 10:
        value = int(value)
    if type(value) is not int:
        raise NotUnderstood("Expected a whole number.", f"{where}.quantity")
    return value


def _sku(line: Raw) -> str:
    """Return the SKU, or the variation or product: not every shop fills it in."""
    sku = line.get("sku")
    if isinstance(sku, str) and sku.strip():
        return sku
    if variation := line.get("variation_id"):
        return f"variation-{variation}"
    return f"product-{line.get('product_id') or line.get('id')}"


def _refunded_line(line: Raw, where: str) -> str:
    for each in objects_of(line, "meta_data"):
        if each.get("key") == _REFUNDED_LINE:
            return number(each.get("value"), f"{where}.meta_data")
    raise NotUnderstood(f"Expected {_REFUNDED_LINE}.", f"{where}.meta_data")


def _credit(order: Raw, field: str, currency: str) -> int:
    return sum(
        max(0, -signed(fee.get(field) or "0", currency, where, rounding=True))
        for i, fee in enumerate(objects_of(order, "fee_lines"))
        for where in [f"fee_lines[{i}].{field}"]
    )


def _less(cents: Sequence[int], credit: int) -> list[int]:
    whole = sum(cents)
    if not credit or not whole:
        return list(cents)
    shares = money.largest_remainder(min(credit, whole), cents)
    return [each - share for each, share in zip(cents, shares, strict=True)]
