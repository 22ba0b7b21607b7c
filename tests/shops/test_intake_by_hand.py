"""Every real file of orders and refunds, as webhooks, beside what a person reads in it.

A line is (number, units, net cents, tax cents, net cents given back). Rows of Shopify's
connector are in `test_intake_shopify_seeds`, TikTok Shop's export in five languages is
in `test_intake_tiktok_export`, as tables of the same kind.
"""

import json
from pathlib import Path

import pytest

from shops import intake
from shops.models import InboundEvent, Order
from tests.factories.shops import ShopFactory
from tests.shops.building import NOW

FILES = Path(__file__).parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not FILES.exists(), reason=f"The sample files are not at {FILES}"
    ),
]

# 2 × 3.00 less nothing, 7.5 % of tax on top: 0.45; and 1 × 12.00 with 0.90. With 10.00
# of shipping 6 + 12 + 10 + 0.45 + 0.90 = 29.35, the total.
ORDER_727 = [("315", 2, 600, 45, 0), ("316", 1, 1200, 90, 0)]
# 9.00 + 20.00 + 10.00 of shipping = 39.00, the total; no tax. Of its refunds the order
# says 10.00 and 9.00 without saying of what, so that nothing is given back yet.
ORDER_723 = [("311", 1, 900, 0, 0), ("313", 1, 2000, 0, 0)]
# 15 + 3 + 12 + 30.00 of shipping = 60.00, and 2.25 of tax makes 62.25. The lines' own
# taxes are 1.125, 0.225 and 0.90, each rounded half up: 2.26 together.
ORDER_728 = [
    ("319", 1, 1500, 113, 0),
    ("320", 1, 300, 23, 0),
    ("321", 1, 1200, 90, 0),
]
# 12 + 20 + 20.00 of shipping + 0.90 + 1.50 of tax = 54.40, the total.
ORDER_729 = [("324", 1, 1200, 90, 0), ("325", 1, 2000, 150, 0)]
# 3 × 199.00 less the code's 10.00, shared as 3.34, 3.33 and 3.33; 11.94 of tax on top
# is 3.98 a line (the refund file says so of two of them).
ORDER_450 = [
    ("466157049", 1, 19566, 398, 0),
    ("518995019", 1, 19567, 398, 0),
    ("703073504", 1, 19567, 398, 0),
]

# file, topic, the orders that it makes: {number: (status, currency, lines)}
ORDERS = [
    ("woocommerce/rest_v3_orders_01", "order.created", {"727": ("paid", ORDER_727)}),
    ("woocommerce/rest_v3_orders_02", "order.updated", {"727": ("paid", ORDER_727)}),
    (
        "woocommerce/rest_v3_orders_03",
        "order.updated",
        {"727": ("paid", ORDER_727), "723": ("paid", ORDER_723)},
    ),
    ("woocommerce/rest_v3_orders_04", "order.updated", {"727": ("paid", ORDER_727)}),
    # The answer of a deletion is the order as it was: it is called off, and nobody
    # earns of it, though the file says "completed".
    (
        "woocommerce/rest_v3_orders_05",
        "order.deleted",
        {"727": ("cancelled", ORDER_727)},
    ),
    # The answer of the batch call: two made, one changed, one deleted.
    (
        "woocommerce/rest_v3_orders_06",
        "create update delete",
        {
            "728": ("pending", ORDER_728),
            "729": ("paid", ORDER_729),
            "727": ("paid", ORDER_727),
            "723": ("cancelled", ORDER_723),
        },
    ),
    # "authorized": the money is not there yet.
    (
        "shopify/python_api_order",
        "orders/create",
        {"450789469": ("pending", ORDER_450)},
    ),
]

# file, topic, how the reason begins: what no person could make an order or refund of.
OTHERS = [
    # 598.94 were paid of an order whose lines were left out of the file.
    ("shopify/python_api_orders", "orders/updated", "failed", "lines: "),
    # A calculation before the refund: it has no number and no moment, and nothing was
    # given back.
    ("shopify/python_api_refund_calculate", "refunds/create", "failed", "order_id: "),
    # A draft is no order: nobody has paid.
    ("shopify/python_api_draft_order", "draft_orders/create", "ignored", "Nothing is"),
    (
        "shopify/python_api_draft_order_completed",
        "draft_orders/update",
        "ignored",
        "Nothing is",
    ),
    # One unit at 10.50, but in no currency and at no moment.
    ("tiktok_shop/get_order_detail_01", "orders", "failed", "payment.currency: "),
    # Not even a price.
    ("tiktok_shop/get_order_list_01", "orders", "failed", "payment.currency: "),
    # 15.00 - 2.00 + 3.00 + 1.20 = 17.20, of lines that are not named.
    ("tiktok_shop/get_price_detail_01", "", "failed", "data: The sums of an order"),
    # Asked for and pending: nothing was given back.
    (
        "tiktok_shop/get_return_records_01",
        "",
        "failed",
        "data: The history of a return",
    ),
    # 125.50 paid out to the shop: what is left of many orders after TikTok's fees.
    ("tiktok_shop/get_statements_01", "statements", "ignored", "A settlement: "),
    # 1 × 99 and 1 returned, without VAT and version: it is imported, see the tests of
    # TikTok Shop.
    ("tiktok_shop/search_tap_affiliate_orders_01", "orders", "failed", "An affiliate"),
    # 10.00, as much as the shipping was, of no line: for a person to say.
    ("woocommerce/rest_v3_order_refunds_01", "refund.created", "failed", "Refund 726"),
    ("woocommerce/rest_v3_order_refunds_02", "refund.created", "failed", "Refund 726"),
    ("woocommerce/rest_v3_order_refunds_04", "refund.deleted", "failed", "Refund 726"),
]


