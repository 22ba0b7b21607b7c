"""What was really paid for each line of a Shopify order (rule M2)."""

from collections.abc import Sequence
from typing import Any

from affiliate.common import money
from shops.intake._events import NotUnderstood
from shops.intake._fields import Raw, amount, list_of, objects_of
from shops.intake._shopify_changes import Line, without_amounts, without_removed

_FREE_SHIPPING = "shipping"


def read_lines(order: Raw, currency: str) -> tuple[list[Line], int]:
    """Return the order's lines with what was paid for each. Raises NotUnderstood.

    A gift card is money for later and no purchase: its line is worth nothing here, and
    the order's discounts and taxes do not reach it. What an edit has removed, or a
    refund by amount given back, is no longer paid. The cents beside the lines are
    what was given back by amount and cannot be shared.
    """
    raw = objects_of(order, "line_items")
    gross = [_gross(line, currency, f"line_items[{i}]") for i, line in enumerate(raw)]
    discounts = _discounts(order, raw, gross, currency)
    for i, line in enumerate(raw):
        if discounts[i] > gross[i] and not _is_gift_card(line):
            raise NotUnderstood("More discount than the price.", f"line_items[{i}]")
    paid = [max(0, g - d) for g, d in zip(gross, discounts, strict=True)]
    taxes = _taxes(order, raw, paid, currency)
    is_included = order.get("taxes_included")
    if is_included is not None and type(is_included) is not bool:
        raise NotUnderstood("Expected true or false.", "taxes_included")
    lines = []
    for i, line in enumerate(raw):
        net = paid[i] - taxes[i] if is_included else paid[i]
        if net < 0:
            raise NotUnderstood("More tax than was paid.", f"line_items[{i}].tax_lines")
        quantity = _quantity(line, f"line_items[{i}]")
        lines.append(Line(_line_id(line, i), _sku(line, i), quantity, net, taxes[i]))
    return without_amounts(order, without_removed(order, lines), currency)


def read_refund_lines(refund: Raw, currency: str) -> list[dict[str, Any]]:
    """Return lines, units and, where Shopify says it, cents that came back.

    A line that is named twice (one unit restocked, one not) is one line here.
    """
    found: dict[str, dict[str, Any]] = {}
    for i, item in enumerate(objects_of(refund, "refund_line_items")):
        where = f"refund_line_items[{i}]"
        quantity = _quantity(item, where)
        sold = item.get("line_item")
        if not quantity or (isinstance(sold, dict) and sold.get("gift_card") is True):
            continue
        number = str(item.get("line_item_id") or "")
        cents = None
        if item.get("subtotal") is not None:
            cents = amount(item["subtotal"], currency, f"{where}.subtotal")
        line = found.setdefault(
            number, {"external_id": number, "quantity": 0, "net_cents": 0}
        )
        line["quantity"] += quantity
        is_known = cents is not None and line["net_cents"] is not None
        line["net_cents"] = line["net_cents"] + cents if is_known else None
    return list(found.values())


# ------------------------------------------------------------------ one line


def _gross(line: Raw, currency: str, where: str) -> int:
    price = amount(line.get("price"), currency, f"{where}.price")
    return 0 if _is_gift_card(line) else price * _quantity(line, where)


def _quantity(line: Raw, where: str) -> int:
    quantity = line.get("quantity")
    if type(quantity) is not int or quantity < 0:
        raise NotUnderstood("Expected a whole number.", f"{where}.quantity")
    return quantity


def _is_gift_card(line: Raw) -> bool:
    return line.get("gift_card") is True


def _line_id(line: Raw, i: int) -> str:
    value = line.get("id")
    if type(value) is int or (type(value) is str and value):
        return str(value)
    raise NotUnderstood("Expected Shopify's number.", f"line_items[{i}].id")


def _sku(line: Raw, i: int) -> str:
    """Return the SKU, or what is known of the variant: not every shop fills it in."""
    sku = line.get("sku")
    if isinstance(sku, str) and sku.strip():
        return sku
    return f"variant-{line.get('variant_id') or _line_id(line, i)}"


# ------------------------------------------------------------------ discounts


