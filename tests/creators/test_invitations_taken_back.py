"""An invitation that was taken back promised nothing (P1, R6)."""

from datetime import timedelta

import pytest

from creators import enrollments
from shops import programs
from shops.models import Rate
from tests.creators.joining import accept, apply, program
from tests.factories import CreatorFactory
from tests.factories.shops import MOMENT
from tests.payouts import earning

pytestmark = pytest.mark.django_db

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)


@pytest.fixture
def taken_back():
    """Give an enrollment that was invited at half of all, and rejected a day later."""
    enrollment = enrollments.invite(
        program("open"), CreatorFactory(eligible=True), rate_bp=5000, at=MOMENT
    )
    return enrollments.reject(
        enrollment, reason="A slip.", may_apply_again="now", at=MOMENT + DAY
    )


def earned_bp(enrollment):
    sale = earning.earn(
        enrollment, 10_000, placed_at=MOMENT + 43 * DAY, at=MOMENT + 44 * DAY
    )
    return sale.rate_bp


def test_who_joins_later_has_the_programs_rate(taken_back):
    creator, terms = taken_back.creator, taken_back.program

    joined = apply(creator, terms, at=MOMENT + 2 * DAY)

    assert earned_bp(joined) == terms.rate_bp == 1000


def test_what_is_offered_again_is_paid(taken_back):
    again = enrollments.invite(
        taken_back.program, taken_back.creator, rate_bp=5000, at=MOMENT + 40 * DAY
    )

    assert earned_bp(accept(again, at=MOMENT + 41 * DAY)) == 5000


def test_another_offer_may_be_lower(taken_back):
    again = enrollments.invite(
        taken_back.program, taken_back.creator, rate_bp=3000, at=MOMENT + 40 * DAY
    )

    assert earned_bp(accept(again, at=MOMENT + 41 * DAY)) == 3000


def test_a_slip_of_the_same_moment_leaves_no_rate_behind():
    enrollment = enrollments.invite(
        program("open"), CreatorFactory(eligible=True), rate_bp=5000, at=MOMENT
    )
    enrollments.reject(enrollment, reason="A slip.", may_apply_again="now", at=MOMENT)

    assert Rate.objects.get().ends_at - MOMENT < timedelta(seconds=1)


def test_nobody_is_invited_once_the_planned_end_has_passed():
    over = programs.plan_end(program("open"), ends_at=MOMENT + 20 * DAY, at=MOMENT)

    with pytest.raises(enrollments.ProgramTakesNobody):
        enrollments.invite(over, CreatorFactory(), rate_bp=5000, at=over.ends_at)
    assert not Rate.objects.exists()
    enrollments.invite(over, CreatorFactory(), at=over.ends_at - INSTANT)
