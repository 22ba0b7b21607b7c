"""What the oracle makes of rates and boosts, computed by hand (M, R, B; D4-D6)."""

from typing import Any

import pytest

from tests.stories.oracle import pricing
from tests.stories.oracle.facts import Line, instant
from tests.stories.oracle.tiny import PLACED, creator, market

RED = {"product": "RED"}
WARM, ALL = {"category": "warm"}, {"category": "all"}
LEA, GOLD = {"creator": "lea"}, {"group": "gold"}


def earn(
    net_cents: int,
    *,
    who: str = "lea",
    sku: str = "RED",
    quantity: int = 1,
    remaining: int | None = None,
    at: str = PLACED,
    **program: Any,
) -> int:
    """Price one line of a program with lea in gold, mia in silver, zoe in both."""
    groups = [
        {"slug": "gold", "creators": ["lea", "zoe"]},
        {"slug": "silver", "creators": ["mia", "zoe"]},
    ]
    found = market(creator("lea"), groups=groups, **program)
    line = Line(1, sku, quantity, net_cents)
    shop, terms = found.shop, found.programs["p"]
    earning = pricing.price(terms, shop, who, line, instant(at))
    return earning.of(net_cents if remaining is None else remaining)


def rate(who: object, what: object, bp: int, **more: Any) -> dict[str, Any]:
    return {"who": who, "what": what, "rate_bp": bp, **more}


def flat(who: object, what: object, cents: int) -> dict[str, Any]:
    return {"who": who, "what": what, "flat_cents": cents}


def boost(who: object, what: object, pct: int, **more: Any) -> dict[str, Any]:
    return {
        "name": str(pct),
        "who": who,
        "what": what,
        "multiplier_pct": pct,
        "starts_at": "2026-06-15T00:00:00Z",
        "ends_at": "2026-06-16T00:00:00Z",
        **more,
    }


@pytest.mark.parametrize(
    ("net_cents", "rate_bp", "earned"),
    [(500, 290, 15), (15, 1000, 2), (3, 2000, 1), (2, 2000, 0), (0, 2000, 0)],
)
def test_m3_a_line_is_rounded_once_and_half_up(
    net_cents: int, rate_bp: int, earned: int
) -> None:
    assert earn(net_cents, rate_bp=rate_bp) == earned


def test_m3_a_fraction_of_a_basis_point_is_not_rounded_before_the_money_is() -> None:
    # 7.35 % x 1.5 = 11.025 % of 40.00 is 4.41; 11.02 % would be 4.408, 11.03 % 4.412;
    # of 2000.00 they differ: 220.50, 220.40, 220.60.
    boosts = [boost("everyone", "everything", 150)]
    assert earn(4000, rate_bp=735, boosts=boosts) == 441
    assert earn(200000, rate_bp=735, boosts=boosts) == 22050


# R2, the most specific first. Each earns its own number of cents on 100.00.
BY_PRECEDENCE = [
    rate(LEA, RED, 110),
    rate(LEA, WARM, 120),
    rate(LEA, ALL, 130),
    rate(LEA, "everything", 140),
    rate(GOLD, RED, 150),
    rate(GOLD, WARM, 160),
    rate(GOLD, ALL, 170),
    rate(GOLD, "everything", 180),
    rate("everyone", RED, 190),
    rate("everyone", WARM, 200),
    rate("everyone", ALL, 210),
    rate("everyone", "everything", 220),
]


@pytest.mark.parametrize("best", range(len(BY_PRECEDENCE)))
def test_r2_each_rate_beats_all_that_are_less_specific(best: int) -> None:
    rates = list(reversed(BY_PRECEDENCE[best:]))
    assert earn(10000, rate_bp=1000, rates=rates) == 110 + 10 * best


def test_r2_the_programs_own_rate_is_the_last() -> None:
    assert earn(10000, rate_bp=1000, rates=[]) == 1000


def test_r2_rates_for_others_do_not_apply() -> None:
    for_others = [
        rate({"creator": "mia"}, RED, 110),
        rate({"group": "silver"}, RED, 120),
    ]
    elsewhere = [rate("everyone", {"product": "BLUE"}, 130), rate(LEA, WARM, 140)]
    assert earn(10000, rates=[*for_others, *elsewhere]) == 140
    assert earn(10000, rates=[*for_others, *elsewhere], sku="BLUE", who="lea") == 130
    assert earn(10000, rates=[*for_others, *elsewhere], sku="GREEN") == 1000


