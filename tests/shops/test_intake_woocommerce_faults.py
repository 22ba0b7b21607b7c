"""What of WooCommerce's messages is not understood, and where that is said."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shops import intake
from tests.shops import woocommerce as woo
from tests.shops.woocommerce import order, read, refund, returned

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("topic", ["", "order.lost", "refunds.created", "ordre"])
def test_an_unknown_topic_is_not_understood(topic):
    with pytest.raises(intake.NotUnderstood) as error:
        read(order(), topic)
    assert error.value.where == "topic"


@pytest.mark.parametrize("topic", ["coupon.created", "action.wc", "webhook"])
def test_other_topics_change_nothing(topic):
    (event,) = read({"id": 1}, topic)

    assert isinstance(event, intake.Nothing)


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("id", {"id": None}),
        ("currency", {"currency": "XXXX"}),
        ("status", {"status": "packed", "date_paid_gmt": None}),
        ("status", {"status": None}),
        ("total", {"total": None}),
        ("line_items", {"line_items": "x"}),
        ("line_items[0]", {"line_items": [1]}),
        ("line_items[0].id", {"line_items": [woo.line(id=None)]}),
        ("line_items[0].total", {"line_items": [woo.line(total="9,50")]}),
        ("line_items[0].total", {"line_items": [woo.line(total="-1.00")]}),
        ("line_items[0].total_tax", {"line_items": [woo.line(total_tax=None)]}),
        ("line_items[0].quantity", {"line_items": [woo.line(quantity="1.5")]}),
        ("refunds[0].total", {"refunds": [{"id": 1, "total": "ten"}]}),
        ("fee_lines[0].total", {"fee_lines": [{"total": "ten"}]}),
    ],
)
def test_an_order_that_cannot_be_read_names_the_place(where, fields):
    with pytest.raises(intake.NotUnderstood) as error:
        read(order(**fields))
    assert error.value.where == where


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("placed_at", {"date_created_gmt": None}),
        ("date_modified_gmt", {"date_modified_gmt": "soon"}),
        ("lines", {"line_items": []}),
        ("lines[1].external_id", {"line_items": [woo.line(1), woo.line(1)]}),
    ],
)
def test_what_the_order_itself_refuses_is_named(path, fields):
    with pytest.raises(intake.NotUnderstood) as error:
        read(order(**fields))
    assert error.value.reason.startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("parent_id", {"parent_id": None}),
        ("amount", {"amount": None}),
        ("line_items[0].meta_data", {"line_items": [woo.line(total="-1.00")]}),
        ("line_items[0].total", {"line_items": [woo.line()]}),
    ],
)
def test_a_refund_that_cannot_be_read_names_the_place(where, fields):
    with pytest.raises(intake.NotUnderstood) as error:
        read(refund(**fields), "refund.created")
    assert error.value.where == where


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "total", "key", "value"]), inner)
    ),
)
PLACES = st.sampled_from([*order(), *refund(), *woo.line(), "meta_data", "fee_lines"])


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        PLACES.filter(lambda name: name != "refunds"), ANYTHING, max_size=3
    ),
    st.sampled_from(["order.updated", "refund.created", "order.deleted"]),
)
def test_anything_is_understood_or_not(fields, topic):
    made = refund(returned()) if topic.startswith("refund") else order()
    base = {**made, "line_items": [{**returned(), **fields}], **fields}
    with contextlib.suppress(intake.NotUnderstood):
        assert read(base, topic)
