"""Made-up messages of TikTok Shop, and the real files."""

import json
from pathlib import Path

import pytest

from shops.intake import tiktok_shop
from shops.models import Shop
from tests.shops.building import NOW

SHOP = Shop(currency="EUR", time_zone="Europe/Paris")
FILES = Path(__file__).parents[3] / "shared" / "data" / "tiktok_shop"
needs_files = pytest.mark.skipif(
    not FILES.exists(), reason=f"TikTok Shop's sample files are not at {FILES}"
)
# 2026-11-03 09:15:00 UTC
PLACED = 1793697300


def sample(name):
    return json.loads((FILES / f"{name}.json").read_bytes())


def read(raw, shop=SHOP):
    body = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    return tiktok_shop.read("", body, shop, at=NOW)


def line(id="1", sale_price="100.00", **fields):
    return {"id": id, "sku_id": "900", "sale_price": sale_price, **fields}


def tax(amount, kind="SALES_TAX"):
    return [{"tax_type": kind, "tax_rate": "0.2", "tax_amount": amount}]


def order(*lines, **fields):
    return {
        "id": "576",
        "status": "AWAITING_SHIPMENT",
        "create_time": PLACED,
        "update_time": PLACED,
        "payment": {"currency": "EUR"},
        "line_items": list(lines) or [line()],
        **fields,
    }


def answer(*orders, **data):
    return {"code": 0, "message": "Success", "data": {"orders": list(orders), **data}}


def item(line="1", subtotal="100.00", **fields):
    sums = {"currency": "EUR", "refund_subtotal": subtotal, "refund_total": "104.00"}
    return {"order_line_item_id": line, "refund_amount": {**sums, **fields}}


def returned(*items, **fields):
    return {
        "return_id": "403",
        "order_id": "576",
        "return_type": "RETURN_AND_REFUND",
        "return_status": "RETURN_OR_REFUND_REQUEST_COMPLETE",
        "create_time": PLACED + 86400,
        "return_line_items": list(items) or [item()],
        **fields,
    }


def returns(*each):
    return {"code": 0, "data": {"return_orders": list(each)}}


def notice(kind=1, **data):
    return {
        "type": kind,
        "tts_notification_id": "732",
        "shop_id": "749",
        "timestamp": PLACED,
        "data": {"order_id": "576", "update_time": PLACED, **data},
    }


def facts(*lines, **fields):
    event, *_others = read(answer(order(*lines, **fields)))
    return event.facts


def amounts(*lines, **fields):
    found = facts(*lines, **fields).lines
    return [(each.net_cents, each.tax_cents) for each in found]
