"""Where amounts and moments are at their edges: currencies, cents, clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shops import boosts
from shops.models import Boost, Budget
from tests.factories.shops import BoostFactory, BudgetFactory, RateFactory
from tests.payouts.earning import (
    PLACED,
    amounts,
    earn,
    enrolled,
    program,
    rows,
    sell,
    sweep,
)

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
TICK = timedelta(microseconds=1)


# The yen has no minor unit, the dinar three decimals: 1000 is 1000 yen, or 1.000 dinar.
@pytest.mark.parametrize(
    ("currency", "base", "rate_bp", "earned"),
    [
        ("JPY", 1000, 290, 29),
        ("JPY", 15, 290, 0),  # 0.435 yen
        ("JPY", 18, 290, 1),  # 0.522 yen
        ("KWD", 1000, 290, 29),  # 0.029 dinar
        ("KWD", 1, 5000, 1),  # 0.0005 dinar
        ("EUR", 99, 1000, 10),  # 0.099 euro
        ("EUR", 99, 4999, 49),
        ("EUR", 1, 8000, 1),
        ("EUR", 1, 4999, 0),
    ],
)
def test_m1_m3_minor_units_are_those_of_the_currency(currency, base, rate_bp, earned):
    lea = enrolled(program(rate_bp=rate_bp, currency=currency))

    sale = earn(lea, base, currency=currency)

    assert (sale.currency, sale.amount_cents) == (currency, earned)


def test_m6_two_currencies_of_one_program_are_two_sums_and_nothing_is_converted():
    lea = enrolled(program(rate_bp=1000, currency="EUR"))

    euros, dollars = earn(lea, 4000), earn(lea, 4000, currency="USD")

    assert (euros.currency, dollars.currency) == ("EUR", "USD")
    assert amounts(euros, dollars) == [400, 400]


# In Paris 2026-03-29 has 23 hours and 2026-10-25 has 25.
@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25)])
def test_b1_a_boost_of_a_day_in_paris_lasts_as_long_as_that_day(month, day, hours):
    starts_at = datetime(2026, month, day, tzinfo=PARIS)
    ends_at = datetime(2026, month, day + 1, tzinfo=PARIS)
    lea = enrolled(program(rate_bp=1000))
    BoostFactory(program=lea.program, starts_at=starts_at, ends_at=ends_at)
    first, last = starts_at.astimezone(UTC), ends_at.astimezone(UTC)

    placed = [first - TICK, first, last - TICK, last]
    sales = [earn(lea, 1000, placed_at=at) for at in placed]

    assert amounts(*sales) == [100, 200, 200, 100]
    assert last - first == timedelta(hours=hours)


def test_r4_the_hour_that_paris_has_twice_is_two_hours():
    lea = enrolled(program(rate_bp=1000))
    # 02:30 summer time, and 02:30 winter time an hour later.
    twice = datetime(2026, 10, 25, 2, 30, tzinfo=PARIS)
    RateFactory(program=lea.program, rate_bp=2000, starts_at=twice.replace(fold=1))

    early, late = twice.astimezone(UTC), twice.replace(fold=1).astimezone(UTC)
    sales = [earn(lea, 1000, placed_at=at) for at in (early, late - TICK, late)]

    assert late - early == timedelta(hours=1)
    assert amounts(*sales) == [100, 100, 200]


# ------------------------------------------------------------------ boosts that overlap


def test_b2_of_overlapping_boosts_each_moment_has_the_best_alone():
    lea = enrolled(program(rate_bp=1000))
    hour = timedelta(hours=1)
    BoostFactory(
        program=lea.program,
        multiplier_pct=200,
        starts_at=PLACED,
        ends_at=PLACED + 3 * hour,
    )
    BoostFactory(
        program=lea.program,
        multiplier_pct=300,
        starts_at=PLACED + hour,
        ends_at=PLACED + 2 * hour,
    )

    moments = [PLACED - TICK, *(PLACED + each * hour for each in range(4))]
    sales = [earn(lea, 1000, placed_at=at) for at in moments]

    assert amounts(*sales) == [100, 200, 300, 200, 100]


def test_b3_a_boost_ended_early_holds_until_that_moment_and_no_longer():
    lea = enrolled(program(rate_bp=1000))
    boost = BoostFactory(
        program=lea.program, starts_at=PLACED, ends_at=PLACED + timedelta(days=7)
    )
    early = PLACED + timedelta(days=1)
    boosts.end(boost, early, at=PLACED + timedelta(hours=1))

    sales = [earn(lea, 1000, placed_at=at) for at in (early - TICK, early)]

    assert amounts(*sales) == [200, 100]


def test_b3_what_was_sold_before_a_boost_was_extended_stays():
    lea = enrolled(program(rate_bp=1000))
    ends_at = PLACED + timedelta(hours=1)
    boost = BoostFactory(program=lea.program, starts_at=PLACED, ends_at=ends_at)
    late = earn(lea, 1000, placed_at=ends_at)
    boosts.end(boost, ends_at + timedelta(days=1), at=PLACED)

    sweep()

    assert rows(late.line) == [("sale", "pending", 100)]
    assert earn(lea, 1000, placed_at=ends_at).amount_cents == 200


def test_b4_a_boost_out_of_budget_is_over_for_orders_placed_later_too():
    lea = enrolled(program(rate_bp=1000))
    boost = BoostFactory(
        program=lea.program, starts_at=PLACED, ends_at=PLACED + timedelta(days=365)
    )
    BudgetFactory(program=lea.program, boost=boost, amount_cents=100)
    earn(lea, 1000)
    closed_at = Boost.objects.get().ends_at

    sales = [earn(lea, 1000, placed_at=at) for at in (closed_at - TICK, closed_at)]

    assert amounts(*sales) == [100, 100]
    assert "lost_boosts" in sales[0].snapshot
    assert "lost_boosts" not in sales[1].snapshot


def test_r7_b2_the_cap_holds_for_rate_boost_and_budget_together():
    lea = enrolled(program(rate_bp=5000, cap_bp=6000))
    boost = BoostFactory(program=lea.program, multiplier_pct=200)
    BudgetFactory(program=lea.program, boost=boost, amount_cents=10_000)
    line = sell(lea, 999)
    sweep()

    # 60 % of 9.99 is 5.994, of which 50 % (4.995) is the rate's own.
    assert rows(line) == [("sale", "pending", 599)]
    assert Budget.objects.get().spent_cents == 99
