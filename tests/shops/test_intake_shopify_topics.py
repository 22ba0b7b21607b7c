"""Shopify's topics: what each says, what is erased, and bodies of other topics."""

import json
from datetime import UTC, datetime

import pytest

from shops import intake
from shops.models import InboundEvent, InboundStatus, Order
from tests.factories.shops import ShopFactory
from tests.shops.building import NOW
from tests.shops.shopify import line, order, read, refund

EMAIL = "bob.norman@mail.example"
PARCEL = {
    "id": 255,
    "order_id": 450,
    "status": "success",
    "shipment_status": "delivered",
    "updated_at": "2026-11-06T09:00:00Z",
    "line_items": [line()],
}
SCAN = {
    "id": 9,
    "fulfillment_id": 255,
    "order_id": 450,
    "status": "delivered",
    "happened_at": "2026-11-06T08:30:00Z",
    "updated_at": "2026-11-06T09:00:00Z",
}
ORDER_TOPICS = [
    "orders/create",
    "orders/updated",
    "orders/paid",
    "orders/cancelled",
    "orders/fulfilled",
    "orders/partially_fulfilled",
]


@pytest.mark.parametrize("topic", ORDER_TOPICS)
def test_every_topic_with_an_order_is_its_version(topic):
    assert read(order(), topic) == read(order(), "orders/create")


@pytest.mark.parametrize("topic", ["fulfillments/create", "fulfillments/update"])
def test_a_parcel_that_arrived_says_when_it_was_changed(topic):
    (event,) = read(PARCEL, topic)

    assert event.order == "450"
    assert event.event.delivered_at == datetime(2026, 11, 6, 9, tzinfo=UTC)


def test_the_scan_of_a_parcel_says_when_it_happened():
    (event,) = read(SCAN, "fulfillment_events/create")

    assert event.event.delivered_at == datetime(2026, 11, 6, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("status", ["in_transit", "out_for_delivery", "failure", None])
def test_a_parcel_on_its_way_is_no_delivery(status):
    (event,) = read({**SCAN, "status": status}, "fulfillment_events/create")

    assert isinstance(event, intake.Nothing)


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("orders/updated", refund({"line_item_id": 1, "quantity": 1})),
        ("orders/create", PARCEL),
        ("orders/paid", SCAN),
        ("refunds/create", order()),
        ("refunds/create", PARCEL),
        ("fulfillments/update", order()),
        ("fulfillments/create", refund()),
        ("fulfillments/create", SCAN),
        ("fulfillment_events/create", PARCEL),
    ],
)
def test_a_body_of_another_topic_is_named(topic, body):
    with pytest.raises(intake.NotUnderstood) as error:
        read(body, topic)
    assert error.value.where == "topic"


@pytest.mark.parametrize("topic", ["", "orders", "orders/lost", "Orders/create", "é"])
def test_an_unknown_topic_is_not_understood(topic):
    with pytest.raises(intake.NotUnderstood) as error:
        read(order(), topic)
    assert error.value.where == "topic"


def test_an_amount_that_no_line_can_bear_is_shown():
    """Of 2 units at 50.00 one came back, and 20.00 more: one line, no other to take."""
    item = {"line_item_id": 1, "quantity": 1, "subtotal": "50.00"}
    adjustment = {"amount": "-20.00", "kind": "refund_discrepancy"}
    both = refund(item, order_adjustments=[adjustment])

    version, _refund, unclear = read(order(line(1, "50.00", 2), refunds=[both]))

    assert version.facts.lines[0].net_cents == 10000
    assert "give back €20.00 beside units of its lines" in unclear.reason


def test_an_amount_of_a_line_that_came_back_whole_is_nobodys():
    item = {"line_item_id": 1, "quantity": 1, "subtotal": "100.00"}
    adjustment = {"amount": "-5.00", "kind": "refund_discrepancy"}

    events = read(order(refunds=[refund(item, order_adjustments=[adjustment])]))

    assert not [each for each in events if isinstance(each, intake.Unclear)]


# ------------------------------------------------------- what is erased


@pytest.fixture
def shop(db):
    shop = ShopFactory()
    send(shop, order(email=EMAIL), "orders/create")
    send(shop, order(id=451, email="other@mail.example"), "orders/create")
    send(shop, order(id=450_451, currency="?", note=EMAIL), "orders/create")
    return shop


def send(shop, raw, topic, system="shopify"):
    body = json.dumps(raw).encode()
    return intake.receive(shop, system, topic, body, at=NOW)


def bodies(shop):
    rows = InboundEvent.objects.filter(shop=shop).order_by("pk")
    return [bool(row.body) for row in rows]


def wish(**fields):
    customer = {"id": 207119551, "email": EMAIL, "phone": "555-625-1199"}
    return {"shop_id": 954889, "customer": customer, "orders_to_redact": [], **fields}


def test_a_buyers_messages_are_erased_and_the_orders_stay(shop):
    event = send(shop, wish(), "customers/redact")

    assert bodies(shop) == [False, True, False, False]
    assert (event.status, event.reason) == (
        InboundStatus.IGNORED,
        "3 messages were erased.",
    )
    failed = InboundEvent.objects.filter(shop=shop).order_by("pk")[2]
    assert failed.status == InboundStatus.IGNORED
    assert failed.reason.startswith("Erased, as ")
    assert Order.objects.get(external_id="450").buyer_hash


def test_messages_of_named_orders_are_erased(shop):
    send(shop, wish(customer={}, orders_to_redact=[450451]), "customers/redact")

    assert bodies(shop) == [True, True, False, False]


def test_what_is_erased_is_one_shops_and_one_systems(shop):
    other = ShopFactory()
    send(other, order(email=EMAIL), "orders/create")
    send(shop, {"billing": {"email": EMAIL}}, "order.created", "woocommerce")

    send(shop, wish(), "customers/redact")

    assert bodies(other) == [True]
    assert bodies(shop) == [False, True, False, True, False]


def test_all_messages_of_a_shop_that_left_are_erased(shop):
    send(shop, {"shop_id": 954889}, "shop/redact")

    assert bodies(shop) == [False] * 4
    assert Order.objects.filter(shop=shop).count() == 2


@pytest.mark.parametrize(
    "body", [wish(customer={"email": "a@b"}), wish(customer=None), {}]
)
def test_nobody_is_named_and_nothing_is_erased(shop, body):
    event = send(shop, body, "customers/redact")

    assert event.status == InboundStatus.IGNORED
    assert bodies(shop) == [True] * 4


def test_a_request_for_data_says_what_is_kept(shop):
    event = send(shop, wish(), "customers/data_request")

    assert event.status == InboundStatus.IGNORED
    assert "keyed hash" in event.reason
    assert bodies(shop) == [True] * 4
