"""WooCommerce's own sample files, and made-up messages, as literal tables."""

import json
from datetime import UTC, datetime
from itertools import permutations

import pytest

from affiliate.common import ids
from shops import intake
from shops.models import InboundStatus, Order, OrderLine
from tests.factories.shops import ShopFactory
from tests.shops import woocommerce as woo
from tests.shops.building import NOW, state
from tests.shops.tables import bring, rejected
from tests.shops.woocommerce import (
    ORDERS,
    needs_files,
    order,
    orders_of,
    read,
    refund,
    returned,
    sample,
)

pytestmark = pytest.mark.django_db

# ------------------------------------------------------- the files of WooCommerce

STATUSES = {"727": "paid", "723": "paid", "728": "pending", "729": "paid"}


@needs_files
@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("orders_01", ["727"]),
        ("orders_02", ["727"]),
        ("orders_03", ["727", "723"]),
        ("orders_04", ["727"]),
        ("orders_05", ["727"]),
        ("orders_06", ["728", "729", "727", "723"]),
    ],
)
def test_the_sample_orders_are_read(name, numbers):
    shop = ShopFactory()
    found = [read(raw, shop=shop)[0].facts for raw in orders_of(name)]

    assert [each.external_id for each in found] == numbers
    for each in found:
        lines = [(line.sku, line.net_cents, line.tax_cents) for line in each.lines]
        assert (lines, each.currency) == (ORDERS[each.external_id], "USD")
        assert each.status == STATUSES[each.external_id]
        assert (each.clicks, each.codes) == ((), ())


@needs_files
def test_the_rest_of_a_sample_order_is_read():
    (event,) = read(sample("orders_01"))

    assert event.facts.placed_at == datetime(2017, 3, 22, 19, 28, 2, tzinfo=UTC)
    assert event.facts.buyer_hash == ids.email_hash("john.doe@example.com")
    assert event.facts.buyer_country == "US"
    assert [line.external_id for line in event.facts.lines] == ["315", "316"]


# Refund 724 gives back the one unit of line 311, 9.00 of 9.00. Refund 726 is 10.00 and
# names no item: the shipping was 10.00, and so may have been given back, or not.
@needs_files
def test_the_sample_refunds_are_read():
    unclear, event = (
        read(raw, "refund.created")[0] for raw in sample("order_refunds_03")
    )

    assert isinstance(unclear, intake.Unclear)
    assert (
        "Refund 726 gives back $10.00"
        in read({**sample("order_refunds_01"), "currency": "USD"}, "refund.created")[
            0
        ].reason
    )
    (line,) = event.event.lines
    assert (event.order, event.event.external_id) == ("723", "724")
    assert (line.external_id, line.net_cents, line.quantity) == ("311", 900, 1)
    assert event.event.refunded_at == datetime(2017, 3, 21, 19, 55, 37, tzinfo=UTC)


@needs_files
def test_an_order_and_its_refunds_in_every_order_leave_one_state():
    (unpaid,) = [{**o, "status": "on-hold"} for o in orders_of("orders_03")[1:]]
    earlier = {**unpaid, "date_modified_gmt": "2017-03-21T19:16:00", "refunds": []}
    messages = [
        ("order.created", earlier),
        ("order.updated", orders_of("orders_03")[1]),
        *(("refund.created", raw) for raw in sample("order_refunds_03")),
    ]
    states = []
    for turn in permutations(messages):
        shop = ShopFactory(currency="USD")
        for topic, raw in turn:
            body = json.dumps(raw).encode()
            for _twice in range(2):
                intake.receive(shop, "woocommerce", topic, body, at=NOW)
        states.append(state(shop))

    assert states == [states[0]] * 24
    lines = OrderLine.objects.filter(shop=shop).order_by("external_id")
    assert list(lines.values_list("external_id", "refunded_cents")) == [
        ("311", 900),
        ("313", 0),
    ]


@needs_files
def test_an_export_is_imported_and_says_what_is_unclear(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shop = ShopFactory(currency="USD")
    paths = [woo.FILES / f"rest_v3_{name}.json" for name in ("orders_06", "orders_03")]

    rejects = tmp_path / "rejects.csv"

    first = bring(shop, *paths, format="woocommerce", rejects=rejects)

    # 723 stands in the batch answer as deleted, and in the list as it was before.
    assert first.orders["created"] == 4
    last = Order.objects.order_by("external_id").values_list("external_id", "status")
    assert list(last) == [
        ("723", "cancelled"),
        ("727", "paid"),
        ("728", "pending"),
        ("729", "paid"),
    ]
    reasons = rejected(tmp_path, rejects.name)
    assert reasons == [(2, "unclear_refund"), (2, "unclear_refund")]
    before = state(shop)
    bring(shop, *paths, format="woocommerce", rejects=rejects)
    assert state(shop) == before


# ------------------------------------------------------- statuses and versions


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", "pending"),
        ("failed", "pending"),
        ("on-hold", "pending"),
        ("processing", "paid"),
        ("completed", "paid"),
        ("packed", "paid"),  # a state of this shop, and the order was paid
        ("cancelled", "cancelled"),
        ("refunded", "cancelled"),
        ("trash", "cancelled"),
    ],
)
def test_only_what_was_paid_is_paid(status, expected):
    assert woo.facts(status=status).status == expected


