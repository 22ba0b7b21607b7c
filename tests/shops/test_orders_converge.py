"""Invariant I4 and rule A7: however often, in whatever order, at once: one result."""

import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import permutations

import pytest
from django.db import connection, transaction

from shops import orders
from shops.models import EarlyEvent, Order, OrderLine, Shop, UnsettledLine
from tests.common.racing import race
from tests.factories.shops import MOMENT, ShopFactory
from tests.shops.building import NOW, order_facts, refund_facts, state

DAY = timedelta(days=1)


def brings(shop: Shop, **fields):
    return orders.record_many(shop, [order_facts("1001", **fields)], at=NOW)


def back(shop: Shop, *facts: orders.RefundFacts):
    return orders.refund_many(shop, [("1001", each) for each in facts], at=NOW)


def lines(*nets: int):
    return tuple(
        orders.LineFacts(str(i), "SERUM-30", 3, net) for i, net in enumerate(nets, 1)
    )


# What a shop may say of one order. The first version is dearer than the second, one
# refund names cents and the other units, and a line leaves with the second version.
PENDING = partial(brings, version=1, status="pending", lines=lines(4000, 100, 70))
PAID = partial(brings, version=2, lines=lines(3001, 100))
CENTS = partial(lambda shop: back(shop, refund_facts("a", 1000, 100)))
UNITS = partial(
    lambda shop: back(
        shop,
        orders.RefundFacts("b", MOMENT, (orders.RefundLineFacts("1", quantity=1),)),
    )
)
CANCEL = partial(lambda shop: orders.cancel(shop, "1001", NOW))
PARCEL = partial(lambda shop: orders.deliver(shop, "1001", NOW - DAY))
FACTS = (PENDING, PAID, CENTS, UNITS, CANCEL, PARCEL)


def shuffled(values: Iterable, seed: int) -> list:
    mixed = list(values)
    random.Random(seed).shuffle(mixed)  # noqa: S311  no secret: a test's order
    return mixed


def state_after(facts: Iterable) -> dict:
    shop = ShopFactory()
    for say in facts:
        say(shop)
    return state(shop)


@pytest.mark.slow
@pytest.mark.django_db
def test_six_facts_in_every_order_leave_one_state():
    expected = state_after(FACTS)

    different = [turn for turn in permutations(FACTS) if state_after(turn) != expected]

    assert not different
    assert expected["orders"][0][5] == "cancelled"
    assert [line[-1] for line in expected["lines"]] == [2000, 100]
    assert expected["early"] == []


def too_early(event: orders.Event):
    """Bring an event dated before the order, from where nobody reads a refusal."""
    return partial(
        lambda shop: orders.apply_many(
            shop, [("1001", event)], at=NOW, keep_refused=True
        )
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (refund_facts("c", 10, refunded_at=MOMENT - 2 * DAY), "refund"),
        (orders.CancelFacts(MOMENT - 2 * DAY), "cancel"),
        (orders.DeliveryFacts(MOMENT - 2 * DAY), "delivery"),
    ],
)
def test_an_event_dated_before_its_order_waits_whenever_it_comes(event, kind):
    facts = (PENDING, PAID, PARCEL, too_early(event))
    expected = state_after(facts)

    different = [turn for turn in permutations(facts) if state_after(turn) != expected]

    assert not different
    assert [early[1] for early in expected["early"]] == [kind]
    assert expected["orders"][0][5] == "paid"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "facts",
    [
        (PENDING, PENDING, PAID, PAID, CENTS, CENTS),
        (PAID, PAID, UNITS, UNITS, CANCEL, CANCEL),
        (PENDING, PAID, PARCEL, PARCEL, UNITS, CENTS),
    ],
)
def test_duplicates_in_every_order_change_nothing(facts):
    expected = state_after(dict.fromkeys(facts))

    different = [
        turn for turn in set(permutations(facts)) if state_after(turn) != expected
    ]

    assert not different


# ------------------------------------------------------------------ at once


def sixty_at_once(shop: Shop) -> list:
    outcomes = race([partial(brings, shop, version=1)] * 60)
    broken = [each for each in outcomes if isinstance(each, Exception)]
    assert not broken, broken[0]
    assert (
        sorted(said.status for (said,) in outcomes) == ["created"] + ["unchanged"] * 59
    )
    assert Order.objects.filter(shop=shop).count() == 1
    assert OrderLine.objects.filter(shop=shop).count() == 1
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_sixty_who_bring_one_order_at_once_leave_one():
    sixty_at_once(ShopFactory())


