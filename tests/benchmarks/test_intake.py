"""Orders a second by the product's verb, against COPY and one statement.

`-m benchmark -s` prints a table, for orders without what follows them.
Rounds alternate, so that a busy machine is busy for both.
"""

from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import connection, transaction

from shops import orders
from tests.benchmarks import bare, intake_by_hand, market, measuring
from tests.benchmarks.measuring import Taken, Way, measured

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
CREATORS, ROUNDS, ORDERS, SINGLE_ORDERS = 1_000, 3, 10_000, 300
# Of the limit, by the size of a batch; they are for a person to read.
TARGETS = {10_000: 0.5, 1_000: 0.5, 100: 0.5}
# What is left when the machine has a bad day; the targets are for a person to read.
FLOOR = 0.1

_KEPT = """
select count(*), sum(net_cents), sum(quantity), count(product_id),
       (select count(*) from {0}.shops_order),
       (select count(*) from {0}.shops_unsettledline)
  from {0}.shops_orderline
"""


def kept(schema):
    with connection.cursor() as cursor:
        cursor.execute(_KEPT.format(schema))
        return cursor.fetchone()


def in_batches(take, facts, size):
    for start in range(0, len(facts), size):
        take(facts[start : start + size])


def one_by_one(shop, facts):
    for each in facts:
        orders.record(shop, each, at=NOW)


@transaction.atomic
def copied(shop, facts):
    intake_by_hand.by_copy(shop.pk, facts, at=NOW)


@transaction.atomic
def in_json(shop, facts):
    intake_by_hand.by_json(shop.pk, facts, at=NOW)


def in_turns(source, ours, limit, size, count):
    """Return what the two took for the same orders, in batches of one size."""
    took = Taken(), Taken()
    for _ in range(ROUNDS):
        facts = [next(source) for _ in range(count)]
        for way, taken in zip((ours, limit), took, strict=True):
            with measured() as now:
                in_batches(way, facts, size)
            taken += now
    return took


def test_batches_keep_their_share_of_copy_and_one_statement():
    place = market.build(CREATORS)
    source = market.orders(place, 10**9)
    ours = partial(orders.record_many, place.shop, at=NOW)
    shares = {}
    with bare.copies(*intake_by_hand.TABLES):
        with connection.cursor() as cursor:
            cursor.execute(intake_by_hand.STAGING)
        measuring.heading("orders")
        for size, target in TARGETS.items():
            limit = partial(copied, place.shop)
            took = in_turns(source, ours, limit, size, ORDERS)
            done = ROUNDS * ORDERS
            by_hand = Way(f"limit: COPY, one statement, {size:,}", done, took[1])
            measuring.show(by_hand)
            way = Way(f"record_many, batches of {size:,}", done, took[0])
            shares[size] = measuring.show(way, by_hand, target)
        took = in_turns(
            source,
            partial(one_by_one, place.shop),
            partial(in_json, place.shop),
            1,
            SINGLE_ORDERS,
        )
        done = ROUNDS * SINGLE_ORDERS
        by_hand = Way("limit: one statement, one order", done, took[1])
        measuring.show(by_hand)
        measuring.show(Way("record, one order", done, took[0]), by_hand)
        assert kept("public") == kept("bare")
    assert min(shares.values()) > FLOOR
