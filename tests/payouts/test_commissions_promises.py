"""An increase holds at once, a decrease after the program's notice (R6)."""

from datetime import UTC, datetime, timedelta

import pytest

from payouts.models import Commission
from shops import rates
from shops.models import ProgramStatus
from tests.factories.creators import GroupMemberFactory
from tests.factories.shops import (
    AudienceFactory,
    BoostFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
)
from tests.payouts.earning import earn, enrolled, program, refund, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]

# Thirty days, to the second.
SAID = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
BINDS = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
SOON, LATE = SAID + DAY, BINDS + DAY


def bp(enrollment, at, **facts):
    """Return the rate that an order of 100.00 placed at `at` has."""
    sale = earn(enrollment, 10_000, placed_at=at, at=at + DAY, **facts)
    return sale.rate_bp


def change(of, rate_bp, *, at=SAID, **terms):
    """Give everyone another rate from this moment on, as one announcement."""
    for rate in of.rates.filter(audience=None, ends_at=None):
        rates.end(rate, at, at=at)
    return rates.add(of, rate_bp=rate_bp, starts_at=at, at=at, **terms)


@pytest.fixture
def lea():
    """Enrolled since January at 12 % for everyone; the program's own rate is 5 %."""
    lea = enrolled(program(rate_bp=500))
    RateFactory(program=lea.program, rate_bp=1200)
    return lea


# ---------------------------------------------------------------- up, and down


def test_an_increase_holds_at_once(lea):
    change(lea.program, 1500)

    assert bp(lea, SAID) == 1500
    assert bp(lea, SAID - TICK) == 1200


@pytest.mark.parametrize(
    ("placed_at", "rate_bp"),
    [
        (SAID - TICK, 1200),
        (SAID, 1200),
        (BINDS - TICK, 1200),
        (BINDS, 800),
    ],
)
def test_a_decrease_reaches_those_enrolled_before_after_the_notice(
    lea, placed_at, rate_bp
):
    change(lea.program, 800)

    assert bp(lea, placed_at) == rate_bp


@pytest.mark.parametrize(
    ("since", "rate_bp"), [(SAID - TICK, 1200), (SAID, 800), (SAID + TICK, 800)]
)
def test_a_decrease_reaches_at_once_who_enrolls_at_the_announcement_or_later(
    lea, since, rate_bp
):
    change(lea.program, 800)

    assert bp(enrolled(lea.program, since=since), SOON) == rate_bp


@pytest.mark.parametrize(
    ("days", "placed_at", "rate_bp"),
    [
        (0, SAID - TICK, 1200),
        (0, SAID, 800),
        (1, SAID + DAY - TICK, 1200),
        (1, SAID + DAY, 800),
        (60, BINDS + 30 * DAY - TICK, 1200),
        (60, BINDS + 30 * DAY, 800),
    ],
)
def test_the_notice_is_the_programs(days, placed_at, rate_bp):
    lea = enrolled(program(rate_lock_days=days))
    RateFactory(program=lea.program, rate_bp=1200)
    change(lea.program, 800)

    assert bp(lea, placed_at) == rate_bp


def test_the_notice_is_that_of_the_announcement(lea):
    change(lea.program, 800)
    type(lea.program).objects.filter(pk=lea.program_id).update(rate_lock_days=90)

    assert bp(lea, BINDS) == 800


def test_a_decrease_announced_for_later_than_its_notice_waits_no_longer(lea):
    rate = lea.program.rates.get()
    rates.end(rate, LATE, at=SAID)
    rates.add(lea.program, rate_bp=800, starts_at=LATE, at=SAID)

    assert bp(lea, LATE - TICK) == 1200
    assert bp(lea, LATE) == 800


def test_the_end_of_a_rate_is_a_decrease(lea):
    rates.end(lea.program.rates.get(), SAID, at=SAID)

    assert bp(lea, BINDS - TICK) == 1200
    assert bp(lea, BINDS) == 500


