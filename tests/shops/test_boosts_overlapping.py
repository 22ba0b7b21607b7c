"""Boosts that meet (rule B5): found, shown before saving, told by the API."""

from datetime import UTC, datetime, timedelta

import pytest

from shops import boosts, timeline
from shops.models import Boost
from tests.factories.shops import (
    MOMENT,
    AudienceFactory,
    BoostFactory,
    CategoryFactory,
    ProductFactory,
    ProgramFactory,
    ShopFactory,
)
from tests.shops.asking import Asker, said
from tests.shops.backoffice import ADD_BOOST, add, boost_form, member_browser, text

pytestmark = pytest.mark.django_db
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
CENTURY = datetime(2100, 1, 3, tzinfo=UTC)


@pytest.fixture
def program():
    return ProgramFactory()


def met(program, **new):
    window = {"starts_at": MOMENT, "ends_at": MOMENT + DAY}
    return boosts.overlapping(program, **{"multiplier_pct": 200, **window, **new})


def test_a_boost_in_the_same_hours_is_met_while_both_hold(program):
    other = BoostFactory(program=program, ends_at=MOMENT + DAY / 2)

    found = met(program)

    assert [each.boost for each in found] == [other]
    assert (found[0].starts_at, found[0].ends_at) == (MOMENT, MOMENT + DAY / 2)
    assert found[0].is_certain


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "count"),
    [
        (MOMENT - DAY, MOMENT, 0),
        (MOMENT - DAY, MOMENT + INSTANT, 1),
        (MOMENT + DAY, MOMENT + 2 * DAY, 0),
        (MOMENT + DAY - INSTANT, MOMENT + 2 * DAY, 1),
    ],
)
def test_boosts_meet_to_the_microsecond(program, starts_at, ends_at, count):
    BoostFactory(program=program, starts_at=starts_at, ends_at=ends_at)

    assert len(met(program)) == count


@pytest.mark.parametrize(
    ("pct", "wins"), [(199, False), (200, True), (201, True), (300, True)]
)
def test_the_one_that_pays_most_wins_and_of_equal_ones_the_older(program, pct, wins):
    BoostFactory(program=program, multiplier_pct=pct)

    assert met(program)[0].wins is wins


def test_a_boost_of_another_program_is_not_met(program):
    BoostFactory(program=ProgramFactory(shop=program.shop))

    assert met(program) == []


def test_goods_are_shared_along_the_branches_of_the_catalogue(program):
    shop = program.shop
    skin = CategoryFactory(shop=shop, slug="skin")
    face = CategoryFactory(shop=shop, slug="face", parent=skin)
    hair = CategoryFactory(shop=shop, slug="hair")
    cream = ProductFactory(shop=shop, category=face)
    for name, goods in {
        "skin": {"category": skin},
        "face": {"category": face},
        "hair": {"category": hair},
        "cream": {"product": cream},
        "soap": {"product": ProductFactory(shop=shop)},
        "all": {},
    }.items():
        BoostFactory(program=program, name=name, **goods)

    def names(**goods):
        return {each.boost.name for each in met(program, **goods)}

    assert names(category=skin) == {"skin", "face", "cream", "all"}
    assert names(category=face) == {"skin", "face", "cream", "all"}
    assert names(product=cream) == {"skin", "face", "cream", "all"}
    assert names(category=hair) == {"hair", "all"}
    assert names() == {"skin", "face", "hair", "cream", "soap", "all"}


@pytest.mark.parametrize(
    ("mine", "its", "certain"),
    [
        (None, "creator", [True]),
        ("creator", "creator", []),
        ("creator", "group", [False]),
        ("group", "group", [False]),
    ],
)
def test_creators_may_be_in_both(program, mine, its, certain):
    BoostFactory(program=program, audience=AudienceFactory(program=program, kind=its))
    own = mine and AudienceFactory(program=program, kind=mine)

    assert [each.is_certain for each in met(program, audience=own)] == certain


def test_a_picture_marks_where_boosts_meet(program):
    long = BoostFactory(program=program, starts_at=MOMENT, ends_at=MOMENT + 10 * DAY)
    short = BoostFactory(
        program=program, starts_at=MOMENT + 4 * DAY, ends_at=MOMENT + 5 * DAY
    )

    drawn = timeline.draw([long, short], at=MOMENT + 5 * DAY)

    assert drawn is not None
    assert drawn.now_x == 500
    assert [(each.bar.x, each.bar.width) for each in drawn.strips] == [
        (0, 1000),
        (400, 100),
    ]
    assert [
        [(part.x, part.width) for part in each.crossings] for each in drawn.strips
    ] == [[(400, 100)], [(400, 100)]]


def test_a_picture_of_nothing_is_none():
    assert timeline.draw([], at=MOMENT) is None


# ------------------------------------------------------------------ before saving


@pytest.fixture
def running(program):
    return BoostFactory(
        program=program, name="Old", starts_at=CENTURY, ends_at=CENTURY + DAY
    )


def test_an_overlap_is_shown_in_words_and_not_saved(program, running):
    page = member_browser(program.shop).post(ADD_BOOST, boost_form(program))

    said = text(page)
    assert page.status_code == 200
    assert "Other boosts hold at the same time" in said
    assert "Old ×2" in said
    assert "counts, the new one does not" in said
    assert "is-crossing" in said
    assert Boost.objects.get() == running


def test_an_overlap_that_was_seen_is_saved(program, running):
    form = boost_form(program, accepts_overlaps="on")

    answer = add(member_browser(program.shop), ADD_BOOST, form)

    assert answer.status_code == 302
    assert Boost.objects.count() == 2


def test_a_boost_that_meets_none_asks_for_nothing(program):
    answer = add(member_browser(program.shop), ADD_BOOST, boost_form(program))

    assert answer.status_code == 302


def test_another_shops_boosts_are_never_shown(program, running):
    stranger = member_browser(ShopFactory())

    page = stranger.post(ADD_BOOST, boost_form(program))

    assert "Old" not in text(page)
    assert Boost.objects.get() == running


def test_the_api_tells_which_boosts_a_new_one_meets(program, running):
    window = {
        "starts_at": "2100-01-03T12:00:00Z",
        "ends_at": "2100-01-08T00:00:00Z",
    }
    body = {"name": "Launch", "multiplier_pct": 300, **window}

    made = said(
        Asker(program.shop).send("POST", f"/programs/{program.pk}/boosts", body), 201
    )

    assert made["overlaps"] == [
        {
            "id": running.pk,
            "name": "Old",
            "multiplier_pct": 200,
            "starts_at": "2100-01-03T12:00:00Z",
            "ends_at": "2100-01-04T00:00:00Z",
            "wins": False,
            "is_certain": True,
        }
    ]
