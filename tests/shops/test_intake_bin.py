"""WooCommerce's bin, and refunds of lines and of an amount at once."""

import json
from datetime import timedelta
from itertools import permutations

import pytest

from shops import intake
from shops.models import InboundStatus, Order, OrderLine
from tests.factories.shops import ShopFactory
from tests.shops import woocommerce as woo
from tests.shops.building import NOW, state

pytestmark = pytest.mark.django_db

LATER = {"date_modified_gmt": "2026-11-20T12:10:00"}


@pytest.fixture
def shop():
    return ShopFactory()


def send(shop, raw, topic="order.updated", at=NOW):
    body = json.dumps(raw).encode()
    return intake.receive(shop, "woocommerce", topic, body, at=at)


def binned(shop, at=NOW):
    return send(shop, {"id": 723}, "order.deleted", at)


# ------------------------------------------------------- the bin

MINUTE = timedelta(minutes=1)


def restored(at):
    return woo.order(date_modified_gmt=f"{at:%Y-%m-%dT%H:%M:%S}")


@pytest.mark.parametrize("topic", ["order.restored", "order.updated"])
def test_an_order_that_is_taken_out_of_the_bin_is_paid_again(shop, topic):
    send(shop, woo.order())
    binned(shop)
    assert Order.objects.get().status == "cancelled"

    event = send(shop, restored(NOW + MINUTE), topic, NOW + MINUTE)

    assert event.status == InboundStatus.APPLIED
    order = Order.objects.get()
    assert (order.status, order.cancelled_at) == ("paid", None)
    assert OrderLine.objects.get().net_cents == 10000


def test_a_state_of_before_the_bin_does_not_take_the_order_out(shop):
    send(shop, woo.order())
    binned(shop)

    send(shop, restored(NOW - MINUTE))

    assert Order.objects.get().status == "cancelled"


def test_the_status_trash_gives_way_to_a_newer_one(shop):
    send(shop, woo.order(status="trash"))

    send(shop, restored(NOW))

    assert Order.objects.get().status == "paid"


def test_the_bin_tried_again_does_not_call_off_what_was_taken_out(shop):
    send(shop, woo.order())
    event = binned(shop)
    send(shop, restored(NOW + MINUTE), at=NOW + MINUTE)

    again = intake.retry(event, at=NOW + 60 * MINUTE)

    assert again.status == InboundStatus.APPLIED
    assert Order.objects.get().status == "paid"


def test_the_bin_of_an_unknown_order_waits_for_it(shop):
    event = binned(shop)
    assert event.status == InboundStatus.FAILED
    assert event.reason.startswith("Order 723 was put into the bin and is not known")

    send(shop, woo.order())
    assert Order.objects.get().status == "paid"

    assert intake.retry(event, at=NOW + MINUTE).status == InboundStatus.APPLIED
    assert Order.objects.get().status == "cancelled"


def test_the_bin_of_one_shop_is_not_anothers(shop):
    send(shop, woo.order())

    assert binned(ShopFactory()).status == InboundStatus.FAILED
    assert Order.objects.get().status == "paid"


# ------------------------------------------------------- lines and an amount at once

# 60.00 + 12.00 VAT and 40.00 + 8.00 VAT were paid. The refund names 1 unit of line 1
# for 30.00 + 6.00, and is of 60.00: 24.00 more. Left are 36.00 and 48.00 with VAT:
# 24.00 is shared as 10.29 and 13.71, without VAT 8.58 (10.29 × 30/36 = 8.575, half up)
# and 11.43 (13.71 × 40/48 = 11.425, half up).
SOLD = (
    woo.line(1, "60.00", "12.00", 2),
    woo.line(2, "40.00", "8.00", 1),
)
BOTH = woo.refund(woo.returned(1, "-30.00", "-6.00"), amount="60.00")


def refunded():
    lines = OrderLine.objects.order_by("external_id")
    return [*lines.values_list("external_id", "refunded_cents")]


def test_the_amount_beside_the_lines_is_shared_by_what_was_paid(shop):
    send(shop, woo.order(*SOLD))

    event = send(shop, BOTH, "refund.created")

    assert (event.status, event.reason) == (InboundStatus.APPLIED, "")
    assert refunded() == [("1", 3000 + 858), ("2", 1143)]


def test_what_was_shared_stays_when_the_refund_comes_again(shop):
    send(shop, woo.order(*SOLD))
    send(shop, BOTH, "refund.created")
    before = state(shop)

    assert send(shop, BOTH, "refund.created").status == InboundStatus.APPLIED
    assert state(shop) == before


def test_no_more_is_shared_than_is_left(shop):
    """Of 144.00 beyond 36.00 only 84.00 are the lines': the rest was shipping."""
    send(shop, woo.order(*SOLD))

    send(shop, {**BOTH, "amount": "180.00"}, "refund.created")

    assert refunded() == [("1", 6000), ("2", 4000)]


def test_a_cent_of_rounding_is_not_shared(shop):
    send(shop, woo.order(*SOLD))

    send(shop, {**BOTH, "amount": "36.01"}, "refund.created")

    assert refunded() == [("1", 3000), ("2", 0)]


def test_an_amount_of_no_line_stays_for_a_person(shop):
    """It may be the shipping: the order does not say what it was for."""
    send(shop, woo.order(*SOLD))

    event = send(shop, woo.refund(amount="10.00"), "refund.created")

    assert event.status == InboundStatus.FAILED
    assert "does not say of which lines" in event.reason
    assert refunded() == [("1", 0), ("2", 0)]


def test_the_refund_before_its_order_and_tried_again_ends_the_same():
    messages = [(woo.order(*SOLD), "order.created"), (BOTH, "refund.created")]
    states = []
    for turn in permutations(messages):
        shop = ShopFactory()
        for event in [send(shop, raw, topic) for raw, topic in turn]:
            intake.retry(event, at=NOW)
        states.append(state(shop))

    assert states == [states[0]] * 2
