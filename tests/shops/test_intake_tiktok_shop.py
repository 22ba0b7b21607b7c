"""TikTok Shop's own sample answers, and made-up messages, as literal tables."""

import json
from datetime import UTC, datetime
from itertools import permutations

import pytest

from affiliate.common import ids
from shops import intake
from shops.models import InboundStatus, Order, OrderLine
from tests.factories.shops import ShopFactory
from tests.shops import tiktok_shop as tts
from tests.shops.building import NOW, state
from tests.shops.tables import bring
from tests.shops.tiktok_shop import (
    PLACED,
    amounts,
    answer,
    item,
    line,
    needs_files,
    notice,
    order,
    read,
    returned,
    returns,
    sample,
    tax,
)

DAY = 86400

# ------------------------------------------------------- the files of TikTok Shop


@needs_files
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        # One unit at 10.50, of no currency, placed at no moment: the answer of the
        # documentation leaves them out.
        ("get_order_detail_01", "payment.currency: Expected an ISO 4217 code."),
        # No price either.
        ("get_order_list_01", "payment.currency: Expected an ISO 4217 code."),
        # Sums of an order without its lines: 15.00 less 2.00, 3.00 and 1.20 beside.
        ("get_price_detail_01", "data: The sums of an order, without its lines"),
        # A request that is pending, without items.
        ("get_return_records_01", "data: The history of a return, without its items"),
    ],
)
def test_a_sample_answer_that_leaves_too_much_out_says_what(name, reason):
    with pytest.raises(intake.NotUnderstood) as error:
        read(sample(name))
    assert str(error.value).startswith(reason)


# What TikTok paid to the shop, 125.50 after its fees: no order is named, and the buyer
# paid something else.
@needs_files
def test_a_settlement_changes_nothing():
    (event,) = read(sample("get_statements_01"))

    assert isinstance(event, intake.Nothing)
    assert event.reason.startswith("A settlement: ")


# Completed with what is missing, each line is what the sample says: 10.50 for one unit,
# and no tax is named.
@needs_files
def test_the_line_of_the_sample_order_is_read():
    (raw,) = sample("get_order_detail_01")["data"]["orders"]
    missing = {
        "create_time": PLACED,
        "update_time": PLACED,
        "payment": {"currency": "USD"},
    }

    (event,) = read(answer({**raw, **missing}))

    assert (event.facts.external_id, event.facts.status) == (
        "580194061699025701",
        "paid",
    )
    (found,) = event.facts.lines
    assert (found.external_id, found.sku) == ("9876543210987", "9876543210987")
    assert (found.quantity, found.net_cents, found.tax_cents) == (1, 1050, 0)


# One Black Hoodie at 99 USD, of which 1 was returned and refunded: nothing is left.
# Created and delivered at 1685548800, 2023-05-31 16:00 UTC. (The commission bases of
# the sample, 99 and 200, are TikTok's affair, as is who is paid.)
@needs_files
@pytest.mark.django_db
def test_the_sample_affiliate_order_is_imported_without_a_touch():
    shop = ShopFactory()
    path = tts.FILES / "search_tap_affiliate_orders_01.json"

    first = bring(shop, path, format="tiktok_shop")
    before = state(shop)
    bring(shop, path, format="tiktok_shop")

    assert (first.rows, first.rejected_rows) == (1, 0)
    found = Order.objects.get()
    moment = datetime(2023, 5, 31, 16, tzinfo=UTC)
    assert (found.external_id, found.currency) == ("576962796354307765", "USD")
    assert (found.status, found.placed_at, found.delivered_at) == (
        "paid",
        moment,
        moment,
    )
    assert (found.clicks, found.codes) == ([], [])
    kept = OrderLine.objects.get()
    assert (kept.sku, kept.quantity, kept.net_cents) == ("1729793769377925388", 0, 0)
    assert state(shop) == before


@needs_files
def test_an_affiliate_order_is_no_message():
    (event,) = read(sample("search_tap_affiliate_orders_01"))

    assert isinstance(event, intake.Unclear)


# ------------------------------------------------------- amounts


