"""What the database refuses of orders, lines, refunds, deliveries and messages."""

from datetime import timedelta

import pytest

from tests.factories.shops import (
    MOMENT,
    DeliveryFactory,
    EarlyEventFactory,
    InboundEventFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    RefundFactory,
    RefundLineFactory,
    ShopFactory,
)
from tests.shops.refusals import is_refused, make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("factory", "base", "fault"),
    [
        pytest.param(
            OrderFactory,
            {"status": "paid"},
            {"status": "lost"},
            marks=pytest.mark.breaks("order_status_is_known"),
        ),
        pytest.param(
            OrderLineFactory,
            {"net_cents": 0},
            {"net_cents": -1},
            marks=pytest.mark.breaks("line_amounts_are_not_negative"),
        ),
        pytest.param(
            OrderLineFactory,
            {"tax_cents": 0},
            {"tax_cents": -1},
            marks=pytest.mark.breaks("line_amounts_are_not_negative"),
        ),
        pytest.param(
            OrderLineFactory,
            {"net_cents": 4000, "refunded_cents": 4000},
            {"refunded_cents": 4001},
            marks=pytest.mark.breaks("line_refunds_stay_within_what_was_paid"),
        ),
        pytest.param(
            OrderLineFactory,
            {"refunded_cents": 0},
            {"refunded_cents": -1},
            marks=pytest.mark.breaks("line_refunds_stay_within_what_was_paid"),
        ),
        pytest.param(
            RefundLineFactory,
            {"net_cents": 0},
            {"net_cents": -1},
            marks=pytest.mark.breaks("refund_line_is_not_negative"),
        ),
        pytest.param(
            InboundEventFactory,
            {"status": "received"},
            {"status": "lost"},
            marks=pytest.mark.breaks("inbound_event_status_is_known"),
        ),
    ],
)
def test_a_row_is_refused_for_one_difference(factory, base, fault):
    is_refused(factory, base, fault)


@pytest.mark.breaks("order_is_known_once_per_shop")
def test_an_order_is_known_once_per_shop():
    shop = ShopFactory()
    OrderFactory(shop=shop, external_id="1001")

    is_refused(
        OrderFactory, {"shop": shop, "external_id": "1002"}, {"external_id": "1001"}
    )
    make(OrderFactory, {"external_id": "1001"})  # of another shop


@pytest.mark.breaks("line_is_known_once_per_order")
def test_a_line_is_known_once_per_order():
    order = OrderFactory()
    OrderLineFactory(order=order, external_id="1")

    is_refused(
        OrderLineFactory, {"order": order, "external_id": "2"}, {"external_id": "1"}
    )
    make(OrderLineFactory, {"external_id": "1"})  # of another order


@pytest.mark.breaks("line_is_of_the_shop_of_its_order")
def test_a_line_is_of_the_shop_of_its_order():
    order = OrderFactory()

    is_refused(
        OrderLineFactory,
        {"order": order, "shop": order.shop},
        {"shop": ShopFactory()},
    )


@pytest.mark.breaks("line_product_is_of_its_shop")
def test_a_line_sells_a_product_of_its_shop():
    order = OrderFactory()

    is_refused(
        OrderLineFactory,
        {"order": order, "product": ProductFactory(shop=order.shop)},
        {"product": ProductFactory()},
    )


@pytest.mark.breaks("refund_is_known_once_per_order")
def test_a_refund_is_known_once_per_order():
    order = OrderFactory()
    RefundFactory(order=order, external_id="r1")

    is_refused(
        RefundFactory, {"order": order, "external_id": "r2"}, {"external_id": "r1"}
    )
    make(RefundFactory, {"external_id": "r1"})  # of another order


@pytest.mark.breaks("refund_names_a_line_once")
def test_a_refund_names_a_line_once():
    first = RefundLineFactory()
    other = OrderLineFactory(order=first.refund.order)

    is_refused(
        RefundLineFactory,
        {"refund": first.refund, "line": other},
        {"line": first.line},
    )


@pytest.mark.breaks("delivery_is_known_once")
def test_a_delivery_is_known_once():
    order = OrderFactory()
    DeliveryFactory(order=order, delivered_at=MOMENT)

    is_refused(
        DeliveryFactory,
        {"order": order, "delivered_at": MOMENT + DAY},
        {"delivered_at": MOMENT},
    )


@pytest.mark.breaks("early_event_is_kept_once")
def test_an_early_event_is_kept_once():
    kept = EarlyEventFactory(key="a")
    same = {
        "shop": kept.shop,
        "order_external_id": kept.order_external_id,
        "kind": kept.kind,
    }

    is_refused(EarlyEventFactory, {**same, "key": "b"}, {"key": "a"})
