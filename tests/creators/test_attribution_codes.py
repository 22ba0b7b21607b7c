"""When a code earns, which of several, and that a bad one erases nothing (A2, A5)."""

from datetime import timedelta

import pytest

from creators.models import CodeUse
from tests.creators.judging import (
    MICROSECOND,
    PLACED,
    change,
    click,
    code,
    enrolled,
    judge,
    line,
    link,
    program,
    short,
    verdict,
)
from tests.factories.shops import OrderLineFactory

pytestmark = pytest.mark.django_db


def reasons(found):
    return {touch["ref"]: touch["why"] for touch in found.touches}


def test_a_code_alone_earns():
    ours = program()
    lea = code(ours, "LEA10")

    found = verdict(ours, codes=["LEA10"])

    assert short(found) == (
        "attributed",
        "code_applied",
        lea.enrollment.creator.handle,
    )
    assert (found.via, found.code, found.link) == ("code", lea, None)


@pytest.mark.parametrize("typed", ["lea10", " LEA10 ", "Lea10"])
def test_a_code_is_read_without_case_and_blanks(typed):
    ours = program()
    code(ours, "LEA10")

    assert verdict(ours, codes=[typed]).state == "attributed"


def test_a_code_beats_a_later_click_of_another_creator():
    ours = program()
    lea, zoe = code(ours, "LEA10"), link(ours)

    found = verdict(ours, codes=["LEA10"], clicks=[click(zoe)])

    assert found.code == lea
    assert list(reasons(found).values()) == ["code_applied", "other_touch_won"]


def test_of_several_codes_the_first_as_applied_wins():
    ours = program()
    lea, zoe = code(ours, "LEA10"), code(ours, "ZOE10")

    assert verdict(ours, codes=["ZOE10", "LEA10"]).code == zoe
    assert verdict(ours, codes=["LEA10", "ZOE10"]).code == lea


def test_one_text_in_two_programs_of_a_shop_is_the_older_code():
    first = program()
    second = program(shop=first.shop)
    younger_program_older_code = code(second, "SUMMER")
    code(first, "summer")

    assert verdict(first, codes=["SUMMER"]).code == younger_program_older_code


@pytest.mark.parametrize(
    ("policy", "involved", "wins", "reason"),
    [
        ("always", False, False, "code_applied"),
        ("always", True, False, "code_applied"),
        ("if_involved", False, False, "code_needs_click"),
        ("if_involved", True, False, "code_applied"),
        ("if_involved", True, True, "code_applied"),
        ("if_winner", False, False, "code_needs_winning_click"),
        ("if_winner", True, False, "code_needs_winning_click"),
        ("if_winner", True, True, "code_applied"),
    ],
)
def test_the_programs_policy_decides_when_a_code_earns(policy, involved, wins, reason):
    ours = program(code_policy=policy)
    lea, zoe = enrolled(ours), enrolled(ours)
    code(lea, "LEA10")
    clicks = [click(link(zoe), before=timedelta(hours=5))]
    if involved:
        hours = 1 if wins else 9
        clicks.append(click(link(lea), before=timedelta(hours=hours)))

    found = verdict(ours, codes=["LEA10"], clicks=clicks)

    assert reasons(found)["LEA10"] == reason
    winner = lea if reason == "code_applied" else zoe
    assert found.creator == winner.creator


@pytest.mark.parametrize("policy", ["if_involved", "if_winner"])
def test_a_click_outside_the_window_does_not_involve(policy):
    ours = program(code_policy=policy, window_days=30)
    lea = enrolled(ours)
    code(lea, "LEA10")
    late = click(link(lea), before=timedelta(days=30) + MICROSECOND)

    found = verdict(ours, codes=["LEA10"], clicks=[late])

    assert found.state == "nobody"
    assert found.reason.startswith("code_needs")


def test_a_code_that_may_not_earn_leaves_it_to_the_next_one():
    ours = program(code_policy="if_involved")
    code(ours, "ZOE10")
    lea = enrolled(ours)
    second = code(lea, "LEA10")

    found = verdict(ours, codes=["ZOE10", "LEA10"], clicks=[click(link(lea))])

    assert found.code == second


BAD_CODES = {
    "code_unknown": None,
    "code_retired": {"status": "retired", "retired_at": PLACED},
    "code_not_started": {"starts_at": PLACED + MICROSECOND},
    "code_expired": {"ends_at": PLACED},
}


