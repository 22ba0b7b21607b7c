"""Two workers and the last place under a cap (C6), on real threads."""

from unittest import mock

import pytest

from creators import attribution
from payouts import commissions
from payouts.commissions.weighing import sql
from payouts.models import CappedSale, Commission
from tests.common.racing import race
from tests.factories.shops import RateFactory
from tests.payouts.dropping import dropped
from tests.payouts.earning import NOW, enrolled, program, sell

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS, LINES, MOST = 6, 24, 5
# What the statement would be that does not wait for the others.
_WITHOUT_WAITING = sql.LOCK.replace(" for no key update", "")
assert _WITHOUT_WAITING != sql.LOCK


def accrued_by_many():
    """Sell lines by a rate for five, share them among workers; return the errors."""
    lea = enrolled(program(rate_bp=500))
    RateFactory(
        program=lea.program, rate_bp=2000, most_sales=MOST, most_sales_per="ever"
    )
    for _ in range(LINES):
        sell(lea, 10_000)
    attribution.settle(at=NOW)

    def work():
        while commissions.accrue(at=NOW, limit=1).verdicts:
            pass

    return [each for each in race([work] * WORKERS) if isinstance(each, Exception)]


def test_many_workers_never_take_one_place_twice():
    assert accrued_by_many() == []

    assert Commission.objects.count() == LINES
    assert Commission.objects.filter(rate_bp=2000).count() == MOST
    places = CappedSale.objects.order_by("place").values_list("place", flat=True)
    assert list(places) == [1, 2, 3, 4, 5]


def test_who_does_not_wait_is_refused_by_the_database():
    """The lock taken away: no cap is passed, but workers fail and try again."""
    with mock.patch.object(sql, "LOCK", _WITHOUT_WAITING):
        accrued_by_many()

    assert Commission.objects.filter(rate_bp=2000).count() <= MOST


def test_without_lock_and_constraint_the_cap_is_passed():
    """The negative control: with neither, the race is lost."""
    with (
        dropped("payouts_cappedsale", "capped_sale_has_a_place_of_its_own"),
        dropped("payouts_cappedsale", "capped_sale_stays_under_its_cap"),
        mock.patch.object(sql, "LOCK", _WITHOUT_WAITING),
    ):
        accrued_by_many()
        taken = Commission.objects.filter(rate_bp=2000).count()

    assert taken > MOST
