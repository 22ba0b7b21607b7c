"""Boosts: the best single one multiplies the rate, up to the cap (B1, B2)."""

import pytest

from payouts.models import Commission
from tests.factories.creators import GroupMemberFactory
from tests.factories.shops import (
    AudienceFactory,
    BoostFactory,
    CategoryFactory,
    ProductFactory,
    RateFactory,
)
from tests.payouts.earning import PLACED, earn, enrolled, program, refund, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]


def boost(enrollment, multiplier_pct, **fields):
    return BoostFactory(
        program=enrollment.program, multiplier_pct=multiplier_pct, **fields
    )


@pytest.mark.parametrize(
    ("multiplier_pct", "cents", "commission"),
    [
        (200, 4000, 800),
        (300, 4000, 1200),
        (150, 4000, 600),
        (101, 4000, 404),
        # Rounded once: 15 % of 0.03 is 0.0045, not 1.5 times a rounded 0.00.
        (150, 3, 0),
        (150, 4, 1),  # 0.006
    ],
)
def test_a_boost_multiplies_the_rate(multiplier_pct, cents, commission):
    lea = enrolled(program(rate_bp=1000))
    doubled = boost(lea, multiplier_pct)

    sale = earn(lea, cents)

    assert (sale.boost, sale.multiplier_pct) == (doubled, multiplier_pct)
    assert sale.amount_cents == commission
    assert sale.snapshot["boost"] == doubled.name


def test_a_boost_multiplies_a_flat_amount():
    lea = enrolled()
    RateFactory(program=lea.program, rate_bp=None, flat_cents=333)
    boost(lea, 150)

    # 1.5 times 2 x 3.33 is 9.99; of half the line it is 4.995.
    sale = earn(lea, 8000, quantity=2)
    assert sale.amount_cents == 999
    refund(sale.line, 4000)
    assert rows(sale.line)[1] == ("reversal", "pending", -499)


def test_boosts_never_multiply_each_other():
    lea = enrolled(program(rate_bp=1000))
    best, second, third = boost(lea, 300), boost(lea, 200), boost(lea, 250)

    sale = earn(lea, 4000)

    assert (sale.boost, sale.amount_cents) == (best, 1200)
    assert sale.snapshot["lost_boosts"] == [
        {"id": third.pk, "name": third.name, "multiplier_pct": 250},
        {"id": second.pk, "name": second.name, "multiplier_pct": 200},
    ]


def test_of_two_equal_boosts_the_older_one_is_named():
    lea = enrolled()
    older, _ = boost(lea, 200), boost(lea, 200)

    assert earn(lea).boost == older


@pytest.mark.parametrize(
    ("window", "commission"),
    [
        ({"starts_at": PLACED}, 800),
        ({"starts_at": PLACED.replace(microsecond=1)}, 400),
        ({"ends_at": PLACED.replace(microsecond=1)}, 800),
        ({"ends_at": PLACED}, 400),
    ],
    ids=str,
)
def test_a_boost_holds_from_its_first_moment_to_before_its_end(window, commission):
    lea = enrolled()
    boost(lea, 200, **window)

    assert earn(lea, 4000).amount_cents == commission


@pytest.mark.parametrize(
    ("rate_bp", "cap_bp", "multiplier_pct", "commission"),
    [
        (1000, 8000, 1000, 3200),  # 100 % asked, 80 % paid
        (1000, 8000, 800, 3200),  # exactly the cap
        (1000, 8000, 799, 3196),
        (1000, 1500, 200, 600),  # the program's own cap
        (8000, 8000, 1000, 3200),
    ],
)
def test_rate_and_boost_together_stay_under_the_cap(
    rate_bp, cap_bp, multiplier_pct, commission
):
    lea = enrolled(program(rate_bp=rate_bp, cap_bp=cap_bp))
    boost(lea, multiplier_pct)

    assert earn(lea, 4000).amount_cents == commission


def test_a_flat_amount_with_a_boost_stays_under_the_cap():
    lea = enrolled(program(cap_bp=2000))
    RateFactory(program=lea.program, rate_bp=None, flat_cents=500)
    boost(lea, 200)

    assert earn(lea, 4999).amount_cents == 999  # 20 % is 9.998


def test_a_boost_of_one_creator_is_not_anothers():
    lea = enrolled()
    zoe = enrolled(lea.program)
    boost(lea, 200, audience=lea.audience)

    assert earn(lea, 4000).amount_cents == 800
    hers = earn(zoe, 4000)
    assert hers.amount_cents == 400
    assert hers.snapshot.keys().isdisjoint({"boost", "lost_boosts"})


def test_a_boost_of_a_group_is_its_members():
    lea = enrolled()
    zoe = enrolled(lea.program)
    gold = AudienceFactory(program=lea.program)
    GroupMemberFactory(enrollment=lea, audience=gold)
    boost(lea, 200, audience=gold)

    assert earn(lea, 4000).amount_cents == 800
    assert earn(zoe, 4000).amount_cents == 400


def test_a_boost_reaches_its_product_or_its_branch():
    lea = enrolled()
    shop = lea.program.shop
    top = CategoryFactory(shop=shop)
    low = CategoryFactory(shop=shop, parent=top)
    inside, named, outside = (
        ProductFactory(shop=shop, category=low),
        ProductFactory(shop=shop),
        ProductFactory(shop=shop),
    )
    boost(lea, 200, category=top)
    boost(lea, 300, product=named)

    earned = [earn(lea, 4000, product=each) for each in (inside, named, outside, None)]

    assert [sale.amount_cents for sale in earned] == [800, 1200, 400, 400]


def test_a_boost_of_another_program_is_not_ours():
    lea = enrolled()
    BoostFactory(program=program(shop=lea.program.shop))

    assert earn(lea).boost is None


def test_a_correction_uses_the_boost_of_the_sale():
    lea = enrolled(program(rate_bp=1000))
    boost(lea, 200)
    sale = earn(lea, 4000)
    boost(lea, 900)

    refund(sale.line, 1000)

    assert rows(sale.line)[1] == ("reversal", "pending", -200)
    assert Commission.objects.get(number=1).multiplier_pct == 200