def test_a_promised_end_is_not_put_off_by_a_notice():
    lea = enrolled(program(rate_bp=500))
    rate = RateFactory(program=lea.program, rate_bp=1200, ends_at=SAID + 9 * DAY)
    rates.end(rate, SAID, at=SAID)

    assert bp(lea, SAID + 9 * DAY - TICK) == 1200
    assert bp(lea, SAID + 9 * DAY) == 500


def test_the_end_of_a_low_rate_is_an_increase():
    lea = enrolled()
    rate = RateFactory(program=lea.program, audience=lea.audience, rate_bp=800)
    rates.end(rate, SAID, at=SAID)

    assert bp(lea, SAID) == 1000


def test_a_lower_rate_of_a_higher_rank_is_a_decrease(lea):
    rates.add(lea.program, rate_bp=800, audience=lea.audience, starts_at=SAID, at=SAID)

    assert bp(lea, BINDS - TICK) == 1200
    assert bp(lea, BINDS) == 800


def test_a_rate_made_in_a_draft_was_promised_to_nobody():
    draft = ProgramFactory(rate_bp=1000)
    rates.add(draft, rate_bp=800, at=SAID)
    draft.active_periods.create()
    draft.status = ProgramStatus.ACTIVE
    draft.save(update_fields=["status"])

    assert bp(enrolled(draft), SOON) == 800


# ------------------------------------------------------------- several changes


def test_a_decrease_and_then_a_smaller_one(lea):
    change(lea.program, 800)
    change(lea.program, 1000, at=SAID + 10 * DAY)

    assert bp(lea, SAID + 10 * DAY) == 1200
    assert bp(lea, BINDS - TICK) == 1200
    # Then the increase from 8 to 10 % that held at once for who came between.
    assert bp(lea, BINDS) == 1000
    between = enrolled(lea.program, since=SAID + 5 * DAY)
    assert bp(between, SAID + 9 * DAY) == 800
    assert bp(between, SAID + 10 * DAY) == 1000


def test_an_increase_during_the_notice_is_promised_too(lea):
    change(lea.program, 1500)
    second = SAID + 10 * DAY
    change(lea.program, 800, at=second)

    assert bp(lea, second) == 1500
    assert bp(lea, BINDS) == 1500
    assert bp(lea, second + 30 * DAY - TICK) == 1500
    assert bp(lea, second + 30 * DAY) == 800


def test_a_decrease_and_back_changes_nothing_for_who_was_there(lea):
    change(lea.program, 800)
    change(lea.program, 1200, at=SAID + 10 * DAY)

    for at in (SAID, SAID + 10 * DAY, BINDS, BINDS + 10 * DAY):
        assert bp(lea, at) == 1200


def test_of_two_decreases_each_has_its_own_notice(lea):
    change(lea.program, 1000)
    second = SAID + 10 * DAY
    change(lea.program, 800, at=second)

    assert bp(lea, BINDS - TICK) == 1200
    assert bp(lea, BINDS) == 1000
    assert bp(lea, second + 30 * DAY - TICK) == 1000
    assert bp(lea, second + 30 * DAY) == 800


def test_what_stood_for_a_moment_between_two_changes_was_promised():
    lea = enrolled()
    low = RateFactory(program=lea.program, audience=lea.audience, rate_bp=500)
    rates.end(low, SAID, at=SAID)
    rates.add(
        lea.program,
        rate_bp=600,
        audience=lea.audience,
        starts_at=SAID,
        at=SAID + timedelta(minutes=1),
    )

    assert bp(lea, SOON) == 1000  # the end said: from now on the program's rate


def test_one_announcement_of_an_end_and_a_start_promises_nothing_between():
    lea = enrolled()
    low = RateFactory(program=lea.program, audience=lea.audience, rate_bp=500)
    rates.replace(low, SAID, rate_bp=600, at=SAID)

    assert bp(lea, SAID) == 600
    assert bp(lea, SAID - TICK) == 500


# --------------------------------------------------------------- in money (R3)


