"""Verdicts and commissions a second, against the same by hand on bare tables.

`-m benchmark -s` prints a table, from the queued line to the balanced
entry. Both settle the same lines, and have to come to the same end.
"""

from datetime import UTC, datetime

import pytest
from django.db import connection

from creators import attribution
from payouts import commissions
from shops import orders
from tests.benchmarks import bare, market, measuring, settling_by_hand
from tests.benchmarks.measuring import Taken, Way, measured

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 12, 20, 8, 0, tzinfo=UTC)
# A round is one batch, as large as a sweep takes.
CREATORS, ROUNDS, ORDERS, LINES = 1_000, 2, 10_000, 20_000
TARGET = 0.5
# What is left when the machine has a bad day; the target is for a person to read.
FLOOR = 0.1

_VERDICTS = """
select line_id, state, reason, creator_id, link_id, code_id from {0}.creators_verdict
"""
_COMMISSIONS = """
select line_id, creator_id, rate_id, boost_id, amount_cents, payable_on
  from {0}.payouts_commission
"""
_OWED = """
select a.kind, a.creator_id, a.shop_id, a.currency, sum(l.amount_cents)
  from {0}.payouts_ledgerleg l join {0}.payouts_ledgeraccount a on a.id = l.account_id
 group by 1, 2, 3, 4
"""
_EITHER_ONLY = """
select count(*) from (({ours} except {limit}) union all ({limit} except {ours})) x
"""
_SUM = """
select (select count(*) from {0}.creators_verdict), count(*), sum(amount_cents)
  from {0}.payouts_commission
"""


def rows(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def differences(statement):
    ours, limit = statement.format("public"), statement.format("bare")
    ((count,),) = rows(_EITHER_ONLY.format(ours=ours, limit=limit))
    return count


@pytest.fixture
def waiting():
    """Return who leaves so many orders' lines to be settled, for both to settle."""
    place = market.build(CREATORS)
    source = market.orders(place, 10**9)

    def wait(count):
        facts = [next(source) for _ in range(count)]
        market.keep_clicks(facts)
        orders.record_many(place.shop, facts, at=NOW)
        with connection.cursor() as cursor:
            cursor.execute(settling_by_hand.QUEUE)

    with bare.copies(*settling_by_hand.TABLES):
        with connection.cursor() as cursor:
            cursor.execute(settling_by_hand.OPEN_ACCOUNTS)
        yield wait


def in_turns(wait):
    """Return what verdicts, commissions, and both by hand took."""
    took = Taken(), Taken(), Taken()
    ways = (
        lambda: attribution.settle(at=NOW, limit=LINES),
        lambda: commissions.accrue(at=NOW, limit=LINES),
        lambda: settling_by_hand.settle(at=NOW, limit=LINES),
    )
    for _ in range(ROUNDS):
        wait(ORDERS)
        for way, taken in zip(ways, took, strict=True):
            with measured() as now:
                assert way()
            taken += now
    return took


@pytest.mark.parametrize("knows", ["nothing", "its tables"])
def test_settling_keeps_its_share_of_the_same_by_hand(waiting, knows):
    in_turns(waiting)
    if knows == "its tables":
        rows("analyze")
    verdicts, earned, limit = in_turns(waiting)
    both = Taken()
    both += verdicts
    both += earned
    done = ROUNDS * LINES
    measuring.heading("lines")
    print(f"(the planner knows {knows})")
    by_hand = Way("limit: by hand, bare tables", done, limit)
    measuring.show(by_hand)
    share = measuring.show(Way("settle and accrue", done, both), by_hand, TARGET)
    measuring.show(Way("  of which settle", done, verdicts))
    measuring.show(Way("  of which accrue", done, earned))
    settled = rows(_SUM.format("public"))
    print("verdicts {:,}, commissions {:,}, of {:,} cents".format(*settled[0]))
    assert settled == rows(_SUM.format("bare"))
    assert differences(_VERDICTS) == 0
    assert differences(_COMMISSIONS) == 0
    assert differences(_OWED) == 0
    assert share > FLOOR
