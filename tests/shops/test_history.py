"""What was, is and will be a program's terms, for all and for one creator (R6)."""

from datetime import timedelta

import pytest

from shops import exclusions, history, rates
from tests.factories.shops import (
    MOMENT,
    AudienceFactory,
    BoostFactory,
    ExclusionFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def program():
    return ProgramFactory(active=True)


def states(program, **of):
    return {row.id: row.state for row in history.of(program, at=MOMENT, **of)}


def only(program, **of):
    (row,) = history.of(program, **{"at": MOMENT, **of})
    return row


def test_what_was_is_and_will_be_is_told_the_latest_first(program):
    window = {"program": program, "starts_at": MOMENT - 9 * DAY}
    over = RateFactory(**window, ends_at=MOMENT)
    running = RateFactory(program=program, starts_at=MOMENT, ends_at=MOMENT + DAY)
    planned = RateFactory(program=program, starts_at=MOMENT + DAY)
    boost = BoostFactory(program=program)
    soap = ExclusionFactory(program=program)

    rows = history.of(program, at=MOMENT)

    assert [(row.kind, row.id, row.state) for row in rows] == [
        ("rate", planned.pk, "announced"),
        ("rate", running.pk, "running"),
        ("boost", boost.pk, "running"),
        ("rate", over.pk, "over"),
        ("exclusion", soap.pk, "running"),
    ]


def test_a_row_says_what_it_pays_and_on_what(program):
    gold = AudienceFactory(program=program)
    soap = ProductFactory(shop=program.shop)
    RateFactory(
        program=program,
        audience=gold,
        product=soap,
        flat=True,
        is_first_purchase_only=True,
        most_sales=3,
        most_sales_per="week",
    )

    row = only(program)

    assert (row.audience, row.product, row.category) == (gold, soap, None)
    assert (row.rate_bp, row.flat_cents) == (None, 100)
    assert (row.is_first_purchase_only, row.most_sales, row.most_sales_per) == (
        True,
        3,
        "week",
    )


def test_a_creator_sees_what_reaches_them(program):
    own, other = AudienceFactory.create_batch(2, program=program)
    mine = [RateFactory(program=program), RateFactory(program=program, audience=own)]
    RateFactory(program=program, audience=other)
    BoostFactory(program=program, audience=other)
    RateFactory()

    assert set(states(program, audiences=[own.pk])) == {row.pk for row in mine}


@pytest.mark.parametrize(
    ("since", "waits"),
    [(MOMENT - DAY, True), (MOMENT, False), (MOMENT + DAY, False), (None, True)],
)
def test_an_announcement_waits_for_who_was_enrolled(program, since, waits):
    rate = rates.add(program, rate_bp=800, starts_at=MOMENT, at=MOMENT)

    row = only(program, since=since)

    assert row.announced_at == MOMENT
    assert row.binds_at == (rate.binds_at if waits else None)


@pytest.mark.parametrize(
    ("days", "since", "state"),
    [
        (0, MOMENT - DAY, "ending"),
        (0, MOMENT, "over"),
        (29, MOMENT - DAY, "ending"),
        (30, MOMENT - DAY, "over"),
    ],
)
def test_an_ended_rate_is_still_promised_for_its_notice(program, days, since, state):
    rates.end(RateFactory(program=program), MOMENT, at=MOMENT)

    assert only(program, since=since, at=MOMENT + days * DAY).state == state


def test_a_promise_ends_with_the_end_that_was_promised(program):
    rate = RateFactory(program=program, ends_at=MOMENT + DAY)
    rates.end(rate, MOMENT, at=MOMENT)

    assert only(program).state == "ending"
    assert only(program, at=MOMENT + DAY).state == "over"


def test_an_ended_exclusion_is_over(program):
    exclusions.end(ExclusionFactory(program=program), MOMENT, at=MOMENT)

    assert only(program).state == "over"


def test_a_long_history_takes_no_more_questions(program, django_assert_num_queries):
    for product in ProductFactory.create_batch(5, shop=program.shop):
        RateFactory(program=program, product=product)
        ExclusionFactory(program=program, product=product)

    with django_assert_num_queries(3):
        for row in history.of(program, at=MOMENT):
            str(row.product)