def test_a_percentage_and_an_amount_are_compared_on_the_line(lea):
    rates.end(lea.program.rates.get(), SAID, at=SAID)
    rates.add(lea.program, flat_cents=500, starts_at=SAID, at=SAID)

    # 12 % of 40.00 is 4.80, of 50.00 it is 6.00.
    dear = earn(lea, 5000, placed_at=SOON, at=LATE)
    cheap = earn(lea, 4000, placed_at=SOON, at=LATE)
    assert (dear.rate_bp, dear.amount_cents) == (1200, 600)
    assert (cheap.flat_cents, cheap.amount_cents) == (500, 500)


def test_an_amount_counts_for_each_unit(lea):
    rates.end(lea.program.rates.get(), SAID, at=SAID)
    rates.add(lea.program, flat_cents=500, starts_at=SAID, at=SAID)

    two = earn(lea, 5000, quantity=2, placed_at=SOON, at=LATE)

    assert (two.flat_cents, two.amount_cents) == (500, 1000)


def test_of_equal_sums_what_holds_now_is_taken(lea):
    rates.end(lea.program.rates.get(), SAID, at=SAID)
    now = rates.add(lea.program, flat_cents=600, starts_at=SAID, at=SAID)

    sale = earn(lea, 5000, placed_at=SOON, at=LATE)

    assert sale.rate == now
    assert "promised_until" not in sale.snapshot


def test_cents_are_compared_with_the_boost():
    lea = enrolled(program(rate_bp=1000))
    rates.add(lea.program, rate_bp=1400, starts_at=SAID, at=SAID)
    BoostFactory(program=lea.program, multiplier_pct=500, starts_at=SAID, ends_at=LATE)

    # Of 0.10 both are a cent; five times they are 0.07 and 0.05.
    assert earn(lea, 10, placed_at=SOON, at=LATE).amount_cents == 7


def test_a_promise_is_of_the_rates_that_reach_the_line(lea):
    shelf = ProductFactory(shop=lea.program.shop)
    rates.add(lea.program, rate_bp=800, product=shelf, starts_at=SAID, at=SAID)

    assert bp(lea, SOON, product=shelf) == 1200
    assert bp(lea, LATE, product=shelf) == 800
    assert bp(lea, LATE) == 1200


def test_a_lower_rate_of_another_group_changes_nothing(lea):
    gold, silver = AudienceFactory.create_batch(2, program=lea.program)
    GroupMemberFactory(enrollment=lea, audience=gold)
    rates.add(lea.program, rate_bp=800, audience=silver, starts_at=SAID, at=SAID)

    sale = earn(lea, 10_000, placed_at=SOON, at=LATE)

    assert sale.rate_bp == 1200
    assert "promised_until" not in sale.snapshot


# ------------------------------------------------------------------ what stays


def test_the_beaten_rate_is_kept_with_why_and_from_when(lea):
    lower = change(lea.program, 800)

    sale = earn(lea, 10_000, placed_at=SOON, at=LATE)

    assert sale.snapshot["promised_until"] == "2026-12-01T12:00:00+00:00"
    assert sale.snapshot["lost_rates"] == [
        {
            "id": lower.pk,
            "bp": 800,
            "rank": 8,
            "why": "lower_from",
            "from": "2026-12-01T12:00:00+00:00",
        },
        {"bp": 500, "rank": 9},
    ]


def test_the_earlier_rate_is_kept_where_the_new_one_pays_more(lea):
    before = lea.program.rates.get()
    change(lea.program, 1500)

    sale = earn(lea, 10_000, placed_at=SOON, at=LATE)

    assert "promised_until" not in sale.snapshot
    assert sale.snapshot["lost_rates"] == [
        {"id": before.pk, "bp": 1200, "rank": 8, "why": "earlier_terms"},
        {"bp": 500, "rank": 9},
    ]


def test_a_correction_after_the_notice_has_the_rate_of_the_sale(lea):
    change(lea.program, 800)
    sale = earn(lea, 10_000, placed_at=SOON, at=SOON)

    refund(sale.line, 5000, at=LATE)

    assert rows(sale.line) == [
        ("sale", "pending", 1200),
        ("reversal", "pending", -600),
    ]
    assert Commission.objects.get(number=1).rate_bp == 1200
