"""Whose a line is: the latest eligible click, and one verdict a line (A1, A3, A4)."""

from datetime import timedelta

import pytest

from creators import attribution
from creators.models import UnaccruedVerdict, Verdict
from shops.models import UnsettledLine
from tests.creators.judging import (
    MICROSECOND,
    NOW,
    click,
    enrolled,
    judge,
    line,
    link,
    program,
    queue,
    short,
    verdict,
)
from tests.factories.creators import ClickFactory
from tests.factories.shops import OrderLineFactory, ProductFactory

pytestmark = pytest.mark.django_db


def test_a_line_without_touches_is_nobodys():
    assert short(verdict(program())) == ("nobody", "no_touch", None)


def test_a_click_attributes_the_line_to_the_links_creator():
    ours = program()
    lea = link(ours)

    found = verdict(ours, clicks=[click(lea)])

    assert short(found) == ("attributed", "latest_click", lea.enrollment.creator.handle)
    assert (found.via, found.link, found.code) == ("click", lea, None)
    assert (found.program, found.enrollment) == (ours, lea.enrollment)


def test_every_line_of_an_order_has_one_verdict():
    ours = program()
    first = line(ours, clicks=[click(link(ours))])
    second = OrderLineFactory(order=first.order)

    judge(first, second)
    judge(first, second)

    assert Verdict.objects.filter(line__order=first.order).count() == 2
    assert not UnsettledLine.objects.exists()


@pytest.mark.parametrize(
    ("days", "before", "state"),
    [
        (30, timedelta(days=30), "attributed"),
        (30, timedelta(days=30) + MICROSECOND, "nobody"),
        (1, timedelta(days=1), "attributed"),
        (1, timedelta(days=1) + MICROSECOND, "nobody"),
        (90, timedelta(days=90), "attributed"),
        (90, timedelta(days=90) + MICROSECOND, "nobody"),
    ],
)
def test_the_window_holds_exactly_its_length(days, before, state):
    ours = program(window_days=days)

    found = verdict(ours, clicks=[click(link(ours), before=before)])

    assert found.state == state
    assert (
        found.reason
        == {
            "attributed": "latest_click",
            "nobody": "outside_window",
        }[state]
    )


def test_a_window_across_the_change_of_the_clock_counts_hours():
    # Between 2026-10-04 and 11-03 Paris gains an hour: 30 days are 720 hours.
    ours = program(window_days=30)

    found = verdict(ours, clicks=[click(link(ours), before=timedelta(hours=720))])

    assert found.state == "attributed"


@pytest.mark.parametrize(
    ("before", "reason"),
    [(timedelta(0), "latest_click"), (-MICROSECOND, "clicked_after_order")],
)
def test_a_click_counts_up_to_the_moment_of_the_order(before, reason):
    ours = program()

    assert verdict(ours, clicks=[click(link(ours), before=before)]).reason == reason


def test_the_latest_click_wins_whatever_the_order_names_first():
    ours = program()
    early, late = link(ours), link(ours)
    clicks = [
        click(late, before=timedelta(minutes=1)),
        click(early, before=timedelta(minutes=2)),
    ]

    assert verdict(ours, clicks=clicks).link == late
    assert verdict(ours, clicks=clicks[::-1]).link == late


def test_of_two_clicks_at_one_instant_the_higher_id_wins():
    ours = program()
    low, high = click(link(ours)), click(link(ours))
    low, high = sorted([low, high])

    found = verdict(ours, clicks=[high, low])

    assert [touch["ref"] for touch in found.touches] == [high, low]
    assert found.touches[0]["outcome"] == "won"


def test_a_later_click_that_may_not_earn_leaves_it_to_the_earlier_one():
    ours = program()
    lea, zoe = link(ours), link(enrolled(ours, ended=True))
    clicks = [
        click(lea, before=timedelta(hours=2)),
        click(zoe, before=timedelta(hours=1)),
    ]

    found = verdict(ours, clicks=clicks)

    assert found.link == lea
    assert [(touch["outcome"], touch["why"]) for touch in found.touches] == [
        ("won", "latest_click"),
        ("lost", "enrollment_not_active"),
    ]


