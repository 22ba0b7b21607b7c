"""Refunds, cancellations and deliveries, also before their order."""

from datetime import timedelta

import pytest

from shops import orders
from shops.models import (
    Delivery,
    EarlyEvent,
    Order,
    OrderLine,
    Refund,
    RefundLine,
    UnsettledLine,
)
from tests.factories.shops import MOMENT, ShopFactory
from tests.shops.building import NOW, order_facts, refund_facts, state

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def shop():
    return ShopFactory()


@pytest.fixture
def sold(shop):
    """An order of one line, 40.00 for two units, that nobody has to settle."""
    return bring(shop, order_facts("1001", 1, 4000))


def bring(shop, facts):
    orders.record(shop, facts, at=NOW)
    UnsettledLine.objects.all().delete()
    return shop


def refund(shop, facts, number="1001"):
    return orders.refund(shop, number, facts, at=NOW).status


def units(external_id, quantity, net_cents=None, line="1", at=MOMENT):
    given = orders.RefundLineFacts(line, net_cents, quantity)
    return orders.RefundFacts(external_id, at, (given,))


def refunded(number="1001"):
    return OrderLine.objects.get(
        order__external_id=number, external_id="1"
    ).refunded_cents


# ------------------------------------------------------------------ refunds


def test_a_refund_lowers_what_is_left_and_queues_the_line(sold):
    assert refund(sold, refund_facts("r1", 1000, reason="torn")) == "created"

    assert refunded() == 1000
    assert Refund.objects.get().reason == "torn"
    assert UnsettledLine.objects.count() == 1


def test_the_same_refund_again_changes_nothing(sold):
    refund(sold, refund_facts("r1", 1000))
    UnsettledLine.objects.all().delete()

    assert refund(sold, refund_facts("r1", 1000, reason="other words")) == "unchanged"
    assert refunded() == 1000
    assert not UnsettledLine.objects.exists()


def test_the_same_refund_with_other_amounts_is_a_conflict(sold):
    refund(sold, refund_facts("r1", 1000))

    with pytest.raises(orders.RefundConflict):
        refund(sold, refund_facts("r1", 1001))

    assert refunded() == 1000


def test_refunds_may_give_back_exactly_what_was_paid(sold):
    refund(sold, refund_facts("r1", 1500))
    refund(sold, refund_facts("r2", 2500))

    assert refunded() == 4000


def test_a_refund_cannot_exceed_what_is_left(sold):
    refund(sold, refund_facts("r1", 1500))

    with pytest.raises(orders.RefundExceedsPaid) as refused:
        refund(sold, refund_facts("r2", 2501))

    assert list(refused.value.errors) == ["lines[0].net_cents"]
    assert refunded() == 1500
    assert Refund.objects.count() == 1


def test_one_bad_line_refuses_the_whole_refund(shop):
    bring(shop, order_facts("1001", 1, 4000, 500))

    with pytest.raises(orders.RefundExceedsPaid) as refused:
        refund(shop, refund_facts("r1", 10, 501))

    assert list(refused.value.errors) == ["lines[1].net_cents"]
    assert refunded() == 0
    assert not RefundLine.objects.exists()


def test_a_refund_of_a_line_that_is_not_there_names_it(sold):
    with pytest.raises(orders.UnknownLine) as refused:
        refund(sold, refund_facts("r1", 10, 20))

    assert list(refused.value.errors) == ["lines[1].external_id"]
    assert not EarlyEvent.objects.exists()


def test_refunds_of_a_batch_do_not_stop_each_other(sold):
    bring(sold, order_facts("1002", 1, 100))

    said = orders.refund_many(
        sold,
        [
            ("1002", refund_facts("a", 101)),
            ("1001", refund_facts("b", 3000)),
            ("1001", refund_facts("c", 2000)),
            ("1001", refund_facts("b", 3000)),
            ("1003", refund_facts("d", 1)),
            ("1001", refund_facts("e", 1000)),
        ],
        at=NOW,
    )

    assert [outcome.code or outcome.status for outcome in said] == [
        "refund_exceeds_paid",
        "created",
        "refund_exceeds_paid",
        "unchanged",
        "kept",
        "created",
    ]
    assert (refunded("1001"), refunded("1002")) == (4000, 0)


# ------------------------------------------------------------------ units


