"""Rates and exclusions (rules R1, R2, R7)."""

from datetime import timedelta

import pytest
from django.utils import translation

from affiliate.common.models import AuditEntry
from shops import rates
from shops.models import Exclusion, Rate
from shops.terms import InvalidTerm, TermOverlaps
from tests.factories.shops import (
    MOMENT,
    AudienceFactory,
    CategoryFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def program():
    return ProgramFactory()


def refused(verb, *args, **fields):
    with pytest.raises(InvalidTerm) as refusal:
        verb(*args, at=MOMENT, **fields)
    assert not Rate.objects.exists()
    assert not Exclusion.objects.exists()
    return refusal.value.errors


def test_a_rate_names_whom_what_and_when(program):
    gold = AudienceFactory(program=program)
    care = CategoryFactory(shop=program.shop)

    rate = rates.add(
        program,
        at=MOMENT,
        rate_bp=1300,
        audience=gold,
        category=care,
        starts_at=MOMENT,
        ends_at=MOMENT + DAY,
    )

    assert Rate.objects.get(audience=gold, category=care, product=None) == rate
    assert AuditEntry.objects.get().after["rate_bp"] == 1300


def test_a_rate_may_be_a_flat_amount_for_each_unit(program):
    assert rates.add(program, at=MOMENT, flat_cents=500).flat_cents == 500


@pytest.mark.parametrize("rate_bp", [99, 8001, 0, -1, 10**9])
def test_a_rate_outside_the_bounds_is_refused_saying_them(program, rate_bp):
    said = refused(rates.add, program, rate_bp=rate_bp)

    assert list(said) == ["rate_bp"]
    assert "100" in said["rate_bp"][0]
    assert "8000" in said["rate_bp"][0]


@pytest.mark.parametrize("rate_bp", [100, 8000])
def test_a_rate_on_the_bounds_is_accepted(program, rate_bp):
    assert rates.add(program, at=MOMENT, rate_bp=rate_bp).rate_bp == rate_bp


def test_a_rate_beyond_the_programs_own_cap_is_refused_saying_it():
    program = ProgramFactory(cap_bp=2050)

    with translation.override("fr"):
        said = refused(rates.add, program, rate_bp=2051)

    assert "2050" in said["rate_bp"][0]
    assert "20,5" in said["rate_bp"][0]


@pytest.mark.parametrize("amounts", [{}, {"rate_bp": 1000, "flat_cents": 5}])
def test_a_rate_is_a_percentage_or_an_amount(program, amounts):
    assert list(refused(rates.add, program, **amounts)) == ["rate_bp"]


@pytest.mark.parametrize("flat_cents", [0, -1, 10**13 + 1])
def test_a_flat_amount_has_bounds(program, flat_cents):
    assert list(refused(rates.add, program, flat_cents=flat_cents)) == ["flat_cents"]


def test_a_rate_ends_after_it_starts(program):
    window = {"starts_at": MOMENT, "ends_at": MOMENT}

    assert list(refused(rates.add, program, rate_bp=1000, **window)) == ["ends_at"]


def test_a_rate_reaches_only_its_own_program_and_shop(program):
    foreign = {
        "audience": AudienceFactory(),
        "product": ProductFactory(),
    }

    assert sorted(refused(rates.add, program, rate_bp=1000, **foreign)) == [
        "audience",
        "product",
    ]
    category = {"category": CategoryFactory()}
    assert list(refused(rates.add, program, rate_bp=1000, **category)) == ["category"]


def test_a_rate_names_a_product_or_a_category(program):
    both = {
        "product": ProductFactory(shop=program.shop),
        "category": CategoryFactory(shop=program.shop),
    }

    assert list(refused(rates.add, program, rate_bp=1000, **both)) == ["category"]


def test_two_rates_for_the_same_do_not_overlap_in_time(program):
    rates.add(program, at=MOMENT, rate_bp=1000, ends_at=MOMENT + DAY)

    with pytest.raises(TermOverlaps):
        rates.add(program, at=MOMENT, rate_bp=1100, starts_at=MOMENT)

    rates.add(program, at=MOMENT, rate_bp=1100, starts_at=MOMENT + DAY)
    assert Rate.objects.count() == 2


def test_a_rate_is_ended_once(program):
    rate = rates.add(program, at=MOMENT, rate_bp=1000)

    for _again in range(2):
        rate = rates.end(rate, MOMENT + DAY, at=MOMENT)

    assert rate.ends_at == MOMENT + DAY
    assert AuditEntry.objects.filter(action="rate.ended").count() == 1


def test_a_rate_neither_ends_nor_goes_on_in_the_past():
    rate = RateFactory()
    with pytest.raises(InvalidTerm):
        rates.end(rate, MOMENT - DAY, at=MOMENT)

    over = RateFactory(ends_at=MOMENT - DAY)
    with pytest.raises(InvalidTerm):
        rates.end(over, MOMENT + DAY, at=MOMENT)


def test_a_rate_cannot_be_stretched_over_the_next(program):
    first = rates.add(program, at=MOMENT, rate_bp=1000, ends_at=MOMENT + DAY)
    rates.add(program, at=MOMENT, rate_bp=1100, starts_at=MOMENT + DAY)

    with pytest.raises(TermOverlaps):
        rates.end(first, MOMENT + 2 * DAY, at=MOMENT)


def test_a_product_or_a_category_is_excluded(program):
    gift = ProductFactory(shop=program.shop)

    rates.exclude(program, at=MOMENT, product=gift, starts_at=MOMENT)

    assert Exclusion.objects.get(product=gift).starts_at == MOMENT


def test_an_exclusion_names_something_of_its_shop(program):
    assert list(refused(rates.exclude, program)) == ["product"]
    assert list(refused(rates.exclude, program, product=ProductFactory())) == [
        "product"
    ]
