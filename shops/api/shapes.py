"""The shapes of orders and products, for the OpenAPI document only.

`orders.parse` and `catalogue` read what is sent; a test holds them and this together.
"""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from shops.models import OrderStatus
from shops.orders import LONGEST, LONGEST_REASON

OUTCOMES = ["created", "updated", "unchanged", "rejected", "kept"]
WRITTEN = ["created", "updated", "unchanged", "rejected"]


ORDER = {
    "external_id": "1001",
    "version": 1,
    "placed_at": "2026-11-03T10:15:00+01:00",
    "currency": "EUR",
    "status": "paid",
    "buyer": {"email": "x@y.fr", "country": "FR"},
    "clicks": [],
    "codes": ["LEA10"],
    "lines": [
        {
            "external_id": "1",
            "sku": "SERUM-30",
            "quantity": 2,
            "net_cents": 4000,
            "tax_cents": 800,
        }
    ],
}
REFUND = {
    "external_id": "r1",
    "refunded_at": "2026-11-09T18:00:00+01:00",
    "lines": [{"external_id": "1", "net_cents": 1000}],
    "reason": "broken in the post",
}
PRODUCT = {
    "name": "Sérum",
    "url": "https://lune.example/p/serum",
    "category": "care",
    "price_cents": 2400,
    "currency": "EUR",
    "active": True,
}


def _example(value: Mapping[str, object]) -> Any:
    shown = OpenApiExample("As in the contract", value=value, request_only=True)
    return extend_schema_serializer(examples=[shown])


class ErrorsField(serializers.DictField):
    """Messages by the place they are about, such as `lines[2].net_cents`."""

    child = serializers.ListField(child=serializers.CharField())


class LineShape(serializers.Serializer[object]):
    """One line; `net_cents` is what was paid without VAT, after every discount."""

    external_id = serializers.CharField(max_length=LONGEST)
    sku = serializers.CharField(max_length=LONGEST)
    quantity = serializers.IntegerField(min_value=0)
    net_cents = serializers.IntegerField(min_value=0)
    tax_cents = serializers.IntegerField(min_value=0, required=False)


class BuyerShape(serializers.Serializer[object]):
    """The buyer; the e-mail is kept as a keyed hash only."""

    email = serializers.CharField(required=False)
    country = serializers.CharField(max_length=2, required=False)


@_example(ORDER)
class OrderShape(serializers.Serializer[object]):
    """One version of one order; `version` or `updated_at` says which is newer.

    `total_net_cents` is not needed; where it is given, the lines have to sum to it.
    """

    external_id = serializers.CharField(max_length=LONGEST)
    version = serializers.IntegerField(min_value=0, required=False)
    updated_at = serializers.DateTimeField(required=False)
    placed_at = serializers.DateTimeField()
    currency = serializers.CharField(max_length=3)
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    buyer = BuyerShape(required=False)
    clicks = serializers.ListField(child=serializers.CharField(), required=False)
    codes = serializers.ListField(child=serializers.CharField(), required=False)
    lines = LineShape(many=True)
    total_net_cents = serializers.IntegerField(min_value=0, required=False)


class OutcomeShape(serializers.Serializer[object]):
    """What became of one order or event; `kept` waits for its order."""

    external_id = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=OUTCOMES)
    code = serializers.CharField(required=False)
    errors = ErrorsField(required=False)  # type: ignore[assignment]  # a field


class BatchShape(serializers.Serializer[object]):
    """Up to 10,000 orders."""

    orders = OrderShape(many=True)


class OutcomesShape(serializers.Serializer[object]):
    """One outcome an order, in the order they were sent."""

    results = OutcomeShape(many=True)


class RefundLineShape(serializers.Serializer[object]):
    """What is given back of one line: an amount without VAT, units, or both."""

    external_id = serializers.CharField(max_length=LONGEST)
    net_cents = serializers.IntegerField(min_value=0, required=False)
    quantity = serializers.IntegerField(min_value=1, required=False)


@_example(REFUND)
class RefundShape(serializers.Serializer[object]):
    """Money given back to the buyer."""

    external_id = serializers.CharField(max_length=LONGEST)
    refunded_at = serializers.DateTimeField()
    lines = RefundLineShape(many=True)
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False)


class CancelShape(serializers.Serializer[object]):
    """The whole order is called off."""

    cancelled_at = serializers.DateTimeField()


class DeliveryShape(serializers.Serializer[object]):
    """A parcel arrived; the last one counts."""

    delivered_at = serializers.DateTimeField()


@_example(PRODUCT)
class ProductShape(serializers.Serializer[object]):
    """What is said of a product; what is left out is empty, `active` is true."""

    name = serializers.CharField(max_length=200)
    url = serializers.URLField(max_length=500, required=False)
    category = serializers.CharField(max_length=60, required=False)
    price_cents = serializers.IntegerField(min_value=0, required=False)
    currency = serializers.CharField(max_length=3, required=False)
    image_url = serializers.URLField(max_length=500, required=False)
    active = serializers.BooleanField(required=False)


class BatchProductShape(ProductShape):
    """A product of a batch, known by its SKU."""

    sku = serializers.CharField(max_length=LONGEST)


class ProductsShape(serializers.Serializer[object]):
    """Up to 10,000 products."""

    products = BatchProductShape(many=True)


class WrittenShape(serializers.Serializer[object]):
    """What became of one product."""

    sku = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=WRITTEN)
    code = serializers.CharField(required=False)
    errors = ErrorsField(required=False)  # type: ignore[assignment]  # a field


class WrittensShape(serializers.Serializer[object]):
    """One outcome a product, in the order they were sent."""

    results = WrittenShape(many=True)
