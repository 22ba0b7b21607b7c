"""`orders.record` and `record_many`: versions, conflicts, lines, batches."""

import pytest

from shops import orders
from shops.models import Order, OrderLine, UnsettledLine
from tests.factories.shops import OrderFactory, ProductFactory, ShopFactory
from tests.shops.building import NOW, order_facts, refund_facts, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return ShopFactory()


def statuses(outcomes):
    return [outcome.code or outcome.status for outcome in outcomes]


def record(shop, *facts):
    return statuses(orders.record_many(shop, facts, at=NOW))


def settle():
    """Do what the floor above does with what was left for it."""
    UnsettledLine.objects.all().delete()


def nets(shop):
    lines = OrderLine.objects.filter(shop=shop).order_by("external_id")
    return dict(lines.values_list("external_id", "net_cents"))


def test_a_new_order_is_kept_with_its_lines_and_left_to_the_floor_above(shop):
    order, outcome = orders.record(shop, order_facts("1001", 1, 4000, 500), at=NOW)

    assert outcome == orders.Outcome("1001", "created")
    assert (order.version, order.status, order.received_at) == (1, "paid", NOW)
    assert nets(shop) == {"1": 4000, "2": 500}
    assert UnsettledLine.objects.count() == 2


def test_the_same_order_again_changes_nothing(shop):
    record(shop, order_facts())
    settle()

    assert record(shop, order_facts()) == ["unchanged"]
    assert not UnsettledLine.objects.exists()


def test_a_newer_version_replaces_what_the_order_says(shop):
    record(shop, order_facts("1001", 1, 4000, status="pending", codes=("A",)))
    settle()

    newer = order_facts("1001", 2, 3000, 200, status="paid", codes=("B",))
    assert record(shop, newer) == ["updated"]

    order = Order.objects.get()
    assert (order.version, order.status, order.codes) == (2, "paid", ["B"])
    assert nets(shop) == {"1": 3000, "2": 200}
    assert UnsettledLine.objects.count() == 2


def test_an_older_version_changes_nothing(shop):
    record(shop, order_facts("1001", 2, 4000))
    settle()

    assert record(shop, order_facts("1001", 1, 100)) == ["unchanged"]
    assert nets(shop) == {"1": 4000}
    assert not UnsettledLine.objects.exists()


def test_the_same_version_with_other_content_is_refused(shop):
    record(shop, order_facts("1001", 1, 4000))
    settle()

    with pytest.raises(orders.OrderConflict) as refused:
        orders.record(shop, order_facts("1001", 1, 4001), at=NOW)

    assert list(refused.value.errors) == ["version"]
    assert nets(shop) == {"1": 4000}
    assert not UnsettledLine.objects.exists()


def test_lines_in_another_order_are_the_same_content(shop):
    facts = order_facts("1001", 1, 4000, 500)
    record(shop, facts)

    turned = order_facts("1001", 1, lines=facts.lines[::-1])

    assert record(shop, turned) == ["unchanged"]


def test_a_newer_version_cannot_change_the_currency(shop):
    record(shop, order_facts("1001", 1))

    with pytest.raises(orders.CurrencyChanged):
        orders.record(shop, order_facts("1001", 2, currency="USD"), at=NOW)

    assert Order.objects.get().currency == "EUR"


def test_a_line_missing_from_a_newer_version_is_worth_nothing(shop):
    record(shop, order_facts("1001", 1, 4000, 500))
    settle()

    record(shop, order_facts("1001", 2, 4000))

    assert nets(shop) == {"1": 4000, "2": 0}
    assert UnsettledLine.objects.count() == 2


def test_a_line_cannot_fall_below_what_was_refunded(shop):
    record(shop, order_facts("1001", 1, 4000))
    orders.refund(shop, "1001", refund_facts("r1", 1000), at=NOW)

    with pytest.raises(orders.BelowRefunded) as refused:
        orders.record(shop, order_facts("1001", 2, 999), at=NOW)

    assert list(refused.value.errors) == ["lines[0].net_cents"]
    assert (Order.objects.get().version, nets(shop)) == (1, {"1": 4000})


def test_a_line_may_fall_to_exactly_what_was_refunded(shop):
    record(shop, order_facts("1001", 1, 4000))
    orders.refund(shop, "1001", refund_facts("r1", 1000), at=NOW)

    assert record(shop, order_facts("1001", 2, 1000)) == ["updated"]


def test_a_refunded_line_cannot_vanish(shop):
    record(shop, order_facts("1001", 1, 4000, 500))
    orders.refund(shop, "1001", refund_facts("r1", 0, 1), at=NOW)

    assert record(shop, order_facts("1001", 2, 4000)) == ["below_refunded"]
    assert nets(shop) == {"1": 4000, "2": 500}


