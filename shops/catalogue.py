"""What a shop sells: products as the shop sends them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliate.common import money
from affiliate.common.errors import Refusal
from shops.models import Category, Product, Shop
from shops.orders import LONGEST, is_fit
from shops.orders.parse import MOST_CENTS

_TEXTS = (
    ("sku", 100),
    ("name", 200),
    ("category", 60),
    ("url", 500),
    ("image_url", 500),
)
_NEEDED = ("sku", "name")
_ADDRESSES = ("url", "image_url")
# What a newer row may change; the category by its key, which asks no query.
_FIELDS = (
    "name", "url", "category_id", "price_cents", "currency", "image_url", "is_active"
)  # fmt: skip


class InvalidProduct(Refusal):
    """The product cannot be read; `errors` names every place, nothing was kept."""

    code = "invalid_product"
    title = gettext_lazy("The product cannot be read.")
    way_out = gettext_lazy("Correct the fields named and send the product again.")
    status = 400


@dataclass(frozen=True)
class Written:
    """What became of one product: created, updated, unchanged or rejected."""

    sku: str
    status: str
    code: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)


@transaction.atomic
def put_many(shop: Shop, rows: Sequence[object]) -> list[Written]:
    """Write products by SKU; the same again changes nothing, a bad one stops no other.

    `rows` are what JSON gives, with the fields of the API; faults are told by field.
    What is left out is empty, and `active` is true. A category that is not known yet
    is made. Of one SKU twice in a batch the last counts. Other fields are passed over.
    """
    # One batch of a shop at a time, so that each is told what it changed. Not against
    # its key: orders of the shop go on coming in.
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    read = [(row, faults(row)) for row in rows]
    good = [row for row, errors in read if not errors and isinstance(row, Mapping)]
    skus = [row["sku"] for row in good]
    found = shop.products.filter(sku__in=skus).values_list("sku", *_FIELDS)
    # Plain facts: most rows of a large batch say what is known already.
    known = {sku: dict(zip(_FIELDS, facts, strict=True)) for sku, *facts in found}
    categories = _categories(shop, good)
    results, changed = [], {}
    for row, errors in read:
        if errors or not isinstance(row, Mapping):
            said = InvalidProduct.code, errors
            results.append(Written(_sku(row), "rejected", *said))
            continue
        sku, facts = row["sku"], _facts(shop, row, categories)
        status = _compared(known.get(sku), facts)
        if status != "unchanged":
            known[sku] = facts
            changed[sku] = Product(shop=shop, sku=sku, **facts)
        results.append(Written(sku, status))
    Product.objects.bulk_create(
        changed.values(),
        update_conflicts=True,
        unique_fields=["shop", "sku"],
        update_fields=[name.removesuffix("_id") for name in _FIELDS],
        batch_size=2_000,
    )
    return results


def put(shop: Shop, row: object) -> tuple[Product, Written]:
    """Write one product by its SKU. Raises InvalidProduct, naming every field."""
    [written] = put_many(shop, [row])
    if written.status == "rejected":
        raise InvalidProduct(errors=written.errors)
    return Product.objects.get(shop=shop, sku=written.sku), written


def _compared(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    if before is None:
        return "created"
    return "unchanged" if before == after else "updated"


def _categories(shop: Shop, rows: Sequence[Mapping[str, Any]]) -> dict[str, Category]:
    slugs = {row["category"] for row in rows if row.get("category")}
    known = {each.slug: each for each in shop.categories.filter(slug__in=slugs)}
    for slug in sorted(slugs - known.keys()):
        known[slug], _is_new = Category.objects.get_or_create(shop=shop, slug=slug)
    return known


def _facts(
    shop: Shop, row: Mapping[str, Any], categories: Mapping[str, Category]
) -> dict[str, Any]:
    slug = row.get("category")
    return {
        "name": row["name"],
        "url": row.get("url") or "",
        "category_id": categories[slug].pk if slug else None,
        "price_cents": row.get("price_cents"),
        "currency": row.get("currency") or shop.currency,
        "image_url": row.get("image_url") or "",
        "is_active": row.get("active", True),
    }


# ------------------------------------------------------------------ faults


def _sku(row: object) -> str:
    sku = row.get("sku") if isinstance(row, Mapping) else None
    return sku[:LONGEST] if isinstance(sku, str) else ""


def faults(row: object) -> dict[str, list[str]]:
    """Return what `put_many` would reject a row for, by field; nothing if it is fit."""
    if not isinstance(row, Mapping):
        return {"product": [_("Send an object with named fields.")]}
    errors = {
        name: [problem]
        for name, most in _TEXTS
        if (problem := _text_problem(row.get(name), name, most))
    }
    price = row.get("price_cents")
    if price is not None and (type(price) is not int or not _is_price(price)):
        bounds = {"least": 0, "most": MOST_CENTS}
        errors["price_cents"] = [
            _("A whole number of minor units, from %(least)d to %(most)d.") % bounds
        ]
    currency = row.get("currency")
    if currency is not None and not (
        isinstance(currency, str) and money.is_currency(currency)
    ):
        errors["currency"] = [_("Send an ISO 4217 code in use, such as EUR.")]
    if not isinstance(row.get("active", True), bool):
        errors["active"] = [_("Send true or false.")]
    return errors


def _is_price(cents: int) -> bool:
    return 0 <= cents <= MOST_CENTS


def _text_problem(value: object, name: str, most: int) -> str:
    if name not in _NEEDED and value in (None, ""):
        return ""
    if value is None:
        return _("This is missing.")
    if not isinstance(value, str):
        return _("Send this as text, in quotation marks.")
    if len(value) > most:
        return _("At most %(count)d characters.") % {"count": most}
    if not is_fit(value):
        return _("Leave out control characters and broken Unicode.")
    if not value or value.isspace():
        return _("This is empty.")
    if name in _ADDRESSES and not _is_address(value):
        return _("Send a whole address, such as https://shop.example/p/serum.")
    return ""


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # such as half of an IPv6 address
        return False
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return is_web and not any(sign.isspace() for sign in text)
