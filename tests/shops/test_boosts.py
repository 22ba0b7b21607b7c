"""Boosts (rules B1, B2, B3)."""

from datetime import timedelta

import pytest

from shops import boosts
from shops.models import Boost
from shops.terms import InvalidTerm
from tests.factories.shops import (
    MOMENT,
    AudienceFactory,
    BoostFactory,
    ProductFactory,
    ProgramFactory,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LAUNCH = {
    "name": "Launch",
    "multiplier_pct": 200,
    "starts_at": MOMENT + DAY,
    "ends_at": MOMENT + 8 * DAY,
}


@pytest.fixture
def program():
    return ProgramFactory()


def faults(program, **fields):
    with pytest.raises(InvalidTerm) as refusal:
        boosts.add(program, at=MOMENT, **{**LAUNCH, **fields})
    assert not Boost.objects.exists()
    return refusal.value.errors


def test_a_boost_starts_in_the_future(program):
    boosts.add(program, at=MOMENT, **LAUNCH)

    assert Boost.objects.get().multiplier_pct == 200


@pytest.mark.parametrize("starts_at", [MOMENT, MOMENT - DAY])
def test_a_boost_that_has_started_is_refused(program, starts_at):
    assert list(faults(program, starts_at=starts_at)) == ["starts_at"]


def test_a_past_state_may_be_loaded(program):
    past = {**LAUNCH, "starts_at": MOMENT - DAY}

    assert boosts.add(program, at=MOMENT, allow_past=True, **past).pk


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("multiplier_pct", 100),
        ("multiplier_pct", 1001),
        ("multiplier_pct", -200),
        ("name", "  "),
        ("name", "x" * 121),
        ("ends_at", MOMENT + DAY),
    ],
)
def test_a_boost_has_bounds(program, field, value):
    assert list(faults(program, **{field: value})) == [field]


def test_a_boost_reaches_only_its_own_program_and_shop(program):
    foreign = {"audience": AudienceFactory(), "product": ProductFactory()}

    assert sorted(faults(program, **foreign)) == ["audience", "product"]


def test_boosts_may_overlap(program):
    for _again in range(2):
        boosts.add(program, at=MOMENT, **LAUNCH)

    assert Boost.objects.count() == 2


@pytest.mark.parametrize("days", [1, 30])
def test_a_running_boost_ends_early_or_late(days):
    boost = BoostFactory()

    for _again in range(2):
        boost = boosts.end(boost, MOMENT + days * DAY, at=MOMENT)

    assert boost.ends_at == MOMENT + days * DAY


def test_a_boost_neither_ends_nor_goes_on_in_the_past():
    boost = BoostFactory()

    with pytest.raises(InvalidTerm):
        boosts.end(boost, MOMENT, at=MOMENT)
    with pytest.raises(InvalidTerm):
        boosts.end(boost, MOMENT + 30 * DAY, at=boost.ends_at)
