"""An exclusion is a decrease: those enrolled before have notice of it (R6)."""

from datetime import UTC, datetime, timedelta

import pytest

from creators.models import Verdict
from shops import exclusions, rates
from tests.factories.creators import CodeFactory, EnrollmentFactory
from tests.factories.shops import (
    CategoryFactory,
    ExclusionFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    ProgramFactory,
)
from tests.payouts.earning import queue, sweep

pytestmark = pytest.mark.django_db

SAID = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
BINDS = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


@pytest.fixture
def program():
    return ProgramFactory(active=True)


@pytest.fixture
def soap(program):
    care = CategoryFactory(shop=program.shop)
    return ProductFactory(shop=program.shop, category=care)


def reason(program, product, placed_at, *, since=SAID - DAY):
    """Return why a line of the product is a creator's or nobody's."""
    code = CodeFactory(enrollment=EnrollmentFactory(program=program, since=since))
    order = OrderFactory(shop=program.shop, placed_at=placed_at, codes=[code.code])
    line = OrderLineFactory(order=order, product=product)
    queue(line)
    sweep(at=placed_at + DAY)
    return Verdict.objects.get(line=line).reason


@pytest.mark.parametrize("of", ["product", "category"])
@pytest.mark.parametrize(
    ("placed_at", "why"),
    [
        (SAID - TICK, "code_applied"),
        (SAID, "code_applied"),
        (BINDS - TICK, "code_applied"),
        (BINDS, "product_excluded"),
    ],
)
def test_an_exclusion_waits_for_those_enrolled_before(
    program, soap, of, placed_at, why
):
    what = {"product": soap} if of == "product" else {"category": soap.category}
    rates.exclude(program, **what, starts_at=SAID, at=SAID)

    assert reason(program, soap, placed_at) == why


@pytest.mark.parametrize(
    ("since", "why"),
    [
        (SAID - TICK, "code_applied"),
        (SAID, "product_excluded"),
        (SAID + TICK, "product_excluded"),
    ],
)
def test_an_exclusion_reaches_who_enrolls_later_at_once(program, soap, since, why):
    rates.exclude(program, product=soap, starts_at=SAID, at=SAID)

    assert reason(program, soap, SAID + DAY, since=since) == why


def test_the_end_of_an_exclusion_holds_at_once(program, soap):
    exclusion = ExclusionFactory(program=program, product=soap)
    exclusions.end(exclusion, SAID, at=SAID)

    assert reason(program, soap, SAID - TICK) == "product_excluded"
    assert reason(program, soap, SAID) == "code_applied"


def test_a_later_end_of_an_exclusion_waits_like_a_new_one(program, soap):
    first, later = SAID + DAY, BINDS + DAY
    exclusion = ExclusionFactory(program=program, product=soap, ends_at=first)
    exclusions.end(exclusion, later, at=SAID)

    assert reason(program, soap, first - TICK) == "product_excluded"
    assert reason(program, soap, first) == "code_applied"
    assert reason(program, soap, BINDS - TICK) == "code_applied"
    assert reason(program, soap, BINDS) == "product_excluded"
    assert reason(program, soap, later) == "code_applied"
    assert reason(program, soap, first, since=SAID) == "product_excluded"


def test_an_exclusion_that_was_there_waits_for_nobody(program, soap):
    ExclusionFactory(program=program, product=soap)

    assert reason(program, soap, SAID) == "product_excluded"


def test_a_notice_for_one_product_leaves_the_exclusion_of_another(program, soap):
    ExclusionFactory(program=program, product=soap)
    rates.exclude(program, category=soap.category, starts_at=SAID, at=SAID)

    assert reason(program, soap, SAID + DAY) == "product_excluded"
