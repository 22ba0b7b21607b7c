"""What a shop sells: products as the shop sends them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from affiliate.common import money
from affiliate.common.errors import Refusal
from shops.models import Category, Product, Shop

MOST = 10_000
_FIELDS = [
    "name", "url", "category", "price_cents", "currency", "image_url", "is_active"
]  # fmt: skip
_TEXTS = (
    ("sku", 100),
    ("name", 200),
    ("category", 60),
    ("url", 500),
    ("image_url", 500),
)
_MOST_CENTS = 10**13


class InvalidProduct(Refusal):
    """The product cannot be read; `errors` names every place, nothing was kept."""

    code = "invalid_product"
    title = "The product cannot be read."
    way_out = "Correct the fields named and send the product again."
    status = 400


@dataclass(frozen=True)
class Written:
    """What became of one product: created, updated, unchanged or rejected."""

    sku: str
    status: str
    code: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)


@transaction.atomic
def put_many(shop: Shop, rows: Sequence[Mapping[str, Any]]) -> list[Written]:
    """Write products by SKU; the same again changes nothing, a bad one stops no other.

    A category that is not known yet is made. Of one SKU twice in a batch the last
    counts. `rows` have the fields of the API; faults are told by field.
    """
    # Locked, so that two batches with one SKU in common wait instead of colliding.
    Shop.objects.select_for_update().get(pk=shop.pk)
    known = {
        product.sku: product
        for product in Product.objects.filter(
            shop=shop, sku__in=[row.get("sku") for row in rows if row.get("sku")]
        )
    }
    categories = {row.slug: row for row in Category.objects.filter(shop=shop)}
    results, fresh, changed = [], {}, {}
    for row in rows:
        errors = _faults(row)
        sku = row.get("sku") if isinstance(row.get("sku"), str) else ""
        if errors:
            results.append(Written(sku or "", "rejected", InvalidProduct.code, errors))
            continue
        product = _product(shop, row, categories)
        before = known.get(product.sku)
        status = "created" if before is None else "updated"
        if before is None:
            known[product.sku] = fresh[product.sku] = product
        elif all(getattr(before, name) == getattr(product, name) for name in _FIELDS):
            status = "unchanged"
        elif product.sku in fresh:
            known[product.sku] = fresh[product.sku] = product
        else:
            product.pk = before.pk
            known[product.sku] = changed[product.sku] = product
        results.append(Written(product.sku, status))
    Product.objects.bulk_create(fresh.values(), batch_size=2_000)
    Product.objects.bulk_update(changed.values(), _FIELDS, batch_size=2_000)
    return results


def put(shop: Shop, row: Mapping[str, Any]) -> tuple[Product, Written]:
    """Write one product by its SKU. Raises InvalidProduct, naming every field."""
    [written] = put_many(shop, [row])
    if written.status == "rejected":
        raise InvalidProduct(errors=written.errors)
    return Product.objects.get(shop=shop, sku=written.sku), written


def _product(
    shop: Shop, row: Mapping[str, Any], categories: dict[str, Category]
) -> Product:
    slug = row.get("category")
    if slug and slug not in categories:
        categories[slug] = Category.objects.create(shop=shop, slug=slug)
    return Product(
        shop=shop,
        sku=row["sku"],
        name=row["name"],
        url=row.get("url") or "",
        category=categories[slug] if slug else None,
        price_cents=row.get("price_cents"),
        currency=row.get("currency") or shop.currency,
        image_url=row.get("image_url") or "",
        is_active=row.get("active", True),
    )


def _faults(row: Mapping[str, Any]) -> dict[str, list[str]]:
    errors = {
        name: [problem]
        for name, most in _TEXTS
        if (problem := _text_problem(row.get(name), name, most))
    }
    price = row.get("price_cents")
    if price is not None and not (type(price) is int and 0 <= price <= _MOST_CENTS):
        errors["price_cents"] = ["Must be a whole number of minor units, 0 or more."]
    currency = row.get("currency")
    if currency is not None and not (
        isinstance(currency, str) and money.is_currency(currency)
    ):
        errors["currency"] = ["Must be a currency of ISO 4217, such as EUR."]
    if not isinstance(row.get("active", True), bool):
        errors["active"] = ["Must be true or false."]
    return errors


def _text_problem(value: Any, name: str, most: int) -> str:
    if value is None and name not in ("sku", "name"):
        return ""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        return "Must be a text that is not empty."
    if len(value) > most:
        return f"Must have at most {most} signs."
    if name.endswith("url") and urlsplit(value).scheme not in ("http", "https"):
        return "Must be an address that begins with https://."
    return ""
