"""An order is judged by the settings of its own moment (R4), whenever it comes in."""

from datetime import timedelta

import pytest

from shops import drafting, program_settings
from shops.models import UnsettledLine
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
from tests.factories.shops import ProductFactory

pytestmark = pytest.mark.django_db

NOTICE = timedelta(hours=360)
DAY = timedelta(days=1)


def turned(of, name, value, *, holds_from):
    """Let a setting hold from a moment on, said 15 days before where it is worse."""
    is_better = program_settings.favours(name, getattr(of, name), value)
    at = holds_from if is_better else holds_from - NOTICE
    drafting.change(of, {name: value}, at=at)


def clicked_ten_days_before(of):
    lea = enrolled(of)
    shown = ProductFactory(shop=of.shop)
    return lea, link(lea, product=shown)


def by_an_old_click(of):
    lea, on = clicked_ten_days_before(of)
    return lea, {"clicks": [click(on, before=10 * DAY)], "product": on.product}


def by_a_click_on_another_product(of):
    lea, on = clicked_ten_days_before(of)
    other = ProductFactory(shop=of.shop)
    return lea, {"clicks": [click(on)], "product": other}


def by_an_unknown_product(of):
    lea = enrolled(of)
    return lea, {"clicks": [click(link(lea))]}


def by_a_code_alone(of):
    lea = enrolled(of)
    code(lea, "LEA10")
    return lea, {"codes": ["LEA10"], "product": ProductFactory(shop=of.shop)}


# What is bought, and the settings by which it is and is not the creator's.
CASES = [
    (by_an_old_click, "window_days", 10, 9, "outside_window"),
    (by_a_click_on_another_product, "halo", True, False, "product_only"),
    (by_an_unknown_product, "catalogue_only", False, True, "not_in_catalogue"),
    (by_a_code_alone, "code_policy", "always", "if_involved", "code_needs_click"),
    (by_a_code_alone, "code_policy", "always", "if_winner", "code_needs_winning_click"),
]


@pytest.mark.parametrize(("bought", "name", "good", "bad", "reason"), CASES)
@pytest.mark.parametrize("is_better", [True, False])
@pytest.mark.parametrize(
    ("border", "is_before"),
    [
        (PLACED + timedelta(seconds=1), True),
        (PLACED + MICROSECOND, True),
        (PLACED, False),
        (PLACED - MICROSECOND, False),
        (PLACED - timedelta(seconds=1), False),
    ],
)
def test_the_setting_at_the_order_decides(
    bought, name, good, bad, reason, is_better, border, is_before
):
    first, then = (bad, good) if is_better else (good, bad)
    ours = program(**{name: first})
    lea, facts = bought(ours)
    turned(ours, name, then, holds_from=border)

    found = short(verdict(ours, **facts))

    if is_before == is_better:
        assert found == ("nobody", reason, None)
    else:
        assert found[0::2] == ("attributed", lea.creator.handle)


def test_an_order_that_comes_late_across_three_changes_has_its_own():
    ours = program(window_days=5)
    _lea, facts = by_an_old_click(ours)
    turned(ours, "window_days", 20, holds_from=PLACED - 20 * DAY)
    turned(ours, "window_days", 8, holds_from=PLACED + MICROSECOND)
    turned(ours, "window_days", 90, holds_from=PLACED + 5 * DAY)

    assert verdict(ours, **facts).state == "attributed"


def test_one_batch_judges_each_order_by_its_own_moment():
    ours = program(window_days=9)
    lea, facts = by_an_old_click(ours)
    turned(ours, "window_days", 60, holds_from=PLACED)
    placed = [PLACED - MICROSECOND, PLACED, PLACED + DAY]

    found = judge(*(line(ours, **facts, placed_at=at) for at in placed))

    assert [each.state for each in found] == ["nobody", "attributed", "attributed"]
    assert found[1].creator == lea.creator


def test_a_change_of_one_program_leaves_another():
    ours, other = program(window_days=30), program(window_days=30)
    _lea, facts = by_an_old_click(ours)
    turned(other, "window_days", 1, holds_from=PLACED - DAY)

    assert verdict(ours, **facts).state == "attributed"


def test_what_is_planned_or_was_taken_back_judges_nothing():
    ours = program(window_days=30)
    _lea, facts = by_an_old_click(ours)
    said = PLACED - NOTICE - DAY
    drafting.change(ours, {"window_days": 1}, at=said)
    program_settings.withdraw(ours, at=PLACED - DAY - MICROSECOND)

    assert verdict(ours, **facts).state == "attributed"


def test_a_newer_version_placed_across_the_change_is_judged_by_its_moment():
    ours = program(window_days=30)
    _lea, facts = by_an_old_click(ours)
    sold = line(ours, **facts)
    turned(ours, "window_days", 10, holds_from=PLACED + MICROSECOND)
    assert judge(sold)[0].state == "attributed"

    later = PLACED + timedelta(hours=1)

    assert change(sold, placed_at=later, version=2).reason == "outside_window"
    assert change(sold, placed_at=PLACED, version=3).state == "attributed"
    assert not UnsettledLine.objects.exists()
