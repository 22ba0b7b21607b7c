"""What was really paid for each line of a TikTok Shop order (rule M2)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from shops.intake._events import NotUnderstood
from shops.intake._fields import Raw, amount, currency_of, number, objects_of

# The tax that is asked beside the price; every other one is in it.
_BESIDE = "SALES_TAX"
_CALLED_OFF = "CANCELLED"


def read_lines(order: Raw, currency: str) -> list[dict[str, Any]]:
    """Return the order's lines in the shape of the API. Raises NotUnderstood.

    TikTok Shop writes a line a unit. `sale_price` is what the buyer paid for it, after
    the discounts of the seller and of TikTok. A unit that was called off is worth
    nothing, and stays a line.
    """
    raw = objects_of(order, "line_items")
    prices, taxes = [], []
    for i, line in enumerate(raw):
        where = f"line_items[{i}]"
        units = _units(line, where)
        name = "sale_price" if "sale_price" in line else "price"
        prices.append(amount(line.get(name), currency, f"{where}.{name}") * units)
        taxes.append(_tax(line, currency, where))
    is_beside = _is_beside(order, raw, prices, taxes, currency)
    seen: Counter[str] = Counter()
    found = []
    for i, (line, price, tax) in enumerate(zip(raw, prices, taxes, strict=True)):
        where = f"line_items[{i}]"
        net = price if is_beside else price - tax
        if net < 0:
            raise NotUnderstood("More tax than was paid.", f"{where}.item_tax")
        is_off = _is_off(line)
        found.append(
            {
                "external_id": _line_id(line, where, seen),
                "sku": _sku(line, where),
                "quantity": 0 if is_off else _units(line, where),
                "net_cents": 0 if is_off else net,
                "tax_cents": 0 if is_off else tax,
            }
        )
    return found


def read_return_lines(raw: Raw) -> list[dict[str, Any]]:
    """Return what a return gives back of each line: its subtotal, without tax.

    Shipping and fees are no line's. Each item is a unit, unless the refund is one by
    amount (`partial_refund`), which TikTok Shop shares over the items itself.
    """
    is_by_amount = bool(raw.get("partial_refund"))
    found: dict[str, dict[str, Any]] = {}
    for i, item in enumerate(objects_of(raw, "return_line_items")):
        where = f"return_line_items[{i}]"
        sums = item.get("refund_amount")
        if not isinstance(sums, dict):
            raise NotUnderstood("Expected an object.", f"{where}.refund_amount")
        currency = currency_of(sums.get("currency"), f"{where}.refund_amount.currency")
        cents = amount(
            sums.get("refund_subtotal"), currency, f"{where}.refund_amount.subtotal"
        )
        if not cents:
            continue
        name = number(item.get("order_line_item_id"), f"{where}.order_line_item_id")
        line = found.setdefault(name, {"external_id": name, "net_cents": 0})
        line["net_cents"] += cents
        if not is_by_amount:
            line["quantity"] = 1
    return list(found.values())


def _is_off(line: Raw) -> bool:
    return line.get("display_status") == _CALLED_OFF


def _units(line: Raw, where: str) -> int:
    quantity = line.get("quantity", 1)
    if type(quantity) is not int or quantity < 1:
        raise NotUnderstood("Expected a whole number.", f"{where}.quantity")
    return quantity


def _tax(line: Raw, currency: str, where: str) -> int:
    return sum(
        amount(each.get("tax_amount"), currency, f"{where}.item_tax[{k}].tax_amount")
        for k, each in enumerate(objects_of(line, "item_tax"))
    )


def _is_beside(
    order: Raw,
    lines: Sequence[Raw],
    prices: Sequence[int],
    taxes: Sequence[int],
    currency: str,
) -> bool:
    """Say whether the tax was asked beside the prices.

    The order's own sum says it: what the buyer paid holds the tax once more, or not.
    It may be the sum before units were called off, or without them. Where there is no
    such sum, the kind of the tax does.
    """
    payment = order.get("payment")
    if isinstance(payment, dict) and payment.get("total_amount"):
        total = amount(payment["total_amount"], currency, "payment.total_amount")
        shipping = amount(
            payment.get("shipping_fee") or "0", currency, "payment.shipping_fee"
        )
        kept = sum(
            price + tax
            for line, price, tax in zip(lines, prices, taxes, strict=True)
            if not _is_off(line)
        )
        goods = total - shipping
        return goods == kept or goods >= sum(prices) + sum(taxes)
    return all(
        each.get("tax_type") == _BESIDE
        for line in lines
        for each in objects_of(line, "item_tax")
    )


def _line_id(line: Raw, where: str, seen: Counter[str]) -> str:
    """Return the number of the line; the short answers have its SKU's only."""
    if line.get("id"):
        return number(line["id"], f"{where}.id")
    sku = number(line.get("sku_id"), f"{where}.sku_id")
    seen[sku] += 1
    return sku if seen[sku] == 1 else f"{sku}-{seen[sku]}"


def _sku(line: Raw, where: str) -> str:
    """Return the seller's SKU, or TikTok Shop's number of it."""
    sku = line.get("seller_sku")
    if isinstance(sku, str) and sku.strip():
        return sku
    return number(line.get("sku_id"), f"{where}.sku_id")