@pytest.mark.parametrize(
    ("net", "bought", "given_back"),
    [
        (1000, 3, [333, 334, 333]),
        (1, 2, [1, 0]),
        (0, 2, [0, 0]),
        (1001, 2, [501, 500]),
        (5, 3, [2, 1, 2]),
    ],
)
def test_units_give_back_their_share_and_the_last_leaves_nothing(
    shop, net, bought, given_back
):
    line = orders.LineFacts("1", "SERUM-30", bought, net)
    bring(shop, order_facts(lines=(line,)))

    for i in range(bought):
        refund(shop, units(f"r{i}", 1, at=MOMENT + i * DAY))

    shares = RefundLine.objects.order_by("refund__external_id")
    assert list(shares.values_list("net_cents", flat=True)) == given_back
    assert refunded() == net


def test_more_units_than_were_sold_are_refused(sold):
    with pytest.raises(orders.RefundExceedsPaid) as refused:
        refund(sold, units("r1", 3))

    assert list(refused.value.errors) == ["lines[0].quantity"]


@pytest.mark.parametrize(
    ("said", "given_back"),
    [
        (2000, 2000),  # the share itself
        (2001, 2000),  # the share, rounded elsewhere
        (2400, 2000),  # the share with its VAT of 20 %
        (1500, 1500),  # less than the share: what was really given back
    ],
)
def test_cents_beside_units_are_the_share_where_they_may_be(shop, said, given_back):
    line = orders.LineFacts("1", "SERUM-30", 2, 4000, 800)
    bring(shop, order_facts(lines=(line,)))

    refund(shop, units("r1", 1, said))

    assert refunded() == given_back


def test_the_share_of_units_follows_the_newest_version(sold):
    refund(sold, units("r1", 1))
    refund(sold, refund_facts("r2", 100))

    orders.record(sold, order_facts("1001", 2, 3000), at=NOW)

    assert refunded() == 1600
    shares = RefundLine.objects.order_by("refund__external_id")
    assert list(shares.values_list("net_cents", flat=True)) == [1500, 100]


def test_a_version_may_lower_a_line_whose_units_all_came_back(sold):
    refund(sold, units("r1", 2))

    orders.record(sold, order_facts("1001", 2, 3000), at=NOW)

    assert refunded() == 3000


def test_a_version_cannot_sell_fewer_units_than_came_back(sold):
    refund(sold, units("r1", 2))
    line = orders.LineFacts("1", "SERUM-30", 1, 4000)

    with pytest.raises(orders.BelowRefunded) as refused:
        orders.record(sold, order_facts("1001", 2, lines=(line,)), at=NOW)

    assert list(refused.value.errors) == ["lines[0].quantity"]


# ------------------------------------------------------- cancelled, delivered


def test_a_cancelled_order_is_queued_and_keeps_the_earliest_moment(sold):
    assert orders.cancel(sold, "1001", NOW).status == "updated"
    assert UnsettledLine.objects.count() == 1

    assert orders.cancel(sold, "1001", NOW - DAY).status == "updated"
    assert orders.cancel(sold, "1001", NOW).status == "unchanged"
    assert Order.objects.get().cancelled_at == NOW - DAY


def test_the_last_parcel_counts(sold):
    assert orders.deliver(sold, "1001", NOW).status == "updated"
    assert orders.deliver(sold, "1001", NOW - DAY).status == "updated"
    assert orders.deliver(sold, "1001", NOW).status == "unchanged"

    assert Order.objects.get().delivered_at == NOW
    assert Delivery.objects.count() == 2
    assert UnsettledLine.objects.count() == 1


# ------------------------------------------------------- dated before their order

DATED = {
    "refunded_at": lambda shop, at: orders.refund(
        shop, "1001", refund_facts("r1", 1000, refunded_at=at), at=NOW
    ),
    "cancelled_at": lambda shop, at: orders.cancel(shop, "1001", at),
    "delivered_at": lambda shop, at: orders.deliver(shop, "1001", at),
}


@pytest.mark.parametrize("name", DATED)
def test_what_is_dated_before_its_order_is_refused_by_name(sold, name):
    before = state(sold)

    with pytest.raises(orders.BeforeOrder) as refused:
        DATED[name](sold, MOMENT - DAY - timedelta(microseconds=1))

    assert list(refused.value.errors) == [name]
    assert MOMENT.isoformat() in refused.value.errors[name][0]
    assert state(sold) == before
    assert not EarlyEvent.objects.exists()
    assert not UnsettledLine.objects.exists()


@pytest.mark.parametrize("name", DATED)
def test_a_day_before_the_order_is_a_difference_of_clocks(sold, name):
    assert DATED[name](sold, MOMENT - DAY).status in {"created", "updated"}


