"""Orders as a shop sends them, and the state that they leave."""

from datetime import UTC, datetime

from django.db import connection, transaction

from shops import orders
from shops.models import Delivery, Order, OrderLine, RefundLine, Shop
from tests.factories.shops import MOMENT

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def raw_line(number="1", net_cents=4000, **fields):
    return {
        "external_id": number,
        "sku": "SERUM-30",
        "quantity": 2,
        "net_cents": net_cents,
        "tax_cents": 800,
        **fields,
    }


def raw_order(**fields):
    """Return the order of the contract, 40.00 paid for two units on one line."""
    return {
        "external_id": "1001",
        "version": 1,
        "placed_at": "2026-11-03T10:15:00+01:00",
        "currency": "EUR",
        "status": "paid",
        "buyer": {"email": "x@y.fr", "country": "FR"},
        "clicks": ["click-1"],
        "codes": ["LEA10"],
        "lines": [raw_line()],
        **fields,
    }


def order_facts(external_id="1001", version=1, *nets, **fields):
    """Return facts with a line of two units for each of `nets` (4000 without)."""
    lines = tuple(
        orders.LineFacts(str(i), "SERUM-30", 2, net)
        for i, net in enumerate(nets or [4000], 1)
    )
    return orders.OrderFacts(
        **{
            "external_id": external_id,
            "version": version,
            "placed_at": MOMENT,
            "currency": "EUR",
            "status": "paid",
            "lines": lines,
            **fields,
        }
    )


def refund_facts(external_id="r1", *nets, **fields):
    """Return a refund of so many cents of lines 1, 2 ... (1000 of line 1 without)."""
    lines = tuple(
        orders.RefundLineFacts(str(i), net) for i, net in enumerate(nets or [1000], 1)
    )
    return orders.RefundFacts(
        **{
            "external_id": external_id,
            "refunded_at": MOMENT,
            "lines": lines,
            **fields,
        }
    )


def state(shop: Shop):
    """Return everything that is known of the shop's orders, without row ids.

    A line that the newest version no longer has is the same as none.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Fresh tables have no statistics: whatever the planner thinks, no pairing.
        cursor.execute("set local enable_nestloop = off")
        return _state(shop)


def _state(shop: Shop):
    return {
        "orders": sorted(
            Order.objects.filter(shop=shop).values_list(
                "external_id", "version", "content_hash", "placed_at", "currency",
                "status", "buyer_hash", "clicks", "codes", "cancelled_at",
                "delivered_at",
            ),
            key=str,
        ),
        "lines": sorted(
            OrderLine.objects.filter(shop=shop)
            .exclude(quantity=0, net_cents=0)
            .values_list(
                "order__external_id", "external_id", "sku", "product__sku",
                "quantity", "net_cents", "tax_cents", "refunded_cents",
            ),
            key=str,
        ),
        "refunds": sorted(
            RefundLine.objects.filter(refund__order__shop=shop).values_list(
                "refund__order__external_id", "refund__external_id",
                "refund__refunded_at", "refund__content_hash",
                "line__external_id", "net_cents", "quantity",
            ),
            key=str,
        ),
        "deliveries": sorted(
            Delivery.objects.filter(order__shop=shop).values_list(
                "order__external_id", "delivered_at"
            )
        ),
        "early": sorted(
            shop.early_events.values_list("order_external_id", "kind", "key")
        ),
    }  # fmt: skip
