"""What was paid for each line of a Shopify order (rule M2), as literal tables."""

import json

import pytest

from shops.intake import NotUnderstood, shopify
from tests.shops.building import NOW
from tests.shops.shopify import SHOP, facts, line, order


def amounts(*lines, **fields):
    read_lines = facts(*lines, **fields).lines
    return [(each.net_cents, each.tax_cents) for each in read_lines]


def test_prices_without_vat_are_the_net():
    assert amounts(line(tax_lines=[{"price": "20.00"}])) == [(10000, 2000)]


def test_an_order_with_vat_in_its_prices_earns_the_same_as_one_without():
    with_vat = amounts(
        line(price="120.00", tax_lines=[{"price": "20.00"}]), taxes_included=True
    )

    assert with_vat == amounts(line(tax_lines=[{"price": "20.00"}]))


def test_the_orders_vat_is_shared_by_what_each_taxable_line_cost():
    lines = line(1, "60.00"), line(2, "30.00"), line(3, "9.00", taxable=False)
    taxes = {"tax_lines": [{"price": "10.00"}, {"price": "5.00"}]}

    assert amounts(*lines, **taxes) == [(6000, 1000), (3000, 500), (900, 0)]
    assert amounts(*lines, **taxes, taxes_included=True) == [
        (5000, 1000),
        (2500, 500),
        (900, 0),
    ]


def test_shipping_and_its_vat_are_no_lines():
    shipping = {"price": "12.00", "tax_lines": [{"price": "2.00"}]}

    assert amounts(
        line(price="120.00"),
        tax_lines=[{"price": "22.00"}],
        shipping_lines=[shipping],
        taxes_included=True,
    ) == [(10000, 2000)]


def test_allocated_discounts_are_believed_and_nothing_else():
    allocated = [{"amount": "3.34"}, {"amount": "1.00"}]

    assert amounts(
        line(1, discount_allocations=allocated, total_discount="4.34"),
        line(2, discount_allocations=[]),
        discount_codes=[{"code": "A", "amount": "10.00"}],
        total_discounts="10.00",
    ) == [(9566, 0), (10000, 0)]


def test_older_orders_share_the_orders_discount_by_what_is_left_of_each_line():
    assert amounts(
        line(1, "100.00", total_discount="40.00"),
        line(2, "30.00"),
        total_discounts="49.00",
    ) == [(5400, 0), (2700, 0)]


def test_a_discount_of_the_shipping_takes_nothing_off_the_lines():
    free = [{"code": "FREE", "amount": "5.00", "type": "shipping"}]

    assert amounts(line(), discount_codes=free, total_discounts="5.00") == [(10000, 0)]


def test_a_discount_never_takes_more_than_the_line_cost():
    codes = [{"code": "A", "amount": "999.00"}]

    assert amounts(line(1), line(2, "1.00"), discount_codes=codes) == [(0, 0), (0, 0)]


@pytest.mark.parametrize(
    "discount",
    [{"discount_allocations": [{"amount": "%s"}]}, {"total_discount": "%s"}],
)
def test_a_line_with_more_discount_than_its_price_is_for_a_person(discount):
    def discounted(amount):
        text = json.dumps(discount).replace("%s", amount)
        return line(price="199.00", **json.loads(text))

    assert amounts(discounted("199.00")) == [(0, 0)]
    with pytest.raises(NotUnderstood, match=r"line_items\[0\]: More discount"):
        amounts(discounted("199.01"))


@pytest.mark.parametrize("said", [False, None])
def test_taxes_are_on_top_unless_the_order_says_otherwise(said):
    taxed = line(tax_lines=[{"price": "20.00"}])

    assert amounts(taxed, taxes_included=said) == [(10000, 2000)]


@pytest.mark.parametrize("said", ["yes", "false", 1, ["true"], {"a": 1}])
def test_whether_taxes_are_included_is_not_guessed(said):
    with pytest.raises(NotUnderstood, match="taxes_included: Expected true or false"):
        amounts(line(), taxes_included=said)


def test_a_gift_card_is_worth_nothing_and_takes_no_discount():
    codes = [{"code": "A", "amount": "10.00"}]

    assert amounts(line(1, gift_card=True), line(2), discount_codes=codes) == [
        (0, 0),
        (9000, 0),
    ]


@pytest.mark.parametrize(
    ("currency", "price", "cents"),
    [("JPY", "1980", 1980), ("JPY", "1980.00", 1980), ("KWD", "1.234", 1234)],
)
def test_amounts_have_the_decimals_of_their_currency(currency, price, cents):
    assert amounts(line(price=price), currency=currency) == [(cents, 0)]


def test_an_amount_written_as_a_number_loses_no_cent():
    body = json.dumps(order()).replace('"100.00"', "100.01").encode()

    (event,) = shopify.read("orders/create", body, SHOP, at=NOW)

    assert event.facts.lines[0].net_cents == 10001
