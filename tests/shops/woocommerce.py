"""Made-up messages of WooCommerce, and the real files."""

import json
from pathlib import Path

import pytest

from shops.intake import woocommerce
from shops.models import Shop
from tests.shops.building import NOW

SHOP = Shop(currency="EUR")
FILES = Path(__file__).parents[3] / "shared" / "data" / "woocommerce"
needs_files = pytest.mark.skipif(
    not FILES.exists(), reason=f"WooCommerce's sample files are not at {FILES}"
)


# A line's `total` is after discounts and without tax, so that it is the net as it
# stands, and `total_tax` is the tax. The totals of the orders agree:
ORDERS = {
    # 2 × 3.00 and 12.00; with 10.00 of shipping and 1.35 of tax 29.35, the total.
    "727": [("product-93", 600, 45), ("Bar3", 1200, 90)],
    # 9.00 and 20.00; with 10.00 of shipping 39.00; no tax was asked.
    "723": [("product-87", 900, 0), ("product-34", 2000, 0)],
    # 15.00, 3.00, 12.00; with 30.00 of shipping and 2.25 of tax 62.25. The taxes of
    # the lines are 1.125, 0.225 and 0.90: each was rounded half up, so that they make
    # 2.26. They are the lines' own, and no part of what a creator earns on.
    "728": [("product-79", 1500, 113), ("product-93", 300, 23), ("Bar3", 1200, 90)],
    # 12.00 and 20.00; with 20.00 of shipping and 2.40 of tax 54.40. The second line
    # has no SKU: it is variation 24.
    "729": [("Bar3", 1200, 90), ("variation-24", 2000, 150)],
}


def sample(name):
    return json.loads((FILES / f"rest_v3_{name}.json").read_bytes())


def orders_of(name):
    found = sample(name)
    if isinstance(found, dict) and "create" in found:
        return [*found["create"], *found["update"], *found["delete"]]
    return found if isinstance(found, list) else [found]


def read(raw, topic="order.updated", shop=SHOP):
    body = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    return woocommerce.read(topic, body, shop, at=NOW)


def line(id=1, total="100.00", total_tax="20.00", quantity=1, **fields):
    return {
        "id": id,
        "product_id": 7,
        "variation_id": 0,
        "quantity": quantity,
        "total": total,
        "total_tax": total_tax,
        "sku": "S",
        **fields,
    }


def order(*lines, **fields):
    return {
        "id": 723,
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2026-11-03T09:15:00",
        "date_modified_gmt": "2026-11-03T09:15:00",
        "date_paid_gmt": "2026-11-03T09:15:00",
        "total": "120.00",
        "line_items": list(lines) or [line()],
        **fields,
    }


def meta(**fields):
    return [{"id": i, "key": k, "value": v} for i, (k, v) in enumerate(fields.items())]


def refund(*items, amount="60.00", **fields):
    return {
        "id": 724,
        "parent_id": 723,
        "date_created_gmt": "2026-11-09T09:15:00",
        "amount": amount,
        "reason": "",
        "refunded_payment": False,
        "line_items": list(items),
        **fields,
    }


def returned(of=1, total="-50.00", total_tax="-10.00", quantity=-1):
    return {
        **line(99, total, total_tax, quantity),
        "meta_data": meta(_refunded_item_id=str(of)),
    }


def facts(*lines, **fields):
    event, *_others = read(order(*lines, **fields))
    return event.facts


def amounts(*lines, **fields):
    found = facts(*lines, **fields).lines
    return [(each.net_cents, each.tax_cents) for each in found]
