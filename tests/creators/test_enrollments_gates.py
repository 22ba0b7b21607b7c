"""The gates of restricted goods act at enrollment, for the creator's country (P5)."""

import pytest

from creators import enrollments
from shops.gates import GateClosed
from tests.creators.joining import accept, apply, program
from tests.factories import CreatorFactory, EnrollmentFactory, RestrictionFactory
from tests.factories.shops import MOMENT

pytestmark = pytest.mark.django_db


@pytest.fixture
def food():
    """Give a program of food that no ad in the United Kingdom may show."""
    return RestrictionFactory(program=program(), codes=["LHF"], notice="Eat.").program


@pytest.mark.parametrize(("country", "may"), [("FR", True), ("GB", False)])
def test_a_gate_is_closed_to_creators_of_its_country(food, country, may):
    creator = CreatorFactory(eligible=True, country=country)
    states = {"program": food, "creator__eligible": True, "creator__country": country}
    ways = [
        lambda: apply(creator, food),
        lambda: accept(EnrollmentFactory(invited=True, **states)),
        lambda: enrollments.approve(
            EnrollmentFactory(applied=True, **states), at=MOMENT
        ),
    ]

    for way in ways:
        if may:
            assert way().status == "active"
        else:
            with pytest.raises(GateClosed):
                way()
