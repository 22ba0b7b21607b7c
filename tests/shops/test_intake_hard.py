"""What is hard in messages of shops, each with its arithmetic done by hand."""

import json
from functools import partial

import pytest

from shops import intake
from shops.models import InboundEvent, InboundStatus, Order, OrderLine
from tests.common.racing import race
from tests.factories.shops import ShopFactory
from tests.shops import woocommerce as woo
from tests.shops.building import NOW
from tests.shops.shopify import facts, line, order, read, refund


def amounts(*lines, **fields):
    found = facts(*lines, **fields).lines
    return [(each.quantity, each.net_cents, each.tax_cents) for each in found]


def off(*cents):
    return [{"amount": each, "discount_application_index": 0} for each in cents]


def vat(*cents):
    return [{"price": each, "rate": 0.2, "title": "VAT"} for each in cents]


# ------------------------------------------------------- discounts of Shopify

DISCOUNTS = {
    # A fixed 10.00 across 60.00 and 40.00: 6.00 and 4.00.
    "fixed across": (
        (
            line(1, "60.00", discount_allocations=off("6.00")),
            line(2, "40.00", discount_allocations=off("4.00")),
        ),
        [(1, 5400, 0), (1, 3600, 0)],
    ),
    # 15 % of each: 60.00 - 9.00 and 3 × 3.33 = 9.99 - 1.50 (1.4985, as Shopify rounds).
    "percent each": (
        (
            line(1, "60.00", discount_allocations=off("9.00")),
            line(2, "3.33", 3, discount_allocations=off("1.50")),
        ),
        [(1, 5100, 0), (3, 849, 0)],
    ),
    # 5.00 off each unit of one line: 3 × 20.00 - 15.00; the other one keeps its price.
    "fixed each": (
        (
            line(1, "20.00", 3, discount_allocations=off("15.00")),
            line(2, "20.00", discount_allocations=[]),
        ),
        [(3, 4500, 0), (1, 2000, 0)],
    ),
    # Buy two, get one: the third line is the one that is free, and earns nothing.
    "buy x get y": (
        (
            line(1, "20.00", 2, discount_allocations=[]),
            line(2, "20.00", 1, discount_allocations=off("20.00")),
        ),
        [(2, 4000, 0), (1, 0, 0)],
    ),
    # A line's own 5.00, and 10 % of the order: 30.00 - 5.00 - 2.50.
    "two on a line": (
        (line(1, "30.00", discount_allocations=off("5.00", "2.50")),),
        [(1, 2250, 0)],
    ),
    # 120.00 with 20.00 of VAT in it, less 12.00: 108.00, of which 18.00 are VAT.
    "with VAT in it": (
        (
            line(
                1,
                "120.00",
                discount_allocations=off("12.00"),
                tax_lines=vat("18.00"),
            ),
        ),
        [(1, 9000, 1800)],
    ),
}


@pytest.mark.parametrize("name", DISCOUNTS)
def test_a_discount_is_taken_off_the_line_it_was_given_for(name):
    lines, expected = DISCOUNTS[name]

    assert amounts(*lines, taxes_included=name == "with VAT in it") == expected


def test_a_discount_of_the_shipping_is_no_lines():
    """8.00 of shipping, free by a code: Shopify allocates it to the shipping line."""
    shipping = {"price": "8.00", "discount_allocations": off("8.00")}

    assert amounts(
        line(discount_allocations=[]),
        shipping_lines=[shipping],
        discount_codes=[{"code": "FREE", "amount": "8.00", "type": "shipping"}],
        total_discounts="8.00",
    ) == [(1, 10000, 0)]


# ------------------------------------------------------- what else is paid for


@pytest.mark.parametrize(
    "fields",
    [
        {"total_tip_received": "5.00"},
        {"original_total_duties_set": {"shop_money": {"amount": "12.00"}}},
        {"payment_gateway_names": ["gift_card", "bogus"]},
        {"shipping_lines": [{"price": "9.90", "tax_lines": vat("1.65")}]},
    ],
)
def test_tips_duties_shipping_and_means_of_payment_change_no_line(fields):
    assert amounts(line(), **fields) == [(1, 10000, 0)]