@pytest.mark.parametrize(
    ("at", "earned"),
    [
        ("2026-06-01T11:59:59.999999Z", 1000),
        ("2026-06-01T14:00:00+02:00", 300),
        ("2026-06-08T11:59:59.999999Z", 300),
        ("2026-06-08T12:00:00Z", 1000),
    ],
)
def test_r1_a_rate_holds_from_its_first_instant_until_before_its_last(
    at: str, earned: int
) -> None:
    window = {"from": "2026-06-01T12:00:00Z", "until": "2026-06-08T12:00:00Z"}
    rates = [rate(LEA, "everything", 300, **window)]
    assert earn(10000, at=at, rates=rates) == earned


@pytest.mark.parametrize(("quantity", "earned"), [(4, 480), (3, 450), (5, 600)])
def test_d5_of_two_groups_the_one_that_pays_more_on_this_line_wins(
    quantity: int, earned: int
) -> None:
    # 4.5 % of 100.00 is 4.50; 1.20 for each unit is 3.60, 4.80, 6.00.
    rates = [
        rate(GOLD, "everything", 450),
        flat({"group": "silver"}, "everything", 120),
    ]
    assert earn(10000, who="zoe", quantity=quantity, rates=rates) == earned


def test_d5_of_two_groups_that_pay_the_same_the_older_rate_wins() -> None:
    # Both pay 1 cent on 0.10; the older one keeps 0.4 = 0 of 0.04, the other 0.52 = 1.
    rates = [
        rate(GOLD, "everything", 1000),
        rate({"group": "silver"}, "everything", 1300),
    ]
    assert earn(10, who="zoe", rates=rates) == 1
    assert earn(10, who="zoe", rates=rates, remaining=4) == 0


def test_r1_a_flat_rate_is_for_each_unit_and_follows_what_remains() -> None:
    # 0.75 x 3 x 1.5 = 3.375; half of it left 1.6875.
    terms: dict[str, Any] = {
        "rates": [flat(LEA, "everything", 75)],
        "boosts": [boost("everyone", "everything", 150)],
    }
    assert earn(10000, quantity=3, **terms) == 338
    assert earn(10000, quantity=3, remaining=5000, **terms) == 169
    assert earn(10000, quantity=3, remaining=0, **terms) == 0


def test_r7_the_cap_bounds_percent_and_flat() -> None:
    boosts = [boost("everyone", "everything", 300)]
    assert earn(1000, rate_bp=3000, boosts=boosts) == 800
    assert earn(1001, rates=[flat(LEA, RED, 5000)]) == 800
    assert earn(1000, rate_bp=3000, boosts=boosts, cap_bp=5000) == 500


def test_b2_boosts_do_not_multiply_each_other_and_the_best_one_wins() -> None:
    boosts = [boost("everyone", "everything", 150), boost("everyone", RED, 200)]
    assert earn(10000, boosts=boosts) == 2000
    assert earn(10000, boosts=boosts, sku="BLUE") == 1500


def test_d6_of_two_equal_boosts_the_older_one_counts() -> None:
    boosts = [
        boost("everyone", "everything", 200, name="older"),
        boost(LEA, RED, 200, name="younger"),
    ]
    found = market(creator("lea"), boosts=boosts)
    line, at = Line(1, "RED", 1, 10000), instant(PLACED)
    best = pricing.best_boost(found.programs["p"], found.shop, "lea", line.sku, at)
    assert best is not None
    assert best.name == "older"


def test_d6_a_boost_of_a_group_or_a_creator_is_not_for_others() -> None:
    assert earn(10000, boosts=[boost(GOLD, "everything", 300)]) == 3000
    assert earn(10000, boosts=[boost(GOLD, "everything", 300)], who="mia") == 1000
    assert earn(10000, boosts=[boost(LEA, WARM, 300)]) == 3000
    assert earn(10000, boosts=[boost(LEA, WARM, 300)], who="zoe") == 1000


@pytest.mark.parametrize(
    ("at", "earned"),
    [
        ("2026-06-14T23:59:59.999999Z", 1000),
        ("2026-06-15T00:00:00Z", 2000),
        ("2026-06-15T23:59:59.999999Z", 2000),
        ("2026-06-16T00:00:00Z", 1000),
    ],
)
def test_b1_a_boost_runs_from_its_start_until_before_its_end(
    at: str, earned: int
) -> None:
    boosts = [boost("everyone", "everything", 200)]
    assert earn(10000, at=at, boosts=boosts) == earned