def test_a_cancelled_order_stays_cancelled_whatever_later_versions_say(shop):
    record(shop, order_facts("1001", 1, status="pending"))
    orders.cancel(shop, "1001", NOW)

    record(shop, order_facts("1001", 2, status="paid"))

    order = Order.objects.get()
    assert (order.status, order.version, order.cancelled_at) == ("cancelled", 2, NOW)


def test_a_version_that_says_cancelled_gives_way_to_a_newer_one(shop):
    record(shop, order_facts("1001", 1, status="cancelled"))
    record(shop, order_facts("1001", 2, status="paid"))

    assert Order.objects.get().status == "paid"


def test_products_are_known_by_the_sku_of_their_own_shop(shop):
    ProductFactory(sku="SERUM-30")
    record(shop, order_facts("1001"))
    own = ProductFactory(sku="SERUM-30", shop=shop)
    record(shop, order_facts("1002"))

    lines = OrderLine.objects.order_by("order__external_id")
    assert list(lines.values_list("product", flat=True)) == [None, own.pk]


def test_two_shops_may_use_the_same_number(shop):
    other = ShopFactory()
    record(shop, order_facts("1001", 1, 4000))

    assert record(other, order_facts("1001", 1, 10)) == ["created"]
    assert (nets(shop), nets(other)) == ({"1": 4000}, {"1": 10})


def test_a_bad_order_never_stops_the_others(shop):
    record(shop, order_facts("1001", 1, 4000))

    said = orders.record_many(
        shop,
        [order_facts("1002"), order_facts("1001", 1, 1), order_facts("1000")],
        at=NOW,
    )

    assert [(o.external_id, o.code or o.status) for o in said] == [
        ("1002", "created"),
        ("1001", "order_conflict"),
        ("1000", "created"),
    ]


def test_versions_in_one_batch_end_as_if_sent_one_after_the_other(shop):
    said = record(
        shop,
        order_facts("1001", 2, 200),
        order_facts("1001", 1, 100),
        order_facts("1001", 3, 300),
        order_facts("1001", 3, 301),
        order_facts("1001", 2, 200),
        order_facts("1001", 3, 301),
    )

    assert said == [
        "created",
        "unchanged",
        "updated",
        "order_conflict",
        "unchanged",
        "order_conflict",
    ]
    assert nets(shop) == {"1": 300}


def test_no_orders_are_no_outcomes(shop):
    assert orders.record_many(shop, [], at=NOW) == []


def mixed_batch(count):
    """Return new orders, repeats, newer and older versions and conflicts, mingled."""
    batch = []
    for i in range(count):
        number = f"{(i * 7919) % count:05}"
        batch.append(order_facts(number, 2, 1000 + i, 5, codes=(f"C{i}",)))
    return [
        *batch,
        batch[0],
        order_facts(batch[1].external_id, 1, 1),
        order_facts(batch[2].external_id, 3, 7),
        order_facts(batch[3].external_id, 2, 9),
        order_facts(batch[4].external_id, 3, 8, currency="USD"),
    ]


@pytest.mark.parametrize("count", [20, 501])
def test_a_batch_leaves_what_its_orders_leave_one_by_one(shop, count):
    alone = ShopFactory()
    batch = mixed_batch(count)

    together = record(shop, *batch)
    one_by_one = [record(alone, facts)[0] for facts in batch]

    assert together == one_by_one
    assert state(shop) == state(alone)
    lines = OrderLine.objects.filter(shop=shop).values_list("pk", flat=True)
    assert set(UnsettledLine.objects.values_list("pk", flat=True)) >= set(lines)


def test_a_batch_takes_as_many_queries_for_300_orders_as_for_3(
    shop, django_assert_max_num_queries
):
    for count in (3, 300):
        batch = [order_facts(f"{count}-{i}") for i in range(count)]
        with django_assert_max_num_queries(4):  # two of them are the savepoint
            record(shop, *batch)


def test_lines_keep_the_order_of_the_order(shop):
    record(shop, order_facts("1001", 1, *range(100, 160)))

    lines = OrderLine.objects.order_by("pk").values_list("external_id", flat=True)
    assert list(lines) == [str(i) for i in range(1, 61)]


def test_a_newer_version_keeps_the_moment_of_the_first_arrival(shop):
    OrderFactory(shop=shop, external_id="1001", version=1)
    first = Order.objects.get().received_at

    record(shop, order_facts("1001", 2))

    assert Order.objects.get().received_at == first
