"""Messages of shop systems: kept first, applied once, tried again."""

import json
from functools import partial

import pytest
from django.db import connection
from django.utils import translation

from shops import intake, orders
from shops.intake import generic
from shops.models import EarlyEvent, InboundEvent, InboundStatus, Order
from tests.common.racing import race
from tests.factories.shops import ShopFactory
from tests.shops.building import NOW, raw_order, state
from tests.shops.shopify import order, refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return ShopFactory()


def receive(shop, raw, topic="orders/paid", system="shopify"):
    body = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    return intake.receive(shop, system, topic, body, at=NOW)


def test_systems_are_found_by_the_folder():
    assert {"generic", "shopify", "uci"} <= set(intake.systems())
    assert not [name for name in intake.systems() if name.startswith("_")]
    for name in intake.systems():
        assert callable(intake.system(name).read)


def test_a_message_is_kept_as_it_came_and_applied(shop):
    body = json.dumps(order(), indent=7).encode()

    event = receive(shop, body)

    kept = InboundEvent.objects.get()
    assert (bytes(kept.body), kept.topic, kept.received_at) == (
        body,
        "orders/paid",
        NOW,
    )
    assert (event.status, event.handled_at) == (InboundStatus.APPLIED, NOW)
    assert Order.objects.get().external_id == "450"


def test_the_same_message_twice_is_kept_twice_and_applied_once(shop):
    receive(shop, order())
    before = state(shop)

    assert receive(shop, order()).status == InboundStatus.APPLIED
    assert state(shop) == before
    assert InboundEvent.objects.count() == 2


def test_what_is_not_understood_is_kept_with_its_place(shop):
    event = receive(shop, order(line_items=["?"]))

    assert event.status == InboundStatus.FAILED
    assert event.reason.startswith("line_items[0]: ")
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[" * 200_000, b"null", b'{"id": "\\ud800"}', b"\x00"]
)
def test_any_bytes_are_kept(shop, body):
    event = receive(shop, body)

    assert event.status == InboundStatus.FAILED
    assert bytes(InboundEvent.objects.get().body) == body


def test_a_topic_we_do_not_use_is_ignored_with_the_reason(shop):
    event = receive(shop, order(), topic="carts/create")

    assert event.status == InboundStatus.IGNORED
    assert "carts/create" in event.reason


def test_an_unknown_system_is_kept_as_failed(shop):
    assert receive(shop, order(), system="../etc").status == InboundStatus.FAILED


def test_a_refused_version_says_why(shop):
    receive(shop, order())

    event = receive(shop, order(note_attributes=[{"name": "cid", "value": "c"}]))

    assert event.status == InboundStatus.FAILED
    assert event.reason.startswith("450: order_conflict (version: ")


def test_an_event_before_its_order_is_applied_and_says_that_it_waits(shop):
    event = receive(shop, refund({"line_item_id": 1, "quantity": 1}), "refunds/create")

    assert event.status == InboundStatus.APPLIED
    assert "509" in event.reason
    assert EarlyEvent.objects.count() == 1


def test_a_refused_refund_waits_for_the_version_that_makes_it_possible(shop):
    receive(shop, order())
    event = receive(shop, refund({"line_item_id": 1, "quantity": 3}), "refunds/create")
    assert event.status == InboundStatus.FAILED
    assert "refund_exceeds_paid" in event.reason

    later = order({"id": 1, "price": "100.00", "quantity": 3, "sku": "S"})
    receive(shop, {**later, "updated_at": "2026-11-04T00:00:00Z"})

    assert Order.objects.get().lines.get().refunded_cents == 30000
    retried = intake.retry(event, at=NOW)
    assert (retried.status, retried.reason) == (InboundStatus.APPLIED, "")


def test_a_message_is_tried_again_after_a_correction_here(shop, monkeypatch):
    monkeypatch.setattr(intake, "system", lambda name: _Deaf)
    event = receive(shop, order())
    assert event.status == InboundStatus.FAILED
    monkeypatch.undo()

    event = intake.retry(event, at=NOW)

    assert (event.status, event.reason) == (InboundStatus.APPLIED, "")
    assert Order.objects.count() == 1


