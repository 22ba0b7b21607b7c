"""Whom the oracle attributes a line to, on orders made by hand (A1-A6; D2, D3)."""

from typing import Any

import pytest

from tests.stories.oracle.facts import Order, Touches
from tests.stories.oracle.terms import Market
from tests.stories.oracle.tiny import click, creator, market, order
from tests.stories.oracle.verdicts import Judge

RECENT, OLDER = "2026-06-15T11:00:00Z", "2026-06-14T11:00:00Z"


def verdicts(
    found: Market, bought: Order, clicks: str = "", codes: str = ""
) -> list[tuple[str, str]]:
    """Judge one order; say the creator (or nothing) and the reason for each line."""
    touches = Touches(tuple(clicks.split()), tuple(codes.split()))
    return [(v.creator, v.reason) for v in Judge(found).judge(bought, touches)]


def on_red(found: Market, clicks: str = "", codes: str = "") -> tuple[str, str]:
    (verdict,) = verdicts(found, order(), clicks, codes)
    return verdict


def two(**program: Any) -> Market:
    """Make lea, who clicked an hour ago, and mia, who clicked the day before."""
    clicks = (click("l", "lea", RECENT), click("m", "mia", OLDER))
    return market(creator("lea"), creator("mia"), clicks=clicks, **program)


def test_a1_every_line_has_one_verdict_and_nobody_is_one_of_them() -> None:
    bought = order(("RED", 1, 100), ("BLUE", 2, 200), ("GREEN", 3, 300))
    assert verdicts(two(), bought, "l") == [("lea", "click")] * 3
    assert verdicts(two(), bought) == [("", "no_touch")] * 3


def test_a2_always_a_code_earns_alone_and_against_a_click() -> None:
    assert on_red(two(), codes="MIA") == ("mia", "code")
    assert on_red(two(), "l", "MIA") == ("mia", "code")


def test_a2_if_involved_a_code_needs_a_click_of_its_creator_in_the_window() -> None:
    found = two(code_policy="if_involved")
    assert on_red(found, codes="MIA") == ("", "code_without_click")
    assert on_red(found, "l", "MIA") == ("lea", "click")
    assert on_red(found, "l m", "MIA") == ("mia", "code")
    assert on_red(two(code_policy="if_involved", window_days=1), "m", "MIA") == (
        "",
        "code_without_click",
    )


def test_a2_if_winner_a_code_needs_the_click_that_wins() -> None:
    found = two(code_policy="if_winner")
    assert on_red(found, codes="MIA") == ("", "code_without_winning_click")
    assert on_red(found, "l m", "MIA") == ("lea", "click")
    assert on_red(found, "l m", "LEA") == ("lea", "code")
    assert on_red(found, "m", "MIA") == ("mia", "code")


def test_a2_the_first_code_as_applied_wins() -> None:
    assert on_red(two(), codes="MIA LEA") == ("mia", "code")
    assert on_red(two(), codes="lea mia") == ("lea", "code")


def test_a2_one_code_of_two_programs_is_the_older_one() -> None:
    shared = {"codes": [{"code": "SAME"}]}
    older = creator("lea", enrollment=shared)
    younger = creator("mia", "q", enrollment=shared)
    assert on_red(market(older, younger, other={}), codes="same") == ("lea", "code")
    # Where the older one may not win, the younger one does.
    with_policy = market(older, younger, other={}, code_policy="if_involved")
    assert on_red(with_policy, codes="SAME") == ("mia", "code")


@pytest.mark.parametrize(
    ("at", "verdict"),
    [
        ("2026-05-16T12:00:00Z", ("lea", "click")),
        ("2026-05-16T11:59:59.999999Z", ("", "outside_window")),
        ("2026-06-15T12:00:00Z", ("lea", "click")),
        ("2026-06-15T12:00:00.000001Z", ("", "click_after_order")),
    ],
)
def test_a3_the_window_is_exact(at: str, verdict: tuple[str, str]) -> None:
    found = market(creator("lea"), clicks=(click("l", "lea", at),))
    assert on_red(found, "l") == verdict


def test_a3_the_latest_click_wins_and_the_higher_id_on_a_tie() -> None:
    assert on_red(two(), "m l") == ("lea", "click")
    tied = (click("a", "mia", RECENT), click("b", "lea", RECENT))
    found = market(creator("lea"), creator("mia"), clicks=tied)
    assert on_red(found, "b a") == on_red(found, "a b") == ("lea", "click")


@pytest.mark.parametrize(
    ("enrollment", "winner"),
    [
        ({"since": "2026-06-15T12:00:00Z"}, "lea"),
        ({"since": "2026-06-15T12:00:00.000001Z"}, "mia"),
        ({"ended_at": "2026-06-15T12:00:00Z"}, "mia"),
        ({"ended_at": "2026-06-15T12:00:00.000001Z"}, "lea"),
    ],
)
def test_a3_a_click_of_someone_not_enrolled_is_skipped(
    enrollment: dict[str, str], winner: str
) -> None:
    clicks = (click("l", "lea", RECENT), click("m", "mia", OLDER))
    lea = creator("lea", enrollment=enrollment)
    assert on_red(market(lea, creator("mia"), clicks=clicks), "l m")[0] == winner


