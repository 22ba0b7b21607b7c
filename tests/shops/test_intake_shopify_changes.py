"""Edits, refunds by amount, two currencies: what is left of a Shopify order."""

import json
from itertools import permutations

import pytest

from shops import intake
from shops.models import OrderLine
from tests.factories.shops import ShopFactory
from tests.shops.building import NOW, state
from tests.shops.shopify import facts, line, order, read, refund


def amounts(*lines, **fields):
    found = facts(*lines, **fields).lines
    return [(each.quantity, each.net_cents, each.tax_cents) for each in found]


def back(amount, tax="0", kind="refund_discrepancy"):
    return {"amount": amount, "tax_amount": tax, "kind": kind}


def given(*adjustments, items=()):
    return refund(*items, order_adjustments=list(adjustments))


def money(shop, presentment, currency="JPY"):
    return {
        "shop_money": {"amount": shop, "currency_code": "EUR"},
        "presentment_money": {"amount": presentment, "currency_code": currency},
    }


# ------------------------------------------------------- two currencies


def test_the_shops_money_counts_and_not_the_buyers():
    """12.50 EUR is what the shop gets, whatever 2031 JPY the buyer saw."""
    found = facts(
        line(price="12.50", price_set=money("12.50", "2031")),
        presentment_currency="JPY",
        total_price_set=money("12.50", "2031"),
    )

    assert (found.currency, found.lines[0].net_cents) == ("EUR", 1250)


def test_a_refund_is_in_the_shops_money_though_it_was_paid_in_the_buyers():
    item = {
        "line_item_id": 1,
        "quantity": 1,
        "subtotal": "12.50",
        "subtotal_set": money("12.50", "2031"),
    }
    raw = refund(item, transactions=[{"amount": "2031", "currency": "JPY"}])

    (event,) = read(raw, "refunds/create")

    assert event.event.lines[0].net_cents == 1250


def test_a_currency_without_decimals_shares_whole_yen():
    found = amounts(
        line(1, "1000"),
        line(2, "500"),
        currency="JPY",
        total_discounts="100",
        tax_lines=[{"price": "100"}, {"price": "40"}],
    )

    # 100 off as 67 and 33; 140 of tax over 933 and 467 is 93.3 and 46.7.
    assert found == [(1, 933, 93), (1, 467, 47)]


def test_several_taxes_of_a_line_are_one():
    taxes = [{"price": "5.00", "title": "GST"}, {"price": "9.98", "title": "QST"}]

    assert amounts(line(tax_lines=taxes)) == [(1, 10000, 1498)]


# ------------------------------------------------------- edits


def test_units_that_an_edit_removed_were_not_paid():
    edited = line(1, "30.00", 3, current_quantity=1, tax_lines=[{"price": "18.00"}])

    assert amounts(edited, line(2)) == [(1, 3000, 600), (1, 10000, 0)]


def test_a_line_that_an_edit_removed_is_worth_nothing():
    assert amounts(line(1, current_quantity=0), line(2)) == [
        (0, 0, 0),
        (1, 10000, 0),
    ]


def test_what_was_refunded_is_not_taken_off_twice():
    """3 sold, 1 refunded, 1 edited away: 2 are left of the version, less the refund."""
    refunds = [refund({"line_item_id": 1, "quantity": 1, "subtotal": "30.00"})]
    edited = line(1, "30.00", 3, current_quantity=1)

    assert amounts(edited, refunds=refunds) == [(2, 6000, 0)]


@pytest.mark.parametrize("current", [None, "1", 7, -1])
def test_a_quantity_that_says_nothing_of_an_edit_changes_at_most_the_line(current):
    assert amounts(line(1, "30.00", 2, current_quantity=current))[0][0] in {0, 2}


# ------------------------------------------------------- refunds by amount


def test_money_given_back_by_amount_is_shared_by_what_the_lines_cost():
    """20.00 back of 60.00 and 20.00: 15.00 and 5.00."""
    assert amounts(
        line(1, "60.00"), line(2, "20.00"), refunds=[given(back("-20.00"))]
    ) == [(1, 4500, 0), (1, 1500, 0)]


def test_the_amount_holds_the_tax_of_what_was_paid():
    """12.00 back of 100.00 and 20.00 of tax is 10.00 and 2.00."""
    taxed = line(tax_lines=[{"price": "20.00"}])

    assert amounts(taxed, refunds=[given(back("-12.00"))]) == [(1, 9000, 1800)]
    assert amounts(taxed, refunds=[given(back("-10.00", "-2.00"))]) == [(1, 9000, 1800)]


def test_shipping_that_was_given_back_is_no_lines():
    refunds = [given(back("-9.00", "-1.80", "shipping_refund"))]

    assert amounts(line(), refunds=refunds) == [(1, 10000, 0)]


def test_what_the_shop_kept_of_a_return_is_no_sale():
    """Shopify counts 10.00 kept for restocking above zero: the unit came back."""
    item = {"line_item_id": 1, "quantity": 1, "subtotal": "100.00"}

    assert amounts(line(), refunds=[given(back("10.00"), items=[item])]) == [
        (1, 10000, 0)
    ]


def test_amounts_of_several_refunds_are_summed():
    refunds = [given(back("-20.00")), given(back("5.00"))]

    assert amounts(line(), refunds=refunds) == [(1, 8500, 0)]


def test_the_price_of_a_line_that_came_back_stays():
    """A unit gives back its share of the price: the amount is the other line's."""
    item = {"line_item_id": 1, "quantity": 1, "subtotal": "50.00"}
    refunds = [given(back("-20.00"), items=[item])]

    assert amounts(line(1, "50.00", 2), line(2), refunds=refunds) == [
        (2, 10000, 0),
        (1, 8000, 0),
    ]


def test_no_more_is_given_back_than_was_paid():
    assert amounts(line(), refunds=[given(back("-500.00"))]) == [(1, 0, 0)]


def test_a_refund_by_amount_alone_says_where_it_comes_from():
    (event,) = read(given(back("-20.00")), "refunds/create")

    assert isinstance(event, intake.Nothing)
    assert "orders/updated" in event.reason


@pytest.mark.django_db
def test_units_and_amounts_in_every_order_leave_one_state():
    item = {"line_item_id": 1, "quantity": 1, "subtotal": "50.00"}
    unit = refund(item)
    amount = {**given(back("-20.00")), "id": 510}
    two = line(1, "50.00", 2), line(2)
    later = {"updated_at": "2026-11-09T10:15:01+01:00"}
    messages = [
        ("orders/paid", order(*two)),
        ("refunds/create", unit),
        ("refunds/create", amount),
        ("orders/updated", order(*two, refunds=[unit, amount], **later)),
    ]
    states = []
    for turn in permutations(messages):
        shop = ShopFactory()
        for topic, raw in [*turn, *turn]:
            body = json.dumps(raw).encode()
            intake.receive(shop, "shopify", topic, body, at=NOW)
        states.append(state(shop))

    assert states == [states[0]] * 24
    kept = OrderLine.objects.filter(shop=shop).order_by("external_id")
    assert list(kept.values_list("net_cents", "refunded_cents")) == [
        (10000, 5000),
        (8000, 0),
    ]


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("refunds[0]", {"refunds": ["1"]}),
        ("order_adjustments", {"refunds": [given() | {"order_adjustments": "x"}]}),
        (
            "refunds[0].order_adjustments[0].amount",
            {"refunds": [given(back("ten"))]},
        ),
    ],
)
def test_a_change_that_cannot_be_read_names_the_place(where, fields):
    with pytest.raises(intake.NotUnderstood) as error:
        read(order(**fields))
    assert error.value.where == where