class _Deaf:
    @staticmethod
    def read(*args, **kwargs):
        raise intake.NotUnderstood("We have a bug.")


@pytest.mark.django_db(transaction=True)
def test_the_bytes_survive_a_failure_of_ours(shop, monkeypatch):
    monkeypatch.setattr(
        orders, "record_many", lambda *a, **k: (_ for _ in ()).throw(RuntimeError)
    )

    with pytest.raises(RuntimeError):
        receive(shop, order())

    assert InboundEvent.objects.get().status == InboundStatus.RECEIVED


@pytest.mark.django_db(transaction=True)
def test_sixty_deliveries_at_once_leave_one_order():
    shop = ShopFactory()

    outcomes = race([partial(receive, shop, order())] * 60)

    assert {event.status for event in outcomes} == {InboundStatus.APPLIED}
    assert Order.objects.filter(shop=shop).count() == 1
    assert InboundEvent.objects.count() == 60


# ------------------------------------------------------------------ our own shape


def test_webhooks_may_use_the_shape_of_the_api(shop):
    many = {"orders": [raw_order(), raw_order(external_id="1002")]}
    line = {"external_id": "1", "net_cents": 1000}
    moment = "2026-11-09T10:15:00+01:00"
    said = [
        ("orders", many),
        (
            "refunds",
            {"external_id": "r", "refunded_at": moment, "lines": [line]},
        ),
        ("deliveries", {"delivered_at": moment}),
        ("cancel", {"cancelled_at": moment}),
    ]
    for topic, raw in said:
        numbered = raw if topic == "orders" else {**raw, "order_external_id": "1001"}
        event = receive(shop, numbered, topic, "generic")
        assert (event.status, event.reason) == (InboundStatus.APPLIED, "")

    first, second = Order.objects.order_by("external_id")
    assert (first.status, second.status) == ("cancelled", "paid")
    assert first.lines.get().refunded_cents == 1000
    assert first.delivered_at is not None


@pytest.mark.parametrize(
    ("topic", "raw"),
    [
        ("orders", {"orders": [{}]}),
        ("orders", []),
        ("refunds", {"external_id": "r"}),
        ("refunds", {"order_external_id": "1", "external_id": "r"}),
        (
            "cancel",
            {"order_external_id": "1\x00", "cancelled_at": "2026-11-09T10:15:00Z"},
        ),
        ("deliveries", {"order_external_id": "1"}),
    ],
)
def test_our_own_shape_is_checked(shop, topic, raw):
    with pytest.raises(intake.NotUnderstood):
        generic.read(topic, json.dumps(raw).encode(), shop, at=NOW)


def test_a_message_takes_a_few_queries(shop, django_assert_max_num_queries):
    receive(shop, order())
    with django_assert_max_num_queries(12):
        receive(shop, order(id=451))
    assert connection.in_atomic_block


# ------------------------------------------------------------------ in whose language


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"updated_at": None}, "updated_at: This is missing."),
        ({"currency": "XXX"}, "currency: Expected an ISO 4217 code."),
    ],
)
def test_a_reason_is_kept_in_one_language_whoever_sent_the_message(
    shop, language, raw, said
):
    with translation.override(language):
        event = receive(shop, {**order(), **raw})

    assert InboundEvent.objects.get(pk=event.pk).reason == said


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_refused_version_is_told_in_one_language(shop, language):
    receive(shop, order())

    with translation.override(language):
        event = receive(shop, order(note_attributes=[{"name": "cid", "value": "c"}]))

    assert "is known with other content: send a higher one" in event.reason


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_refund_that_waits_keeps_why_as_a_code(shop, language):
    receive(shop, order())

    with translation.override(language):
        receive(shop, refund({"line_item_id": 1, "quantity": 3}), "refunds/create")

    assert EarlyEvent.objects.get().refusal == "refund_exceeds_paid"
