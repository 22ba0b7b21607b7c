"""The shapes of the API, for the OpenAPI document; `orders.parse` reads them."""

from rest_framework import serializers

from shops.models import OrderStatus


class LineShape(serializers.Serializer[object]):
    """One line; `net_cents` is what was paid without VAT, after every discount."""

    external_id = serializers.CharField(max_length=100)
    sku = serializers.CharField(max_length=100)
    quantity = serializers.IntegerField(min_value=1)
    net_cents = serializers.IntegerField(min_value=0)
    tax_cents = serializers.IntegerField(min_value=0, required=False)


class BuyerShape(serializers.Serializer[object]):
    """The buyer; the e-mail is kept as a keyed hash only."""

    email = serializers.EmailField(required=False)
    country = serializers.CharField(max_length=2, required=False)


class OrderShape(serializers.Serializer[object]):
    """One version of one order."""

    external_id = serializers.CharField(max_length=100)
    version = serializers.IntegerField(required=False)
    updated_at = serializers.DateTimeField(required=False)
    placed_at = serializers.DateTimeField()
    currency = serializers.CharField(max_length=3)
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    buyer = BuyerShape(required=False)
    clicks = serializers.ListField(child=serializers.CharField(), required=False)
    codes = serializers.ListField(child=serializers.CharField(), required=False)
    lines = LineShape(many=True)


class OutcomeShape(serializers.Serializer[object]):
    """What became of one order."""

    external_id = serializers.CharField()
    status = serializers.ChoiceField(
        choices=["created", "updated", "unchanged", "rejected", "kept"]
    )
    code = serializers.CharField(required=False)
    errors = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


class BatchShape(serializers.Serializer[object]):
    """Up to 10,000 orders."""

    orders = OrderShape(many=True)


class OutcomesShape(serializers.Serializer[object]):
    """One outcome an order, in the order they were sent."""

    results = OutcomeShape(many=True)


class RefundLineShape(serializers.Serializer[object]):
    """What is given back of one line, without VAT."""

    external_id = serializers.CharField(max_length=100)
    net_cents = serializers.IntegerField(min_value=0)


class RefundShape(serializers.Serializer[object]):
    """Money given back to the buyer."""

    external_id = serializers.CharField(max_length=100)
    refunded_at = serializers.DateTimeField()
    lines = RefundLineShape(many=True)
    reason = serializers.CharField(required=False)


class CancelShape(serializers.Serializer[object]):
    """The whole order is called off."""

    cancelled_at = serializers.DateTimeField()


class DeliveryShape(serializers.Serializer[object]):
    """A parcel arrived; the last one counts."""

    delivered_at = serializers.DateTimeField()


class ProductShape(serializers.Serializer[object]):
    """A product, known by its SKU."""

    sku = serializers.CharField(max_length=100, required=False)
    name = serializers.CharField(max_length=200)
    url = serializers.URLField(max_length=500, required=False)
    category = serializers.CharField(max_length=60, required=False)
    price_cents = serializers.IntegerField(min_value=0, required=False)
    currency = serializers.CharField(max_length=3, required=False)
    image_url = serializers.URLField(max_length=500, required=False)
    active = serializers.BooleanField(required=False)


class ProductsShape(serializers.Serializer[object]):
    """Up to 10,000 products."""

    products = ProductShape(many=True)


class WrittenShape(serializers.Serializer[object]):
    """What became of one product."""

    sku = serializers.CharField()
    status = serializers.CharField()
    code = serializers.CharField(required=False)
    errors = serializers.DictField(required=False)


class WrittensShape(serializers.Serializer[object]):
    """One outcome a product, in the order they were sent."""

    results = WrittenShape(many=True)
