"""Messages of TikTok Shop that cannot be read: each names the place."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shops import intake
from tests.shops.tiktok_shop import (
    answer,
    item,
    line,
    notice,
    order,
    read,
    returned,
    returns,
    tax,
)


@pytest.mark.parametrize(
    ("where", "raw"),
    [
        ("id", order(id=None)),
        ("status", order(status="LOST")),
        ("payment.currency", order(payment=None)),
        ("create_time", order(create_time="2026-11-03")),
        ("update_time", order(update_time=None)),
        ("line_items[0]", order(line_items=["1"])),
        ("line_items[0].sale_price", order(line(sale_price="9,50"))),
        ("line_items[0].sale_price", order(line(sale_price=None))),
        ("line_items[0].quantity", order(line(quantity=0))),
        ("line_items[0].sku_id", order(line(sku_id=None))),
        ("line_items[0].item_tax", order(line(item_tax=tax("101.00", "VAT")))),
        (
            "line_items[0].item_tax[0].tax_amount",
            order(line(item_tax=[{"tax_amount": "-1"}])),
        ),
    ],
)
def test_an_order_that_cannot_be_read_names_the_place(where, raw):
    with pytest.raises(intake.NotUnderstood) as error:
        read(answer(raw))
    assert error.value.where == where


@pytest.mark.parametrize(
    ("where", "raw"),
    [
        ("code", {"code": 105005, "message": "Access denied", "data": {}}),
        ("data", {"code": 0, "data": []}),
        ("data", notice() | {"data": None}),
        ("data.order_id", notice(order_id=None)),
        ("data.order_status", notice(order_status="LOST")),
        ("return_line_items[0].refund_amount", returns(returned({}))),
        ("return_line_items[0].order_line_item_id", returns(returned(item(None)))),
        ("order_id", returns(returned(order_id=None))),
    ],
)
def test_a_message_that_cannot_be_read_names_the_place(where, raw):
    with pytest.raises(intake.NotUnderstood) as error:
        read(raw)
    assert error.value.where == where


@pytest.mark.parametrize("kind", [[], {}, None])
def test_a_tax_of_no_kind_is_in_the_price(kind):
    (event,) = read(answer(order(line(item_tax=tax("20.00", kind)))))

    (sold,) = event.facts.lines
    assert (sold.net_cents, sold.tax_cents) == (8000, 2000)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "data", "orders", "skus"]), inner)
    ),
)
PLACES = st.sampled_from([*order(), *returned(), *line(), *item(), "item_tax"])


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(PLACES, ANYTHING, max_size=3), st.integers(0, 3))
def test_anything_is_understood_or_not(fields, kind):
    raw = [
        answer({**order({**line(), **fields}), **fields}),
        returns({**returned({**item(), **fields}), **fields}),
        notice(1, **fields),
        fields,
    ][kind]
    with contextlib.suppress(intake.NotUnderstood):
        assert read(raw)
