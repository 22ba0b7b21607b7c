"""Made-up messages of Shopify."""

import json

from shops.intake import shopify
from shops.models import Shop
from tests.shops.building import NOW

SHOP = Shop(currency="EUR")


def read(raw, topic="orders/create"):
    return shopify.read(topic, json.dumps(raw).encode(), SHOP, at=NOW)


def line(id=1, price="100.00", quantity=1, **fields):
    return {"id": id, "price": price, "quantity": quantity, "sku": "S", **fields}


def order(*lines, **fields):
    return {
        "id": 450,
        "created_at": "2026-11-03T10:15:00+01:00",
        "updated_at": "2026-11-03T10:15:00+01:00",
        "currency": "EUR",
        "financial_status": "paid",
        "line_items": list(lines) or [line()],
        **fields,
    }


def refund(*items, **fields):
    return {
        "id": 509,
        "order_id": 450,
        "created_at": "2026-11-09T10:15:00+01:00",
        "refund_line_items": list(items),
        **fields,
    }


def facts(*lines, **fields):
    event, *_others = read(order(*lines, **fields))
    return event.facts
