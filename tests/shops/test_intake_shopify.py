"""Shopify's own sample files, and the amounts of made-up orders, as literal tables."""

import contextlib
import json
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affiliate.common import ids
from shops import intake
from shops.intake import shopify
from shops.models import Order, OrderLine
from tests.factories.shops import ShopFactory
from tests.shops.building import NOW, state
from tests.shops.shopify import SHOP, facts, line, order, read, refund

FILES = Path(__file__).parents[3] / "shared" / "data" / "shopify"
needs_files = pytest.mark.skipif(
    not FILES.exists(), reason=f"Shopify's sample files are not at {FILES}"
)


def sample(name):
    return json.loads((FILES / f"{name}.json").read_bytes())


def why_not(raw, topic="orders/create"):
    with pytest.raises(intake.NotUnderstood) as error:
        read(raw, topic)
    return error.value


# ------------------------------------------------------- the files of Shopify

# python_api_order.json contradicts itself: three lines of 199.00 are 597.00, and yet
# total_line_items_price and subtotal_price say 398.00 (the file once had two lines);
# total_discounts says 0.00, and yet the code TENOFF took 10.00 off. Two files of the
# same order settle it: python_api_refund_calculate.json gives the second line a
# "total_cart_discount_amount" of 3.33 and a subtotal of 195.67, a third of 10.00 off
# 199.00; python_api_refund.json gives each line 3.98 of tax, a third of 11.94. So the
# lines are believed, and the code, and 10.00 is shared over three equal lines:
PAID = {
    # line id      net   VAT    199.00 - 3.34, 3.33, 3.33; prices are without tax
    "466157049": (19566, 398),
    "518995019": (19567, 398),
    "703073504": (19567, 398),
}


@needs_files
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_the_sample_order_is_read(is_wrapped):
    raw = sample("python_api_order")

    (event,) = read(raw if is_wrapped else raw["order"])

    read_order = event.facts
    assert {
        each.external_id: (each.net_cents, each.tax_cents) for each in read_order.lines
    } == PAID
    assert [each.sku for each in read_order.lines] == [
        "IPOD2008GREEN",
        "IPOD2008RED",
        "IPOD2008BLACK",
    ]
    assert read_order.external_id == "450789469"
    assert read_order.status == "pending"
    assert read_order.currency == "USD"
    assert read_order.codes == ("TENOFF",)
    assert read_order.clicks == ()
    assert read_order.placed_at == datetime(2008, 1, 10, 16, tzinfo=UTC)
    assert read_order.buyer_hash == ids.email_hash("bob.norman@hostmail.com")
    assert read_order.buyer_country == "US"


@needs_files
def test_the_second_line_agrees_with_what_shopify_would_refund_of_it():
    (item,) = sample("python_api_refund_calculate")["refund"]["refund_line_items"]

    assert item["subtotal"] == "195.67"
    assert PAID[str(item["line_item_id"])][0] == 19567


@needs_files
@pytest.mark.django_db
def test_the_sample_order_and_its_refund_in_every_order_leave_one_state():
    placed = sample("python_api_order")
    paid = {"order": {**placed["order"], "financial_status": "paid"}}
    messages = [
        ("orders/create", placed),
        ("orders/paid", paid),
        ("orders/updated", paid),
        ("refunds/create", sample("python_api_refund")),
    ]
    states = []
    for turn in permutations(messages):
        shop = ShopFactory(currency="USD")
        for topic, raw in turn:
            body = json.dumps(raw).encode()
            for _twice in range(2):
                intake.receive(shop, "shopify", topic, body, at=NOW)
        states.append(state(shop))

    assert states == [states[0]] * 24
    last = Order.objects.filter(shop=shop)
    assert last.get().status == "paid"
    lines = OrderLine.objects.filter(shop=shop).order_by("external_id")
    assert list(lines.values_list("external_id", "refunded_cents")) == [
        ("466157049", 19566),
        ("518995019", 0),
        ("703073504", 19567),
    ]


# ------------------------------------------------------- statuses and versions