def test_duties_of_a_line_are_no_part_of_its_price():
    duty = {"harmonized_system_code": "6109", "price": "12.00", "tax_lines": vat("2")}

    assert amounts(line(duties=[duty])) == [(1, 10000, 0)]


def test_three_taxes_of_a_line_are_one_and_another_line_has_none():
    """GST 5.00, QST 9.98, and an eco tax of 0.10."""
    assert amounts(
        line(1, tax_lines=vat("5.00", "9.98", "0.10")),
        line(2, "9.00", tax_lines=[]),
    ) == [(1, 10000, 1508), (1, 900, 0)]


# ------------------------------------------------------- currencies


@pytest.mark.parametrize(
    ("currency", "price", "tax", "expected"),
    [
        # 3300 yen with 300 of tax in it; 1.100 dinars are 1100 fils, with 100 in it.
        ("JPY", "3300", "300", (1, 3000, 300)),
        ("KWD", "1.100", "0.100", (1, 1000, 100)),
        ("KWD", "1.1", "0.1", (1, 1000, 100)),
    ],
)
def test_currencies_of_no_and_of_three_decimals(currency, price, tax, expected):
    found = amounts(
        line(price=price, tax_lines=vat(tax)), currency=currency, taxes_included=True
    )

    assert found == [expected]


@pytest.mark.parametrize(("currency", "price"), [("JPY", "9.5"), ("EUR", "1.005")])
def test_more_decimals_than_the_currency_has_are_not_guessed(currency, price):
    with pytest.raises(intake.NotUnderstood, match=r"line_items\[0\].price"):
        read(order(line(price=price), currency=currency))


# ------------------------------------------------------- refunds and restocking


@pytest.mark.parametrize("restock", ["return", "cancel", "no_restock", None])
def test_how_a_unit_is_restocked_is_no_matter_of_money(restock):
    item = {"line_item_id": 1, "quantity": 1, "subtotal": "50.00"}

    (event,) = read(refund({**item, "restock_type": restock}), "refunds/create")

    (given,) = event.event.lines
    assert (given.external_id, given.quantity, given.net_cents) == ("1", 1, 5000)


def send(shop, raw, topic="orders/updated", system="shopify"):
    body = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    return intake.receive(shop, system, topic, body, at=NOW)


def left(shop):
    rows = OrderLine.objects.filter(shop=shop).order_by("external_id")
    return [
        (each.external_id, each.quantity, each.net_cents - each.refunded_cents)
        for each in rows
    ]


@pytest.mark.django_db
def test_units_that_an_edit_added_and_removed_are_counted_as_they_are_now():
    """1 × 30.00 and 2 × 10.00; the edit takes one of the two off and adds 1 × 5.00."""
    shop = ShopFactory()
    send(shop, order(line(1, "30.00"), line(2, "10.00", 2)))

    edited = order(
        line(1, "30.00", current_quantity=1),
        line(2, "10.00", 2, current_quantity=1),
        line(3, "5.00", current_quantity=1),
        updated_at="2026-11-03T10:16:00+01:00",
    )
    assert send(shop, edited).status == InboundStatus.APPLIED

    assert left(shop) == [("1", 1, 3000), ("2", 1, 1000), ("3", 1, 500)]


@pytest.mark.django_db
def test_a_refund_of_a_line_an_amount_and_the_shipping_at_once():
    """2 × 50.00 and 100.00. One unit comes back (50.00), 20.00 by amount, which the
    other line bears, and 9.00 of shipping, which no line does."""
    shop = ShopFactory()
    item = {"line_item_id": 1, "quantity": 1, "subtotal": "50.00"}
    adjustments = [
        {"amount": "-20.00", "kind": "refund_discrepancy"},
        {"amount": "-9.00", "kind": "shipping_refund"},
    ]
    both = refund(item, order_adjustments=adjustments)

    send(shop, order(line(1, "50.00", 2), line(2), refunds=[both]))

    assert left(shop) == [("1", 2, 5000), ("2", 1, 8000)]