def test_a4_a_click_on_one_product_credits_the_others_unless_product_only() -> None:
    bought = order(("RED", 1, 100), ("BLUE", 1, 100), ("GREEN", 1, 100))
    clicks = (click("r", "lea-red", RECENT), click("l", "lea", RECENT))
    halo = market(creator("lea"), clicks=clicks)
    product_only = market(creator("lea"), clicks=clicks, halo=False)
    won, lost = ("lea", "click"), ("", "product_only")
    assert verdicts(halo, bought, "r") == [won, won, won]
    assert verdicts(product_only, bought, "r") == [won, lost, lost]
    assert verdicts(product_only, bought, "l") == [won, won, won]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ({"status": "retired"}, "code_retired"),
        ({"ends_at": "2026-06-15T12:00:00Z"}, "code_expired"),
        ({"starts_at": "2026-06-15T12:00:00.000001Z"}, "code_not_started"),
        ({"max_uses": 0}, "code_used_up"),
    ],
)
def test_a5_a_code_that_does_not_work_never_erases_a_click(
    code: dict[str, Any], reason: str
) -> None:
    mia = creator("mia", enrollment={"codes": [{"code": "MIA", **code}]})
    clicks = (click("l", "lea", RECENT),)
    found = market(creator("lea"), mia, clicks=clicks)
    assert on_red(found, "l", "MIA") == ("lea", "click")
    assert on_red(found, codes="MIA") == ("", reason)
    assert on_red(found, codes="MIA LEA") == ("lea", "code")


def test_a5_nor_does_a_code_that_nobody_knows() -> None:
    assert on_red(two(), "l", "WELCOME") == ("lea", "click")
    assert on_red(two(), codes="WELCOME") == ("", "code_unknown")
    assert on_red(two(), "nobodys") == ("", "click_unknown")


def test_a5_uses_are_taken_order_by_order_also_by_a_code_that_does_not_win() -> None:
    codes = [{"code": "TWICE", "max_uses": 2}]
    judge = Judge(market(creator("lea"), creator("mia", enrollment={"codes": codes})))

    def reasons(*codes: str, **more: str) -> list[str]:
        return [v.reason for v in judge.judge(order(**more), Touches((), codes))]

    assert reasons("TWICE", status="pending") == ["order_not_paid"]
    assert reasons("TWICE") == ["code"]
    assert reasons("LEA", "TWICE") == ["code"]
    assert reasons("TWICE") == ["code_used_up"]


def test_a6_an_excluded_product_earns_nothing_and_a_category_takes_its_own() -> None:
    bought = order(("RED", 1, 100), ("BLUE", 1, 100), ("GREEN", 1, 100))
    won, lost = ("lea", "click"), ("", "excluded")
    for exclusion, expected in (
        ({"product": "RED"}, [lost, won, won]),
        ({"category": "warm"}, [lost, won, won]),
        ({"category": "all"}, [lost, lost, won]),
        ({"product": "RED", "until": "2026-06-15T12:00:00Z"}, [won, won, won]),
        ({"product": "RED", "from": "2026-06-15T12:00:00Z"}, [lost, won, won]),
    ):
        assert verdicts(two(exclusions=[exclusion]), bought, "l") == expected


def test_a6_an_exclusion_counts_in_its_own_program() -> None:
    clicks = (click("l", "lea", RECENT), click("m", "mia", OLDER))
    creators = creator("lea"), creator("mia", "q")
    exclusions = [{"product": "RED"}]
    found = market(*creators, clicks=clicks, other={}, exclusions=exclusions)
    assert on_red(found, "l m", "LEA") == ("mia", "click")


def test_a6_the_other_reasons() -> None:
    bot = (click("l", "lea", RECENT, bot=True),)
    assert on_red(market(creator("lea"), clicks=bot), "l") == ("", "bot_click")
    closed = two(periods=[{"until": "2026-06-15T12:00:00Z"}])
    assert on_red(closed, "l") == ("", "program_not_active")
    known = two(catalogue_only=True)
    bought = order(("RED", 1, 100), ("GREEN", 1, 100))
    expected = [("lea", "click"), ("", "not_in_catalogue")]
    assert verdicts(known, bought, "l") == expected
    assert verdicts(two(), order(status="pending"), "l") == [("", "order_not_paid")]
    assert verdicts(two(), order(status="cancelled"), "l") == [("", "order_cancelled")]


def test_d3_the_reason_is_that_of_the_first_touch_codes_before_later_clicks() -> None:
    clicks = (
        click("old", "lea", "2026-01-15T12:00:00Z"),
        click("late", "lea", "2026-06-15T13:00:00Z"),
    )
    found = market(creator("lea"), clicks=clicks)
    assert on_red(found, "old late") == ("", "click_after_order")
    assert on_red(found, "old unknown") == ("", "outside_window")
    assert on_red(found, "old late", "WELCOME") == ("", "code_unknown")