@pytest.mark.parametrize(
    ("financial", "status"),
    [
        (None, "pending"),
        ("pending", "pending"),
        ("authorized", "pending"),
        ("partially_paid", "pending"),
        ("expired", "pending"),
        ("paid", "paid"),
        ("partially_refunded", "paid"),
        ("refunded", "paid"),
        ("voided", "cancelled"),
    ],
)
def test_only_what_was_paid_in_full_is_paid(financial, status):
    assert facts(financial_status=financial).status == status


def test_a_later_state_of_the_same_second_is_newer():
    states = ["pending", "authorized", "paid", "partially_refunded", "refunded"]

    versions = [facts(financial_status=state).version for state in states]

    assert versions == sorted(set(versions))
    next_second = facts(updated_at="2026-11-03T10:15:01+01:00", financial_status=None)
    assert next_second.version > versions[-1]


def test_a_cancelled_order_is_a_version_and_a_cancellation():
    version, cancelled = read(order(cancelled_at="2026-11-05T08:00:00Z"))

    assert version.facts.status == "paid"
    assert cancelled.order == "450"
    assert cancelled.event.cancelled_at == datetime(2026, 11, 5, 8, tzinfo=UTC)


def test_a_test_order_is_passed_over():
    (event,) = read(order(test=True))

    assert isinstance(event, intake.Nothing)


# ------------------------------------------------------- touches


def test_clicks_come_from_the_landing_page_and_the_cart():
    read_facts = facts(
        landing_site="/p/serum?utm=x&cid=first&cid=second",
        note_attributes=[
            {"name": "cid", "value": "third"},
            {"name": "cid", "value": "first"},
            {"name": "colour", "value": "green"},
        ],
    )

    assert read_facts.clicks == ("first", "second", "third")


@pytest.mark.parametrize(
    "noise",
    [
        {"landing_site": "http://[half"},
        {"landing_site": "?cid=" + "x" * 101},
        {"landing_site": "?cid=a%00b"},
        {"landing_site": 5},
        {"note_attributes": [{"name": "cid"}, "cid", None]},
        {"note_attributes": [{"name": "cid", "value": ["x"]}]},
        {"discount_codes": [{"code": None, "amount": "0.00"}, {}]},
        {"customer": "Bob", "email": None},
        {"shipping_address": {"country_code": "usa"}},
    ],
)
def test_what_is_no_touch_of_ours_does_not_stop_the_order(noise):
    read_facts = facts(**noise)

    assert (read_facts.clicks, read_facts.codes) == ((), ())


def test_a_line_without_a_sku_is_known_by_its_variant():
    lines = facts(line(1, sku=None, variant_id=77), line(2, sku="")).lines

    assert [each.sku for each in lines] == ["variant-77", "variant-2"]


# ------------------------------------------------------- refunds, deliveries


def refunded(*items, **fields):
    (event,) = read(refund(*items, **fields), "refunds/create")
    return [
        (each.external_id, each.quantity, each.net_cents) for each in event.event.lines
    ]


def test_a_refund_gives_back_units_and_says_their_subtotal():
    assert refunded(
        {"line_item_id": 1, "quantity": 1, "subtotal": "195.67"},
        {"line_item_id": 2, "quantity": 2},
    ) == [("1", 1, 19567), ("2", 2, None)]


def test_a_line_restocked_in_two_ways_is_one_line():
    assert refunded(
        {"line_item_id": 1, "quantity": 1, "subtotal": "10.00"},
        {"line_item_id": 1, "quantity": 2, "subtotal": "20.00"},
    ) == [("1", 3, 3000)]


def test_shipping_adjustments_and_gift_cards_are_no_refund_of_a_line():
    (event,) = read(
        refund(
            {"line_item_id": 1, "quantity": 1, "line_item": {"gift_card": True}},
            {"line_item_id": 2, "quantity": 0},
            order_adjustments=[{"amount": "-5.00", "kind": "shipping_refund"}],
        ),
        "refunds/create",
    )

    assert isinstance(event, intake.Nothing)


