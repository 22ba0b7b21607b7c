"""Rates and exclusions are announced as they are made and ended (R6); conditions."""

from datetime import timedelta

import pytest

from shops import exclusions, rates
from shops.models import Rate
from shops.terms import InvalidTerm
from tests.factories.shops import (
    MOMENT,
    AudienceFactory,
    ExclusionFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def program():
    return ProgramFactory(active=True, rate_lock_days=20)


def announcement(term):
    return term.announced_at, term.binds_at


def end_announcement(term):
    return term.promised_ends_at, term.end_announced_at, term.end_binds_at


def refused(verb, *args, **fields):
    with pytest.raises(InvalidTerm) as refusal:
        verb(*args, at=MOMENT, **fields)
    return list(refusal.value.errors)


@pytest.mark.parametrize("status", ["active", "paused", "ended"])
def test_a_term_of_a_program_that_was_active_is_announced(status):
    program = ProgramFactory(status=status, rate_lock_days=20)
    product = ProductFactory(shop=program.shop)

    rate = rates.add(program, rate_bp=1000, at=MOMENT)
    exclusion = rates.exclude(program, product=product, at=MOMENT)

    assert announcement(rate) == (MOMENT, MOMENT + 20 * DAY)
    assert announcement(exclusion) == (MOMENT, MOMENT + 20 * DAY)
    assert end_announcement(rate) == end_announcement(exclusion) == (None,) * 3


def test_a_term_of_a_draft_is_not_announced():
    draft = ProgramFactory()
    product = ProductFactory(shop=draft.shop)
    rate = rates.add(draft, rate_bp=1000, at=MOMENT)
    exclusion = rates.exclude(draft, product=product, at=MOMENT)

    rate = rates.end(rate, MOMENT + DAY, at=MOMENT)
    exclusion = exclusions.end(exclusion, MOMENT + DAY, at=MOMENT)

    assert announcement(rate) == announcement(exclusion) == (None, None)
    assert end_announcement(rate) == end_announcement(exclusion) == (None,) * 3


def test_a_program_that_was_activated_meanwhile_is_no_draft():
    program = ProgramFactory()
    type(program).objects.filter(pk=program.pk).update(status="active")

    assert rates.add(program, rate_bp=1000, at=MOMENT).announced_at == MOMENT


@pytest.mark.parametrize(
    ("factory", "verb"), [(RateFactory, rates.end), (ExclusionFactory, exclusions.end)]
)
def test_a_moved_end_is_announced_beside_the_promised_one(program, factory, verb):
    term = factory(program=program, ends_at=MOMENT + 9 * DAY)

    term = verb(term, MOMENT + DAY, at=MOMENT)

    assert term.ends_at == MOMENT + DAY
    assert end_announcement(term) == (MOMENT + 9 * DAY, MOMENT, MOMENT + 20 * DAY)


@pytest.mark.parametrize(
    ("factory", "verb"), [(RateFactory, rates.end), (ExclusionFactory, exclusions.end)]
)
def test_an_end_is_moved_again_only_when_its_notice_is_over(program, factory, verb):
    other = ProductFactory(shop=program.shop)
    term = verb(factory(program=program), MOMENT + 90 * DAY, at=MOMENT - 20 * DAY)
    early = factory(program=program, product=other)
    early = verb(early, MOMENT + 90 * DAY, at=MOMENT - 19 * DAY)

    assert refused(verb, early, MOMENT + 40 * DAY) == ["ends_at"]
    term = verb(term, MOMENT + 40 * DAY, at=MOMENT)
    assert end_announcement(term) == (MOMENT + 90 * DAY, MOMENT, MOMENT + 20 * DAY)


def test_a_rate_is_replaced_by_one_announcement(program):
    gold = AudienceFactory(program=program)
    first = rates.add(
        program,
        rate_bp=1000,
        audience=gold,
        ends_at=MOMENT + 90 * DAY,
        most_sales=3,
        most_sales_per="week",
        at=MOMENT - DAY,
    )

    second = rates.replace(first, MOMENT + DAY, rate_bp=900, at=MOMENT)

    first.refresh_from_db()
    assert first.ends_at == second.starts_at == MOMENT + DAY
    assert first.end_announced_at == second.announced_at == MOMENT
    assert (second.audience, second.rate_bp, second.ends_at) == (
        gold,
        900,
        MOMENT + 90 * DAY,
    )
    assert (second.most_sales, second.most_sales_per) == (3, "week")


def test_a_replacement_that_is_refused_ends_nothing(program):
    rate = rates.add(program, rate_bp=1000, at=MOMENT - DAY)

    assert refused(rates.replace, rate, MOMENT, rate_bp=99) == ["rate_bp"]

    rate.refresh_from_db()
    assert rate.ends_at is None


# ------------------------------------------------------------------ conditions


def test_a_rate_has_conditions(program):
    rate = rates.add(
        program,
        rate_bp=1000,
        is_first_purchase_only=True,
        most_sales=5,
        most_sales_per="month",
        at=MOMENT,
    )

    rate.refresh_from_db()
    assert rate.is_first_purchase_only is True
    assert (rate.most_sales, rate.most_sales_per) == (5, "month")


@pytest.mark.parametrize(
    ("cap", "fields"),
    [
        ({"most_sales": 5}, ["most_sales"]),
        ({"most_sales_per": "day"}, ["most_sales"]),
        ({"most_sales": 0, "most_sales_per": "day"}, ["most_sales"]),
        ({"most_sales": -1, "most_sales_per": "day"}, ["most_sales"]),
        ({"most_sales": 1_000_001, "most_sales_per": "day"}, ["most_sales"]),
        ({"most_sales": 5, "most_sales_per": "year"}, ["most_sales_per"]),
    ],
)
def test_a_cap_is_a_number_of_sales_in_a_known_period(program, cap, fields):
    assert refused(rates.add, program, rate_bp=1000, **cap) == fields
    assert not Rate.objects.exists()