def test_what_the_buyer_paid_is_after_both_discounts():
    discounted = line(
        original_price="120.00", seller_discount="15.00", platform_discount="5.00"
    )

    assert amounts(discounted) == [(10000, 0)]


# 100.00 with 20.00 of tax, beside the price and in it: what the buyer paid tells.
@pytest.mark.parametrize(
    ("total", "kind", "net_cents"),
    [
        ("124.00", "SALES_TAX", 10000),
        ("124.00", "VAT", 10000),
        ("104.00", "SALES_TAX", 8000),
        (None, "SALES_TAX", 10000),
        (None, "VAT", 8000),
    ],
)
def test_tax_is_beside_the_price_or_in_it(total, kind, net_cents):
    payment = {"currency": "EUR", "total_amount": total, "shipping_fee": "4.00"}

    found = amounts(line(item_tax=tax("20.00", kind)), payment=payment)

    assert found == [(net_cents, 2000)]


def test_several_taxes_of_a_unit_are_one():
    found = amounts(line(item_tax=[*tax("5.00"), *tax("2.50")]))

    assert found == [(10000, 750)]


def test_a_unit_that_was_called_off_is_worth_nothing():
    units = line("1"), line("2", display_status="CANCELLED")

    lines = tts.facts(*units).lines

    assert [(each.quantity, each.net_cents) for each in lines] == [(1, 10000), (0, 0)]


# Two units at 100.00, 20.00 of tax each, 4.00 of shipping; one unit is called off. The
# order's sum may be the one before it (240 + 4 or 200 + 4) or after it (120 + 4, 100 +
# 4): with the tax beside the price 100.00 was paid for the unit that is left, with the
# tax in it 80.00.
@pytest.mark.parametrize(
    ("total", "net_cents"),
    [("244.00", 10000), ("124.00", 10000), ("204.00", 8000), ("104.00", 8000)],
)
def test_the_tax_of_a_unit_that_was_called_off_is_not_asked(total, net_cents):
    units = (
        line("1", item_tax=tax("20.00")),
        line("2", item_tax=tax("20.00"), display_status="CANCELLED"),
    )
    payment = {"currency": "EUR", "total_amount": total, "shipping_fee": "4.00"}

    assert amounts(*units, payment=payment) == [(net_cents, 2000), (0, 0)]


@pytest.mark.parametrize(
    ("currency", "price", "cents"),
    [("JPY", "1980", 1980), ("KWD", "1.234", 1234), ("EUR", "35.97", 3597)],
)
def test_amounts_have_the_decimals_of_their_currency(currency, price, cents):
    assert amounts(line(sale_price=price), payment={"currency": currency}) == [
        (cents, 0)
    ]


def test_the_skus_are_the_sellers_where_it_has_some():
    units = line("1", seller_sku="Matcha_box"), line("2", seller_sku="")

    assert [each.sku for each in tts.facts(*units).lines] == ["Matcha_box", "900"]


def test_lines_without_a_number_are_counted():
    units = [{"sku_id": "9", "price": "1.00"}] * 2

    found = tts.facts(*units).lines

    assert [each.external_id for each in found] == ["9", "9-2"]


# ------------------------------------------------------- statuses and versions


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("UNPAID", "pending"),
        ("ON_HOLD", "pending"),
        ("AWAITING_SHIPMENT", "paid"),
        ("PARTIALLY_SHIPPING", "paid"),
        ("AWAITING_COLLECTION", "paid"),
        ("IN_TRANSIT", "paid"),
        ("DELIVERED", "paid"),
        ("COMPLETED", "paid"),
        ("CANCELLED", "cancelled"),
    ],
)
def test_only_what_was_paid_is_paid(status, expected):
    assert tts.facts(status=status).status == expected


def test_cash_on_delivery_is_paid_when_it_arrives():
    found = [
        tts.facts(status=s, is_cod=True).status for s in ("IN_TRANSIT", "DELIVERED")
    ]

    assert found == ["pending", "paid"]


def test_a_later_state_of_the_same_second_is_newer():
    versions = [tts.facts(status=s).version for s in ("UNPAID", "ON_HOLD", "DELIVERED")]

    assert versions == sorted(set(versions))
    later = tts.facts(status="UNPAID", update_time=PLACED + 1)
    assert later.version > versions[-1]


