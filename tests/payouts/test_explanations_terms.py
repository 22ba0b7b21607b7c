"""Promises (R6) and conditions (C6) in words, to the creator and to the shop."""

from datetime import UTC, datetime, timedelta

import pytest

from payouts import explanations
from shops import rates
from tests.factories.shops import RateFactory
from tests.payouts.earning import NOW, earn, enrolled, program

pytestmark = pytest.mark.django_db

SAID = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def lea():
    return enrolled(program(rate_bp=500))


def english(sale, **to):
    return explanations.sentence(sale, "en", **to)


def changed(lea, before, **after):
    rate = RateFactory(program=lea.program, audience=lea.audience, **before)
    rates.replace(rate, SAID, at=SAID, **after)
    return earn(lea, 4000, placed_at=SAID + timedelta(days=1))


def test_an_earlier_rate_is_said_with_its_end(lea):
    sale = changed(lea, {"rate_bp": 1250}, rate_bp=800)

    assert english(sale) == (
        "12.5 % of the €40.00 paid for the line without VAT: your own rate."
        " Your earlier rate of 12.5 % holds until Dec. 1, 2026. That makes €5.00."
    )
    assert "The creator's earlier rate of 12.5 % holds until Dec. 1, 2026." in english(
        sale, to_creator=False
    )
    assert "1 décembre 2026" in explanations.sentence(sale, "fr")


def test_an_earlier_amount_is_said_as_money(lea):
    sale = changed(lea, {"rate_bp": None, "flat_cents": 500}, rate_bp=800)

    assert "Your earlier rate of €5.00 holds until Dec. 1, 2026." in english(sale)


def test_an_increase_needs_no_word(lea):
    assert "earlier" not in english(changed(lea, {"rate_bp": 800}, rate_bp=1250))


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (
            {"is_first_purchase_only": True},
            "The rate of 20 % is for a buyer's first purchase only.",
        ),
        (
            {"most_sales": 1, "most_sales_per": "ever"},
            "All sales that the rate of 20 % is for had been made.",
        ),
    ],
)
def test_a_condition_that_is_not_met_is_said(lea, condition, said):
    RateFactory(program=lea.program, rate_bp=2000, **condition)
    earn(lea, 4000, at=NOW)

    assert english(earn(lea, 4000)) == (
        "5 % of the €40.00 paid for the line without VAT: the program's rate."
        f" {said} That makes €2.00."
    )