@pytest.mark.parametrize("reason", BAD_CODES)
def test_a_bad_code_never_erases_a_valid_click(reason):
    ours = program()
    lea = link(ours)
    if BAD_CODES[reason]:
        code(ours, "ZOE10", **BAD_CODES[reason])

    found = verdict(ours, codes=["ZOE10"], clicks=[click(lea)])

    assert (found.link, found.reason) == (lea, "latest_click")
    assert reasons(found)["ZOE10"] == reason


@pytest.mark.parametrize("reason", BAD_CODES)
def test_a_bad_code_alone_is_the_reason(reason):
    ours = program()
    if BAD_CODES[reason]:
        code(ours, "ZOE10", **BAD_CODES[reason])

    assert short(verdict(ours, codes=["ZOE10"])) == ("nobody", reason, None)


@pytest.mark.parametrize(
    "window",
    [
        {"starts_at": PLACED},
        {"ends_at": PLACED + MICROSECOND},
        {"status": "retired", "retired_at": PLACED + MICROSECOND},
        {"status": "banned", "retired_at": PLACED + MICROSECOND},
    ],
    ids=str,
)
def test_a_code_is_valid_from_its_first_moment_to_before_its_end(window):
    ours = program()
    code(ours, "LEA10", **window)

    assert verdict(ours, codes=["LEA10"]).state == "attributed"


def test_a_banned_code_is_like_a_retired_one():
    ours = program()
    code(ours, "LEA10", banned=True, retired_at=PLACED)

    assert verdict(ours, codes=["LEA10"]).reason == "code_retired"


def test_the_reason_is_the_first_codes_before_any_clicks():
    ours = program()
    code(ours, "LEA10", ends_at=PLACED)
    clicks = [click(link(ours), bot=True)]

    found = verdict(ours, codes=["NOPE", "LEA10"], clicks=clicks)

    assert found.reason == "code_unknown"


# ------------------------------------------------------------------ most uses


def placed(minutes):
    return PLACED + timedelta(minutes=minutes)


def test_the_uses_of_a_code_go_to_the_orders_placed_first():
    ours = program()
    lea = code(ours, "LEA10", max_uses=2)
    lines = [line(ours, codes=["LEA10"], placed_at=placed(m)) for m in (3, 1, 2)]

    found = judge(*lines)

    assert [each.reason for each in found] == [
        "code_used_up",
        "code_applied",
        "code_applied",
    ]
    assert lea.uses.count() == 2


def test_the_uses_of_a_code_are_counted_across_batches():
    ours = program()
    code(ours, "LEA10", max_uses=2)

    found = [verdict(ours, codes=["LEA10"]).reason for _ in range(3)]

    assert found == ["code_applied", "code_applied", "code_used_up"]


def test_a_used_up_code_never_erases_a_valid_click():
    ours = program()
    lea = link(ours)
    code(ours, "ZOE10", max_uses=1)
    verdict(ours, codes=["ZOE10"])

    found = verdict(ours, codes=["ZOE10"], clicks=[click(lea)])

    assert (found.link, reasons(found)["ZOE10"]) == (lea, "code_used_up")


def test_an_order_takes_one_use_for_all_its_lines_and_judgements():
    ours = program()
    code(ours, "LEA10", max_uses=1)
    first = line(ours, codes=["LEA10", "lea10"])
    second = OrderLineFactory(order=first.order)

    judge(first)
    found = judge(first, second)

    assert [each.state for each in found] == ["attributed", "attributed"]
    assert CodeUse.objects.count() == 1


@pytest.mark.parametrize("status", ["pending", "cancelled"])
def test_an_order_that_is_not_paid_takes_no_use(status):
    ours = program()
    code(ours, "LEA10", max_uses=1)
    verdict(ours, codes=["LEA10"], status=status)

    assert verdict(ours, codes=["LEA10"]).state == "attributed"


def test_a_pending_order_takes_its_use_once_it_is_paid():
    ours = program()
    lea = code(ours, "LEA10", max_uses=1)
    waiting = line(ours, codes=["LEA10"], status="pending")
    judge(waiting)

    assert change(waiting, status="paid").state == "attributed"
    assert lea.uses.count() == 1


def test_an_expired_code_takes_no_use():
    ours = program()
    lea = code(ours, "LEA10", max_uses=1, ends_at=PLACED)
    verdict(ours, codes=["LEA10"])

    assert not lea.uses.exists()