def test_the_buyer_is_kept_as_a_hash():
    address = {"region_code": "FR"}
    found = tts.facts(buyer_email="v4b@scs3.tiktok.com", recipient_address=address)

    assert found.buyer_hash == ids.email_hash("v4b@scs3.tiktok.com")
    assert (found.buyer_country, found.clicks, found.codes) == ("FR", (), ())
    assert found.placed_at == datetime(2026, 11, 3, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["is_sample_order", "is_replacement_order"])
def test_what_nobody_bought_is_passed_over(kind):
    (event,) = read(answer(order(**{kind: True})))

    assert isinstance(event, intake.Nothing)


# ------------------------------------------------------- what happens to an order


def test_an_order_that_arrived_says_when():
    _version, event = read(
        answer(order(status="DELIVERED", delivery_time=PLACED + DAY))
    )

    assert event.event.delivered_at == datetime(2026, 11, 4, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "field"),
    [("CANCELLED", "cancelled_at"), ("DELIVERED", "delivered_at")],
)
def test_a_notice_is_believed_where_it_needs_no_amounts(status, field):
    (event,) = read(notice(order_status=status))

    assert event.order == "576"
    moment = datetime(2026, 11, 3, 9, 15, tzinfo=UTC)
    assert getattr(event.event, field) == moment


@pytest.mark.parametrize(
    "raw",
    [
        notice(order_status="AWAITING_SHIPMENT"),
        notice(4),
        notice(12, return_id="403", return_status="AWAITING_BUYER_SHIP"),
    ],
)
def test_other_notices_change_nothing(raw):
    (event,) = read(raw)

    assert isinstance(event, intake.Nothing)


def test_a_notice_of_a_return_says_what_is_missing():
    complete = "RETURN_OR_REFUND_REQUEST_COMPLETE"
    (event,) = read(notice(12, return_id="403", return_status=complete))

    assert isinstance(event, intake.Unclear)
    assert event.reason.startswith("Return 403 of order 576 is complete")


def test_a_return_gives_back_units_without_shipping():
    (event,) = read(returns(returned(item("1"), item("2", "50.00"))))

    assert (event.order, event.event.external_id) == ("576", "403")
    assert [
        (each.external_id, each.quantity, each.net_cents) for each in event.event.lines
    ] == [("1", 1, 10000), ("2", 1, 5000)]


def test_a_refund_by_amount_has_no_units():
    partial = returned(item("1", "5.00"), partial_refund={"amount": "5.00"})
    (event,) = read(returns(partial))

    (given,) = event.event.lines
    assert (given.quantity, given.net_cents) == (0, 500)


@pytest.mark.parametrize(
    "fields",
    [
        {"return_status": "AWAITING_BUYER_SHIP"},
        {"return_type": "REPLACEMENT"},
        {"return_line_items": [item("1", "0.00")]},
    ],
)
def test_a_return_without_money_gives_nothing_back(fields):
    (event,) = read(returns({**returned(), **fields}))

    assert isinstance(event, intake.Nothing)


@pytest.mark.django_db
def test_the_same_messages_in_every_order_leave_one_state():
    """12.00 with 2.00 of VAT in it; the return names 12.00, the unit with its VAT."""
    unit = line(sale_price="12.00", item_tax=tax("2.00", "VAT"))
    messages = [
        answer(order(unit, status="UNPAID")),
        answer(order(unit, status="DELIVERED", update_time=PLACED + DAY)),
        notice(order_status="DELIVERED", update_time=PLACED + DAY),
        returns(returned(item("1", "12.00"))),
    ]
    states = []
    for turn in permutations(messages):
        shop = ShopFactory()
        for raw in turn * 2:
            body = json.dumps(raw).encode()
            event = intake.receive(shop, "tiktok_shop", "", body, at=NOW)
            assert event.status == InboundStatus.APPLIED
        states.append(state(shop))

    assert states == [states[0]] * 24
    kept = OrderLine.objects.filter(shop=shop).get()
    assert (kept.net_cents, kept.tax_cents, kept.refunded_cents) == (1000, 200, 1000)
