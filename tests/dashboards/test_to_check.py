"""Creators to look at: of whom much comes back, or much is declined (rule N2)."""

from datetime import date

import pytest

from affiliate.dashboards import figures
from affiliate.dashboards.figures import Scope, Span
from payouts import commissions
from payouts.models import Commission, DeclineReason
from tests.dashboards.selling import NOW, sold
from tests.payouts.earning import enrolled, program, refund
from tests.shops.backoffice import member

pytestmark = pytest.mark.django_db
NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30), "Europe/Paris")


def test_creators_of_whom_much_comes_back_are_named_with_why() -> None:
    lea = enrolled(program(rate_bp=1000), creator__handle="lea")
    for number in range(10):
        line = sold(lea, 1000)
        if number < 2:
            refund(line, 1000, at=NOW)
    tom = enrolled(lea.program, creator__handle="tom")
    sale = Commission.objects.get(line=sold(tom))
    by = member(lea.program.shop)
    commissions.decline(sale.pk, DeclineReason.TERMS, by=by, at=NOW)
    good = enrolled(lea.program, creator__handle="good")
    refund(sold(good, 10_000), 1999, at=NOW)

    first, second = figures.to_check(Scope((lea.program.shop_id,)), NOVEMBER, 5)

    assert (first.handle, first.refunded_bp, first.is_few) == ("lea", 2000, False)
    assert (first.has_high_refunds, first.has_many_declines) == (True, False)
    assert (second.handle, second.declined, second.is_few) == ("tom", 1, True)
    assert (second.has_high_refunds, second.has_many_declines) == (False, True)