def messages(name, topic):
    """Return the webhooks that a file makes: (topic, body), the batch's one by one."""
    raw = json.loads((FILES / f"{name}.json").read_bytes())
    if " " in topic:
        verbs = {"create": "created", "update": "updated", "delete": "deleted"}
        return [(f"order.{verbs[k]}", each) for k in topic.split() for each in raw[k]]
    if isinstance(raw, dict) and set(raw) == {"orders"}:
        raw = raw["orders"]
    return [(topic, each) for each in (raw if isinstance(raw, list) else [raw])]


def send(shop, name, topic):
    return [
        intake.receive(shop, name.split("/")[0], each, json.dumps(raw).encode(), at=NOW)
        for each, raw in messages(name, topic)
    ]


def kept(shop):
    return {
        order.external_id: (
            order.status,
            [
                (
                    each.external_id,
                    each.quantity,
                    each.net_cents,
                    each.tax_cents,
                    each.refunded_cents,
                )
                for each in order.lines.order_by("external_id")
            ],
        )
        for order in Order.objects.filter(shop=shop)
    }


@pytest.mark.parametrize(("name", "topic", "expected"), ORDERS)
def test_an_order_is_what_a_person_reads(name, topic, expected):
    shop = ShopFactory(currency="EUR")

    send(shop, name, topic)

    assert kept(shop) == expected
    assert {o.currency for o in Order.objects.all()} == {"USD"}


@pytest.mark.parametrize(("name", "topic", "status", "reason"), OTHERS)
def test_what_is_no_order_is_kept_and_says_why(name, topic, status, reason):
    shop = ShopFactory(currency="EUR")

    (event,) = send(shop, name, topic)

    assert (event.status, event.reason[: len(reason)]) == (status, reason)
    assert kept(shop) == {}
    assert InboundEvent.objects.get().body


def test_the_refund_of_woocommerce_gives_back_the_line_it_names():
    """724 gives back 9.00 of 9.00; 726 is 10.00 of no line, and for a person."""
    shop = ShopFactory(currency="EUR")
    send(shop, "woocommerce/rest_v3_orders_03", "order.updated")

    events = send(shop, "woocommerce/rest_v3_order_refunds_03", "refund.created")

    assert [event.status for event in events] == ["failed", "applied"]
    assert kept(shop)["723"] == (
        "paid",
        [("311", 1, 900, 0, 900), ("313", 1, 2000, 0, 0)],
    )


def test_the_refund_of_shopify_gives_back_the_two_units_it_names():
    """One unit of two lines of one unit each: all that was paid for them, 195.67 and
    195.66. (The 209.00 of its transaction is another order's payment.)"""
    shop = ShopFactory(currency="EUR")
    send(shop, "shopify/python_api_order", "orders/create")

    (event,) = send(shop, "shopify/python_api_refund", "refunds/create")

    assert (event.status, event.reason) == ("applied", "")
    assert kept(shop)["450789469"][1] == [
        ("466157049", 1, 19566, 398, 19566),
        ("518995019", 1, 19567, 398, 0),
        ("703073504", 1, 19567, 398, 19567),
    ]


def test_every_real_message_stands_in_a_table():
    """The catalogue of coupons, webhooks and discount codes holds no order."""
    named = {name for name, *_rest in [*ORDERS, *OTHERS]} | {
        "shopify/python_api_refund",
        "woocommerce/rest_v3_order_refunds_03",
    }
    found = {
        f"{path.parent.name}/{path.stem}"
        for system in ("shopify", "woocommerce", "tiktok_shop")
        for path in (FILES / system).glob("*.json")
    }
    no_orders = ("coupons", "webhooks", "discount_code")

    assert {each for each in found if not any(no in each for no in no_orders)} == named
