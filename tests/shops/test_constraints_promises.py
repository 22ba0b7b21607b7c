"""What the database refuses of announcements (R6) and of conditions (C6)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from shops.models import Exclusion, Rate
from tests.factories.shops import (
    MOMENT,
    ExclusionFactory,
    ProgramFactory,
    RateFactory,
)
from tests.shops.refusals import is_refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
START = {"announced_at": MOMENT, "binds_at": MOMENT}
END = {"ends_at": MOMENT, "end_announced_at": MOMENT, "end_binds_at": MOMENT}


@pytest.mark.parametrize(
    ("base", "fault"),
    [
        (START, {"binds_at": MOMENT - DAY}),
        (START, {"binds_at": None}),
        (START, {"announced_at": None}),
    ],
)
@pytest.mark.parametrize(
    "factory",
    [
        pytest.param(
            RateFactory, marks=pytest.mark.breaks("rate_is_announced_before_it_binds")
        ),
        pytest.param(
            ExclusionFactory,
            marks=pytest.mark.breaks("exclusion_is_announced_before_it_binds"),
        ),
    ],
)
def test_a_term_is_announced_before_it_binds(factory, base, fault):
    is_refused(factory, base, fault)


@pytest.mark.parametrize(
    "fault",
    [
        {"end_binds_at": MOMENT - DAY},
        {"end_binds_at": None},
        {"end_announced_at": None},
        {"end_announced_at": None, "end_binds_at": None, "promised_ends_at": MOMENT},
    ],
)
@pytest.mark.parametrize(
    "factory",
    [
        pytest.param(
            RateFactory,
            marks=pytest.mark.breaks("rate_end_is_announced_before_it_binds"),
        ),
        pytest.param(
            ExclusionFactory,
            marks=pytest.mark.breaks("exclusion_end_is_announced_before_it_binds"),
        ),
    ],
)
def test_an_end_is_announced_before_it_binds(factory, fault):
    is_refused(factory, END, fault)


@pytest.mark.breaks("rate_cap_has_a_number_and_a_period")
@pytest.mark.parametrize(
    "fault",
    [
        {"most_sales": None},
        {"most_sales": 0},
        {"most_sales_per": ""},
        {"most_sales_per": "year"},
    ],
)
def test_a_cap_has_a_number_and_a_period(fault):
    is_refused(RateFactory, {"most_sales": 1, "most_sales_per": "week"}, fault)


# ------------------------------------------------------------------ promises stay


def updated(row, **fields):
    with transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**fields)


def update_is_refused(row, **fields):
    with pytest.raises(IntegrityError):
        updated(row, **fields)


NOUNS = [
    pytest.param(RateFactory, marks=pytest.mark.breaks("rate_promise_stays")),
    pytest.param(ExclusionFactory, marks=pytest.mark.breaks("exclusion_promise_stays")),
]
MOVED = {
    "ends_at": MOMENT + DAY,
    "end_announced_at": MOMENT,
    "end_binds_at": MOMENT + 2 * DAY,
}


@pytest.mark.parametrize("factory", NOUNS)
@pytest.mark.parametrize(
    "fault",
    [
        {"announced_at": MOMENT - DAY},
        {"binds_at": MOMENT + DAY},
        {"announced_at": None, "binds_at": None},
        {"starts_at": MOMENT},
        {"ends_at": MOMENT + DAY},
        {**MOVED, "promised_ends_at": MOMENT},
    ],
)
def test_what_was_announced_stays(factory, fault):
    term = factory(**START)

    update_is_refused(term, **fault)
    updated(term, **MOVED)


@pytest.mark.parametrize("factory", NOUNS)
def test_what_was_there_is_not_announced_later(factory):
    update_is_refused(factory(), **START)


@pytest.mark.parametrize("factory", NOUNS)
@pytest.mark.parametrize(
    "early", [{"end_announced_at": MOMENT + 2 * DAY - timedelta(microseconds=1)}, {}]
)
def test_an_end_moves_once_in_its_notice(factory, early):
    term = factory(**START)
    updated(term, **MOVED)
    again = {
        "promised_ends_at": MOMENT + DAY,
        "ends_at": MOMENT + 5 * DAY,
        "end_binds_at": MOMENT + 9 * DAY,
    }

    update_is_refused(term, **again, **early)
    updated(term, **again, end_announced_at=MOMENT + 2 * DAY)


@pytest.mark.breaks("rate_promise_stays")
def test_the_amount_of_an_announced_rate_stays():
    update_is_refused(RateFactory(**START), rate_bp=1300)
    assert Rate.objects.get().rate_bp == 1200
    assert not Exclusion.objects.exists()


@pytest.mark.breaks("program_promises_stay")
@pytest.mark.parametrize(
    ("fault", "allowed"),
    [
        ({"rate_bp": 1100}, {"name": "Other"}),
        ({"rate_bp": 900}, {"name": "Other"}),
        ({"cap_bp": 4999}, {"cap_bp": 5001}),
        ({"rate_lock_days": 29}, {"rate_lock_days": 31}),
    ],
)
def test_what_a_program_promised_stays(fault, allowed):
    draft = ProgramFactory(rate_bp=1000, cap_bp=5000)
    active = ProgramFactory(active=True, rate_bp=1000, cap_bp=5000)

    updated(draft, **fault)
    update_is_refused(active, **fault)
    updated(active, **allowed)
