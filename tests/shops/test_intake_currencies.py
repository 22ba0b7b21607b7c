"""Messages whose currency or clock is not the shop's (M1)."""

import json

import pytest

from shops import intake
from shops.intake import NotUnderstood, _tiktok_shop_export
from shops.models import OrderLine
from tests.factories import ShopFactory
from tests.shops import woocommerce as woo


def send(shop, topic, raw):
    body = json.dumps(raw).encode()
    return intake.receive(shop, "woocommerce", topic, body, at=woo.NOW)


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
@pytest.mark.django_db
def test_a_refund_of_woocommerce_is_in_its_orders_currency(currency):
    shop = ShopFactory(currency=currency)
    send(shop, "order.created", woo.order(currency="EUR"))

    send(shop, "refund.created", woo.refund(woo.returned()))

    assert OrderLine.objects.get().refunded_cents == 5000


@pytest.mark.parametrize(
    ("hour", "is_shown"), [("01:59:59", True), ("02:30:00", False)]
)
def test_an_export_of_tiktok_shop_has_no_time_that_clocks_skipped(hour, is_shown):
    shop = ShopFactory.build(time_zone="Europe/Paris")

    def read():
        text = f"2026-03-29 {hour}"
        return _tiktok_shop_export._instant(text, shop, False, "created")

    if is_shown:
        assert read().isoformat() == "2026-03-29T00:59:59+00:00"
    else:
        with pytest.raises(NotUnderstood, match="skipped"):
            read()