@pytest.mark.django_db(transaction=True)
def test_without_the_unique_constraint_sixty_do_not_leave_one():
    """The negative control: the test above rests on this constraint."""
    shop = ShopFactory()
    name = "order_is_known_once_per_shop"
    with connection.cursor() as cursor:
        cursor.execute(f"alter table shops_order drop constraint {name}")
    try:
        with pytest.raises(AssertionError):
            sixty_at_once(shop)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                f"alter table shops_order add constraint {name} "
                "unique (shop_id, external_id)"
            )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(5))
def test_sixty_facts_of_one_order_at_once_leave_one_state(seed):
    shop = ShopFactory()

    outcomes = race([partial(say, shop) for say in shuffled(FACTS * 10, seed)])

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert state(shop) == state_after(FACTS)
    waiting = set(UnsettledLine.objects.values_list("line__order__shop", flat=True))
    assert shop.pk in waiting


@pytest.mark.django_db(transaction=True)
def test_batches_in_opposite_order_do_not_wait_in_a_circle():
    shop = ShopFactory()
    numbers = [f"{i:03}" for i in range(40)]
    orders.record_many(shop, [order_facts(n) for n in numbers[::2]], at=NOW)

    def bring(turn: int) -> None:
        batch = [order_facts(n, 2 + turn, 100 + turn) for n in numbers]
        orders.record_many(shop, shuffled(batch, turn), at=NOW)
        events = [(n, refund_facts(f"r{turn}", 1)) for n in numbers]
        orders.refund_many(shop, shuffled(events, -turn), at=NOW)

    outcomes = race([partial(bring, turn) for turn in range(8)])

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    last = Order.objects.filter(shop=shop).values_list("version", flat=True)
    assert list(last) == [9] * 40
    refunded = OrderLine.objects.filter(shop=shop).values_list(
        "refunded_cents", flat=True
    )
    assert list(refunded) == [8] * 40


def meanwhile(first, second) -> None:
    """Run `second` on another connection while `first` is done but not committed."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            other = pool.submit(race, [second])
            with pytest.raises(TimeoutError):
                other.result(timeout=0.3)  # it waits for our commit
        (said,) = other.result(timeout=20)
    assert not isinstance(said, Exception), said


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_order_first", [True, False])
def test_an_event_never_misses_the_order_that_comes_at_that_moment(is_order_first):
    shop = ShopFactory()
    bring, give_back = partial(PAID, shop), partial(CENTS, shop)

    if is_order_first:
        meanwhile(bring, give_back)
    else:
        meanwhile(give_back, bring)

    assert not EarlyEvent.objects.exists()
    assert OrderLine.objects.get(external_id="1").refunded_cents == 1000


@pytest.mark.django_db(transaction=True)
def test_a_worker_never_settles_facts_that_have_changed_since():
    """A line that waits already is held until the change commits.

    With `do nothing` in its place the worker would take the old row while the change is
    on its way, read the facts as they were, and nobody would look again.
    """
    shop = ShopFactory()
    orders.record(shop, order_facts("1001", 1, 4000), at=NOW)
    settled: list[int] = []

    def settle() -> None:
        with transaction.atomic():
            waiting = list(
                UnsettledLine.objects.select_for_update(skip_locked=True).values_list(
                    "pk", flat=True
                )
            )
            settled.extend(
                OrderLine.objects.filter(pk__in=waiting).values_list(
                    "net_cents", flat=True
                )
            )
            UnsettledLine.objects.filter(pk__in=waiting).delete()

    with transaction.atomic():
        orders.record(shop, order_facts("1001", 2, 3000), at=NOW)
        (said,) = race([settle])
        assert said is None
    race([settle])

    assert settled[-1:] == [3000]


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_fails_midway_leaves_nothing(monkeypatch):
    shop = ShopFactory()
    monkeypatch.setattr(
        "shops.orders.early.queue", lambda *_: (_ for _ in ()).throw(RuntimeError)
    )

    with pytest.raises(RuntimeError):
        orders.record_many(shop, [order_facts("1"), order_facts("2")], at=NOW)

    assert not Order.objects.exists()
    assert not UnsettledLine.objects.exists()