def test_a_later_state_of_the_same_second_is_newer():
    states = ["pending", "on-hold", "processing", "completed", "refunded"]

    versions = [woo.facts(status=each).version for each in states]

    assert versions == sorted(set(versions))
    later = woo.facts(status="pending", date_modified_gmt="2026-11-03T09:15:01")
    assert later.version > versions[-1]


def test_moments_without_an_offset_are_utc():
    assert woo.facts().placed_at == datetime(2026, 11, 3, 9, 15, tzinfo=UTC)


def test_a_draft_is_no_order_yet():
    (event,) = read(order(status="checkout-draft"))

    assert isinstance(event, intake.Nothing)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"id": 723}, intake.Binned("723")),
        ({"id": None}, None),
    ],
)
def test_a_deletion_is_the_bin(body, said):
    if said:
        assert read(body, "order.deleted") == [said]
    else:
        with pytest.raises(intake.NotUnderstood, match="id: "):
            read(body, "order.deleted")


def test_the_answer_of_a_deletion_is_a_cancelled_version():
    (event,) = read(order(), "order.deleted")

    assert event.facts.status == "cancelled"
    assert event.facts.version > woo.facts(status="refunded").version


# ------------------------------------------------------- touches


def test_clicks_come_from_the_attribution_and_the_metadata():
    found = woo.facts(
        meta_data=woo.meta(
            _wc_order_attribution_session_entry="https://l.example/p?a=1&cid=first",
            _wc_order_attribution_utm_content="second",
            _wc_order_attribution_utm_source="instagram",
            _cid="third",
            cid="first",
        )
    )

    assert found.clicks == ("first", "second", "third")


def test_codes_come_from_the_coupons():
    coupons = [{"id": 1, "code": "lea10", "discount": "10.00"}, {"code": "free"}]

    assert woo.facts(coupon_lines=coupons).codes == ("lea10", "free")


@pytest.mark.parametrize(
    "noise",
    [
        {"meta_data": {"cid": "x"}},
        {"meta_data": ["cid", None, {"key": "cid"}, {"key": []}, {"key": {}}]},
        {"meta_data": woo.meta(cid=["x"], _cid={"a": 1})},
        {"meta_data": woo.meta(_wc_order_attribution_session_entry="http://[half")},
        {"coupon_lines": "lea10"},
        {"coupon_lines": [{"code": 7}, "lea10"]},
        {"billing": [], "shipping": "Paris"},
        {"billing": {"email": None, "country": "fr"}},
    ],
)
def test_what_plugins_leave_does_not_stop_the_order(noise):
    found = woo.facts(**noise)

    assert (found.clicks, found.codes) == ((), ())
    assert (found.buyer_hash, found.buyer_country) == ("", "")


# ------------------------------------------------------- refunds


def refunded(*items, **fields):
    (event,) = read(refund(*items, **fields), "refund.created")
    return [
        (each.external_id, each.quantity, each.net_cents) for each in event.event.lines
    ]


def test_a_refund_gives_back_units_of_the_line_it_names():
    assert refunded(returned(1), returned(2), amount="120.00") == [
        ("1", 1, 5000),
        ("2", 1, 5000),
    ]


def test_a_refund_of_an_amount_of_a_line_has_no_units():
    assert refunded(returned(1, "-5.00", "-1.00", 0), amount="6.00") == [("1", 0, 500)]


def test_a_line_restocked_without_money_gives_nothing_back():
    (event,) = read(
        refund(returned(1, "0.00", "0.00"), amount="0.00"), "refund.created"
    )

    assert isinstance(event, intake.Nothing)


def test_shipping_that_was_given_back_is_no_refund_of_a_line():
    shipping = [{"id": 1, "total": "-10.00", "total_tax": "-2.00"}]
    (event,) = read(refund(amount="12.00", shipping_lines=shipping), "refund.created")

    assert isinstance(event, intake.Nothing)


def test_what_is_beyond_the_items_of_an_unknown_order_waits_for_it():
    event, unclear = read(refund(returned(1), amount="75.00"), "refund.created")

    assert event.event.lines[0].net_cents == 5000
    assert "order 723 is not known" in unclear.reason


def test_an_order_that_was_given_back_whole_earns_nothing():
    both = [{"id": 1, "total": "-20.00"}, {"id": 2, "total": "-100.00"}]
    (event,) = read(order(refunds=both))

    assert event.facts.status == "cancelled"


def test_a_refund_without_lines_is_shown_until_somebody_says_which():
    shop = ShopFactory()
    raw = order(refunds=[{"id": 724, "reason": "", "total": "-60.00"}])
    body = json.dumps(raw).encode()

    event = intake.receive(shop, "woocommerce", "order.updated", body, at=NOW)

    assert event.status == InboundStatus.FAILED
    assert event.reason.startswith("Refund 724 gives back €60.00, and does not say")
    assert Order.objects.get().status == "paid"

    told = json.dumps(refund(returned(1))).encode()
    intake.receive(shop, "woocommerce", "refund.created", told, at=NOW)

    assert intake.retry(event, at=NOW).status == InboundStatus.APPLIED
    assert OrderLine.objects.get().refunded_cents == 5000