# ------------------------------------------------------- malformed


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("line_items[0].quantity", {"line_items": [line(quantity=-1)]}),
        ("line_items[0].quantity", {"line_items": [line(quantity=1.5)]}),
        ("line_items[0].quantity", {"line_items": [line(quantity=None)]}),
        ("line_items[0].price", {"line_items": [line(price="1e5")]}),
        ("line_items[0].price", {"line_items": [line(price=[])]}),
        ("line_items[0].id", {"line_items": [{"price": "1", "quantity": 1}]}),
        ("discount_codes", {"discount_codes": "TENOFF"}),
        ("refunds", {"refunds": "none"}),
    ],
)
def test_a_malformed_field_is_named(where, fields):
    with pytest.raises(intake.NotUnderstood) as error:
        read(order(**fields))
    assert error.value.where.startswith(where)


@pytest.mark.parametrize(
    ("price", "quantity"), [("9" * 30, 1), ("99999999.99", 10**12)]
)
@pytest.mark.django_db
def test_numbers_beyond_all_shops_are_not_understood(price, quantity):
    event = send(ShopFactory(), order(line(price=price, quantity=quantity)))

    assert event.status == InboundStatus.FAILED
    assert event.reason
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "moment", ["2026-13-45T00:00:00Z", "3 November", 1793697300, "", "2026-11-03T10:15"]
)
def test_a_moment_that_is_none_is_named(moment):
    with pytest.raises(intake.NotUnderstood, match="updated_at"):
        read(order(updated_at=moment))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "status", "kept"), [(1000, "applied", 1000), (10_000, "failed", 0)]
)
def test_more_lines_than_an_order_may_have_are_named(count, status, kept):
    event = send(ShopFactory(), order(*[line(i, "1.00") for i in range(1, count + 1)]))

    reason = "" if kept else "lines: At most 1000."
    assert (event.status, event.reason, OrderLine.objects.count()) == (
        status,
        reason,
        kept,
    )


@pytest.mark.parametrize("notes", [{"cid": "x"}, "cid", 5, [None, "cid", []]])
def test_notes_that_are_no_list_do_not_stop_the_order(notes):
    found = facts(note_attributes=notes)

    assert (found.clicks, found.lines[0].net_cents) == ((), 10000)


# ------------------------------------------------------- nothing lost


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("system", "topic", "raw"),
    [
        ("shopify", "orders/updated", order()),
        ("woocommerce", "order.updated", woo.order()),
    ],
)
def test_twenty_deliveries_at_once_leave_one_order(system, topic, raw):
    shop = ShopFactory()

    events = race([partial(send, shop, raw, topic, system)] * 20)

    assert {event.status for event in events} == {InboundStatus.APPLIED}
    assert Order.objects.filter(shop=shop).count() == 1
    assert InboundEvent.objects.count() == 20


@pytest.mark.django_db
def test_an_order_that_changes_its_currency_is_kept_and_the_first_stays():
    shop = ShopFactory()
    send(shop, order())

    event = send(shop, order(currency="USD", updated_at="2026-11-04T00:00:00Z"))

    assert event.status == InboundStatus.FAILED
    assert event.reason.startswith("450: currency_changed (")
    assert Order.objects.get().currency == "EUR"


@pytest.mark.django_db
def test_what_is_tried_again_ends_as_if_it_had_come_then():
    """The older version was not understood, the newer one was: it stays the newest."""
    older = order(line(1, "70.00"))
    newer = order(line(1, "90.00"), updated_at="2026-11-03T11:00:00+01:00")
    shop, other = ShopFactory(), ShopFactory()
    failed = send(shop, older, "orders/mislaid")
    send(shop, newer)
    InboundEvent.objects.filter(pk=failed.pk).update(topic="orders/updated")
    for raw in (older, newer):
        send(other, raw)

    assert intake.retry(failed, at=NOW).status == InboundStatus.APPLIED

    assert left(shop) == left(other) == [("1", 1, 9000)]