@pytest.mark.parametrize("name", DATED)
def test_a_kept_event_dated_before_its_order_stays_until_a_version_allows_it(
    shop, name
):
    assert DATED[name](shop, MOMENT - 2 * DAY).status == "kept"

    orders.record(shop, order_facts("1001", 1, 4000), at=NOW)

    assert EarlyEvent.objects.get().refusal == "before_order"
    order = Order.objects.get()
    assert (order.status, order.delivered_at, refunded()) == ("paid", None, 0)

    earlier = order_facts("1001", 2, 4000, placed_at=MOMENT - 2 * DAY)
    orders.record(shop, earlier, at=NOW)

    assert not EarlyEvent.objects.exists()


@pytest.mark.parametrize("name", DATED)
def test_an_event_that_is_known_stays_so_when_the_order_is_dated_later(sold, name):
    DATED[name](sold, MOMENT)
    later = order_facts("1001", 2, 4000, placed_at=MOMENT + 9 * DAY)
    orders.record(sold, later, at=NOW)

    assert DATED[name](sold, MOMENT).status == "unchanged"


# ------------------------------------------------------- before their order


def test_events_before_their_order_are_kept_and_applied_when_it_comes(shop):
    assert refund(shop, refund_facts("r1", 1000)) == "kept"
    assert orders.cancel(shop, "1001", NOW, at=NOW).status == "kept"
    assert orders.deliver(shop, "1001", NOW - DAY).status == "kept"
    assert not Order.objects.exists()

    _order, outcome = orders.record(shop, order_facts("1001", 1, 4000), at=NOW)

    order = Order.objects.get()
    assert outcome.status == "created"
    assert (order.status, order.cancelled_at) == ("cancelled", NOW)
    assert (order.delivered_at, refunded()) == (NOW - DAY, 1000)
    assert not EarlyEvent.objects.exists()


def test_an_event_kept_twice_is_kept_once(shop):
    for _again in range(2):
        assert refund(shop, refund_facts("r1", 1000)) == "kept"
        assert orders.cancel(shop, "1001", NOW).status == "kept"

    assert EarlyEvent.objects.count() == 2


def test_a_kept_refund_with_other_amounts_is_a_conflict(shop):
    refund(shop, refund_facts("r1", 1000))

    with pytest.raises(orders.RefundConflict):
        refund(shop, refund_facts("r1", 1001))


def test_a_kept_refund_of_units_is_shared_when_the_order_comes(shop):
    refund(shop, units("r1", 1))

    bring(shop, order_facts("1001", 1, 4000))

    assert refunded() == 2000


def test_a_kept_refund_that_its_order_refuses_stays_with_the_reason(shop):
    refund(shop, refund_facts("r1", 4001))

    orders.record(shop, order_facts("1001", 1, 4000), at=NOW)

    kept = EarlyEvent.objects.get()
    assert kept.refusal == "refund_exceeds_paid"
    assert refunded() == 0


def test_what_its_order_refused_is_tried_again_with_the_next_version(shop):
    refund(shop, refund_facts("r1", 4001))
    orders.record(shop, order_facts("1001", 1, 4000), at=NOW)

    orders.record(shop, order_facts("1001", 2, 5000), at=NOW)

    assert refunded() == 4001
    assert not EarlyEvent.objects.exists()


def test_a_refused_refund_is_kept_where_nobody_reads_the_refusal(sold):
    events = [("1001", refund_facts("r1", 4001))]

    (said,) = orders.apply_many(sold, events, at=NOW, keep_refused=True)

    assert said.code == "refund_exceeds_paid"
    assert EarlyEvent.objects.get().refusal
    orders.record(sold, order_facts("1001", 2, 5000), at=NOW)
    assert refunded() == 4001


def test_a_refused_refund_that_was_accepted_since_is_forgotten(sold):
    too_much = refund_facts("r1", 4000)
    refund(sold, refund_facts("r0", 1))
    orders.apply_many(sold, [("1001", too_much)], at=NOW, keep_refused=True)
    RefundLine.objects.all().delete()
    Refund.objects.all().delete()
    OrderLine.objects.update(refunded_cents=0)

    assert refund(sold, too_much) == "created"
    assert not EarlyEvent.objects.exists()


def test_events_of_another_shop_do_not_reach_the_order(sold):
    other = ShopFactory()

    assert refund(other, refund_facts("r1", 1000)) == "kept"
    assert orders.cancel(other, "1001", NOW).status == "kept"
    assert (Order.objects.get().status, refunded()) == ("paid", 0)