def test_a_note_of_several_lines_becomes_one():
    (event,) = read(
        refund(
            {"line_item_id": 1, "quantity": 1}, note="it broke\nin two " + "x" * 300
        ),
        "refunds/create",
    )

    assert event.event.reason.startswith("it broke in two xxx")
    assert len(event.event.reason) == 200


def test_refunds_inside_an_order_are_the_same_refunds():
    raw = refund({"line_item_id": 1, "quantity": 1})
    inside = {name: value for name, value in raw.items() if name != "order_id"}

    _version, event = read(order(refunds=[inside]))

    assert [event] == read(raw, "refunds/create")


def test_only_what_has_arrived_is_a_delivery():
    parcel = {"id": 1, "order_id": 450, "updated_at": "2026-11-06T09:00:00Z"}

    (delivered,) = read(
        {**parcel, "shipment_status": "delivered"}, "fulfillments/update"
    )
    (on_its_way,) = read(
        {**parcel, "shipment_status": "in_transit"}, "fulfillments/update"
    )

    assert delivered.event.delivered_at == datetime(2026, 11, 6, 9, tzinfo=UTC)
    assert isinstance(on_its_way, intake.Nothing)


# ------------------------------------------------------- what is not understood


@pytest.mark.parametrize("topic", ["orders/delete", "orders/edited", "carts/create"])
def test_other_topics_change_nothing(topic):
    (event,) = read({"id": 1}, topic)

    assert isinstance(event, intake.Nothing)


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("id", {"id": None}),
        ("id", {"id": "x" * 101}),
        ("currency", {"currency": "XXXX"}),
        ("financial_status", {"financial_status": "lent"}),
        ("line_items", {"line_items": {}}),
        ("line_items[0]", {"line_items": ["1"]}),
        ("line_items[0].price", {"line_items": [line(price="12,50")]}),
        ("line_items[0].price", {"line_items": [line(price="12.505")]}),
        ("line_items[0].price", {"line_items": [line(price="-1.00")]}),
        ("line_items[0].price", {"line_items": [line(price=None)]}),
        ("line_items[0].quantity", {"line_items": [line(quantity="1")]}),
        ("line_items[0].id", {"line_items": [line(id=None)]}),
        ("discount_codes[0].amount", {"discount_codes": [{"amount": "ten"}]}),
        (
            "line_items[0].discount_allocations[0].amount",
            {"line_items": [line(discount_allocations=[{}])]},
        ),
        (
            "line_items[0].tax_lines",
            {
                "line_items": [line(tax_lines=[{"price": "101"}])],
                "taxes_included": True,
            },
        ),
    ],
)
def test_an_order_that_cannot_be_read_names_the_place(where, fields):
    assert why_not(order(**fields)).where == where


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("placed_at", {"created_at": None}),
        ("updated_at", {"updated_at": "soon"}),
        ("lines", {"line_items": []}),
        ("lines[1].external_id", {"line_items": [line(1), line(1)]}),
    ],
)
def test_what_the_order_itself_refuses_is_named(path, fields):
    assert why_not(order(**fields)).reason.startswith(f"{path}: ")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"id": NaN}', b"9" * 5000, b"[]", b"5"],
)
def test_a_body_that_is_no_json_object_is_not_understood(body):
    with pytest.raises(intake.NotUnderstood):
        shopify.read("orders/create", body, SHOP, at=NOW)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=9)
    | st.floats(allow_nan=False, allow_infinity=False)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "price", "amount", "code"]), inner)
    ),
)
PLACES = st.sampled_from(
    [*order(), *refund(), *line(), "discount_codes", "tax_lines", "note_attributes"]
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(PLACES, ANYTHING, max_size=3),
    st.sampled_from(["orders/create", "refunds/create", "fulfillments/update"]),
)
def test_anything_is_understood_or_not(fields, topic):
    base = {**order(), **refund({"line_item_id": 1, "quantity": 1}), **fields}
    base["line_items"] = [{**line(), **fields}]
    with contextlib.suppress(intake.NotUnderstood):
        assert read(base, topic)
