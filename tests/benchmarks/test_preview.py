"""What a preview of a term takes, against bare pricing and against earning the same.

`-m benchmark -s` prints a table: lines that are settled and accrued, priced once by
the statement alone, and previewed by a rate and by a boost for everyone.
"""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from creators import attribution
from payouts import commissions, previews
from payouts.commissions import pricing, sql
from shops import boosts, orders, rates
from tests.benchmarks import market, measuring
from tests.benchmarks.measuring import Way, measured

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]

CREATORS, ORDERS, LINES = 1_000, 150_000, 200_000
BATCH = 20_000
NOW = market.FIRST_ORDER + timedelta(days=29)
# What is left when the machine has a bad day; the figures are for a person to read.
MOST_S = 60

_TAKE = """
insert into accruing_taken
select line_id from creators_verdict where state = 'attributed' limit %s
"""
_DONE = "select count(*) from creators_verdict where state = 'attributed'"


def record(place):
    source = market.orders(place, 10**9)
    for start in range(0, ORDERS, BATCH):
        facts = [next(source) for _ in range(min(BATCH, ORDERS - start))]
        market.keep_clicks(facts)
        orders.record_many(place.shop, facts, at=NOW)


def earn():
    while attribution.settle(at=NOW).lines:
        pass
    while commissions.accrue(at=NOW).verdicts:
        pass


def price():
    """Return what it takes to price as many lines, by the statement alone."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (*sql.STAGING, *pricing.STAGING):
            cursor.execute(statement)
        cursor.execute(_TAKE, [LINES])
        cursor.execute(sql.READ)
        cursor.execute("update accruing set is_sold = false")
        cursor.execute(sql.ANALYZE)
        with measured() as taken:
            cursor.execute(pricing.PRICE)
        transaction.set_rollback(True)
    return taken


def terms(place):
    week = {"starts_at": NOW + timedelta(days=1), "ends_at": NOW + timedelta(days=8)}
    boost = {"name": "Launch", "multiplier_pct": 200, **week, "at": NOW}
    product = place.products[0]
    return {
        "a rate for all": lambda: rates.add(place.program, rate_bp=900, at=NOW),
        "a boost for all": lambda: boosts.add(place.program, **boost),
        "a rate with a cap for all": lambda: rates.add(
            place.program,
            rate_bp=900,
            most_sales=5,
            most_sales_per="month",
            at=NOW,
        ),
        "a boost with a budget": lambda: boosts.add(
            place.program, budget_cents=10_000_00, **boost
        ),
        "a rate for one product": lambda: rates.add(
            place.program, rate_bp=900, product=product, at=NOW
        ),
    }


def test_a_preview_answers_in_a_moment():
    place = market.build(CREATORS)
    record(place)
    with measured() as earned:
        earn()
    with connection.cursor() as cursor:
        cursor.execute("analyze")
        cursor.execute(_DONE)
        (done,) = cursor.fetchone()
    measuring.heading("lines")
    settled = Way("limit: settled and accrued", done, earned)
    measuring.show(settled)
    measuring.show(Way("PRICE, once", LINES, price()), settled)
    for name, make in terms(place).items():
        with measured() as taken:
            found = previews.of(make, at=NOW)
        measuring.show(Way(f"preview of {name}", found.lines, taken), settled)
        print(f"    {taken.wall_s:.2f} s, {found.lines:,} lines of {found.days} days")
        assert found.costs[0].difference_cents
        assert taken.wall_s < MOST_S