def _discounts(
    order: Raw, lines: Sequence[Raw], gross: Sequence[int], currency: str
) -> list[int]:
    """Return each line's share of all discounts.

    Orders of today say it themselves, line by line (`discount_allocations`). Older
    ones give the discount of a line (`total_discount`) and that of the order, which is
    shared by what each line costs. It is the difference of the order's sums, if they
    are those of its lines. Else the larger of its total and what its codes took off is
    believed: a total left at 0.00 is a field nobody filled.
    """
    if any("discount_allocations" in line for line in lines):
        return [
            sum(
                amount(
                    each.get("amount") if isinstance(each, dict) else None,
                    currency,
                    f"line_items[{i}].discount_allocations[{k}].amount",
                )
                for k, each in enumerate(list_of(line, "discount_allocations"))
            )
            for i, line in enumerate(lines)
        ]
    own = [
        amount(line.get("total_discount") or "0", currency, f"line_items[{i}]")
        for i, line in enumerate(lines)
    ]
    left = [max(0, g - d) for g, d in zip(gross, own, strict=True)]
    of_order = _difference_of_sums(order, lines, currency)
    if of_order is None:
        codes, free_shipping = _codes(order, currency)
        total = amount(order.get("total_discounts") or "0", currency, "total_discounts")
        of_order = max(total - free_shipping, codes)
    of_order -= sum(own)
    shared = _spread(min(of_order, sum(left)), left)
    return [d + share for d, share in zip(own, shared, strict=True)]


def _difference_of_sums(order: Raw, lines: Sequence[Raw], currency: str) -> int | None:
    """Return what the lines cost before all discounts less what they cost after them.

    None where the order's sums are missing, or are not those of these lines.
    """
    if not order.get("total_line_items_price") or not order.get("subtotal_price"):
        return None
    before, after = (
        amount(order[name], currency, name)
        for name in ("total_line_items_price", "subtotal_price")
    )
    of_lines = sum(
        amount(line.get("price"), currency, f"line_items[{i}].price")
        * _quantity(line, f"line_items[{i}]")
        for i, line in enumerate(lines)
    )
    return before - after if before == of_lines and after <= before else None


def _codes(order: Raw, currency: str) -> tuple[int, int]:
    """Return what the codes took off the lines, and what off the shipping."""
    off_lines = off_shipping = 0
    for i, each in enumerate(list_of(order, "discount_codes")):
        if not isinstance(each, dict) or each.get("amount") is None:
            continue
        cents = amount(each["amount"], currency, f"discount_codes[{i}].amount")
        if each.get("type") == _FREE_SHIPPING:
            off_shipping += cents
        else:
            off_lines += cents
    return off_lines, off_shipping


def _spread(cents: int, weights: Sequence[int]) -> list[int]:
    if cents <= 0 or not sum(weights):
        return [0] * len(weights)
    return money.largest_remainder(cents, weights)


# ------------------------------------------------------------------ taxes


def _taxes(
    order: Raw, lines: Sequence[Raw], paid: Sequence[int], currency: str
) -> list[int]:
    """Return the VAT of each line, as the lines say it or shared from the order's."""
    if any(line.get("tax_lines") for line in lines):
        taxes = [
            _sum(line, "tax_lines", currency, f"line_items[{i}].")
            for i, line in enumerate(lines)
        ]
        return [
            0 if _is_gift_card(line) else tax
            for line, tax in zip(lines, taxes, strict=True)
        ]
    total = _sum(order, "tax_lines", currency, "")
    for i, each in enumerate(list_of(order, "shipping_lines")):
        if isinstance(each, dict):
            total -= _sum(each, "tax_lines", currency, f"shipping_lines[{i}].")
    weights = [
        0 if line.get("taxable") is False else cents
        for line, cents in zip(lines, paid, strict=True)
    ]
    return _spread(total, weights)


def _sum(raw: Raw, name: str, currency: str, prefix: str) -> int:
    return sum(
        amount(
            each.get("price") if isinstance(each, dict) else None,
            currency,
            f"{prefix}{name}[{i}].price",
        )
        for i, each in enumerate(list_of(raw, name))
    )