def test_a_click_credits_the_other_products_of_the_program():
    ours = program(halo=True)
    serum, soap = ProductFactory.create_batch(2, shop=ours.shop)
    clicks = [click(link(ours, product=serum))]

    assert verdict(ours, clicks=clicks, product=soap).state == "attributed"


@pytest.mark.parametrize("bought", ["the linked", "another", "an unknown"])
def test_without_halo_a_link_to_a_product_credits_that_product_only(bought):
    ours = program(halo=False)
    serum, soap = ProductFactory.create_batch(2, shop=ours.shop)
    product = {"the linked": serum, "another": soap, "an unknown": None}[bought]

    found = verdict(ours, clicks=[click(link(ours, product=serum))], product=product)

    expected = "latest_click" if bought == "the linked" else "product_only"
    assert found.reason == expected


def test_without_halo_a_link_to_no_product_credits_every_product():
    ours = program(halo=False)
    soap = ProductFactory(shop=ours.shop)

    assert verdict(ours, clicks=[click(link(ours))], product=soap).state == "attributed"


def test_a_loaded_click_is_found_by_its_id():
    ours = program()
    lea = link(ours)
    past = ClickFactory(link=lea, click_id="c-0001", at=NOW - timedelta(days=20))

    assert verdict(ours, clicks=[past.click_id]).link == lea


def test_a_token_is_believed_before_its_row_is_imported():
    ours = program()
    lea = link(ours)

    assert not lea.clicks.exists()
    assert verdict(ours, clicks=[click(lea)]).link == lea


def test_the_verdict_keeps_every_touch_and_why_it_lost():
    ours = program()
    lea, zoe = link(ours), link(ours)
    won, lost = click(lea), click(zoe, before=timedelta(days=2))

    found = verdict(ours, clicks=[lost, won], codes=["WELCOME"])

    assert found.touches == [
        {
            "kind": "click",
            "ref": won,
            "at": "2026-11-03T08:15:00+00:00",
            "creator": lea.enrollment.creator.handle,
            "outcome": "won",
            "why": "latest_click",
        },
        {
            "kind": "click",
            "ref": lost,
            "at": "2026-11-01T09:15:00+00:00",
            "creator": zoe.enrollment.creator.handle,
            "outcome": "lost",
            "why": "other_touch_won",
        },
        {
            "kind": "code",
            "ref": "WELCOME",
            "at": None,
            "creator": None,
            "outcome": "lost",
            "why": "code_unknown",
        },
    ]


def test_one_click_named_twice_is_one_touch():
    ours = program()
    once = click(link(ours))

    assert len(verdict(ours, clicks=[once, once]).touches) == 1


def test_a_batch_says_what_it_left_and_an_empty_one_is_zero():
    ours = program()
    lines = [
        line(ours, clicks=[click(link(ours))]),
        line(ours),
        line(ours, status="pending"),
    ]
    queue(*lines)

    assert attribution.settle(at=NOW) == attribution.Settled(3, 1, 1, 1)
    assert attribution.settle(at=NOW) == attribution.Settled(0, 0, 0, 0)


def test_a_batch_takes_no_more_than_its_limit():
    ours = program()
    queue(*[line(ours) for _ in range(3)])

    assert attribution.settle(at=NOW, limit=2).lines == 2
    assert UnsettledLine.objects.count() == 1


def test_only_what_may_move_money_goes_to_the_floor_above():
    ours = program()
    earns, never = line(ours, clicks=[click(link(ours))]), line(ours)

    judge(earns, never)

    assert [row.verdict_id for row in UnaccruedVerdict.objects.all()] == [earns.pk]
