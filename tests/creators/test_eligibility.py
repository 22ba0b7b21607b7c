"""Whom a program takes, and which rule is told to whom it does not (rule P2)."""

from datetime import UTC, date, datetime

import pytest
from django.utils.translation import override

from creators import eligibility
from tests.factories import CreatorFactory, ProgramFactory
from tests.factories.shops import MOMENT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def unmet(creator, at=MOMENT, **terms):
    program = ProgramFactory.build(**terms)
    return [
        (rule.code, rule.words) for rule in eligibility.unmet(creator, program, at=at)
    ]


def test_a_program_that_asks_for_nothing_asks_for_18_years():
    assert unmet(CreatorFactory(eligible=True)) == []
    assert unmet(CreatorFactory()) == [
        ("birth_date_unknown", "You need to be 18; your date of birth is not known.")
    ]


@pytest.mark.parametrize(
    ("terms", "has", "code", "words"),
    [
        ({"least_followers": 1000}, {"followers": 1000}, None, None),
        (
            {"least_followers": 1000},
            {"followers": 800},
            "too_few_followers",
            "You need 1,000 followers, you have 800.",
        ),
        ({"most_followers": 1000}, {"followers": 1000}, None, None),
        (
            {"most_followers": 1000},
            {"followers": 1001},
            "too_many_followers",
            "At most 1,000 followers, you have 1,001.",
        ),
        (
            {"least_followers": 0},
            {"followers": None},
            "followers_unknown",
            "Your number of followers is not known.",
        ),
        ({"countries": ["BE", "FR"]}, {"country": "FR"}, None, None),
        (
            {"countries": ["BE", "FR"]},
            {"country": "DE"},
            "country_not_taken",
            "You need to live in BE, FR, you live in DE.",
        ),
        (
            {"countries": ["FR"]},
            {"country": ""},
            "country_unknown",
            "You need to live in FR; your country is not known.",
        ),
        ({"niches": ["Care", "hair"]}, {"niches": ["tech", "care"]}, None, None),
        (
            {"niches": ["care", "hair"]},
            {"niches": ["tech"]},
            "niche_not_taken",
            "You need one of these niches: care, hair; yours: tech.",
        ),
        (
            {"niches": ["care"]},
            {"niches": []},
            "niches_unknown",
            "You need one of these niches: care; yours are not known.",
        ),
        (
            {"least_age": 21},
            {"born_on": date(2005, 11, 4)},
            "too_young",
            "You need to be 21, you are 20.",
        ),
        ({"least_age": 21}, {"born_on": date(2005, 11, 3)}, None, None),
    ],
)
def test_each_rule_is_told_with_both_sides(terms, has, code, words):
    creator = CreatorFactory(eligible=True, **has)

    assert unmet(creator, **terms) == ([(code, words)] if code else [])


def test_every_rule_that_is_not_met_is_told():
    found = unmet(
        CreatorFactory(country="DE"),
        countries=["FR"],
        least_followers=1,
        niches=["care"],
    )

    assert [code for code, _words in found] == [
        "country_not_taken",
        "followers_unknown",
        "niches_unknown",
        "birth_date_unknown",
    ]


def test_numbers_are_written_as_the_reader_does():
    creator = CreatorFactory(eligible=True, followers=800)

    with override("fr"):
        [(_code, words)] = unmet(creator, least_followers=1000)

    assert "1\u202f000" in words.replace("\xa0", "\u202f")


def test_a_birthday_begins_at_midnight_where_the_shop_is():
    creator = CreatorFactory(eligible=True, born_on=date(2008, 11, 4))
    before = datetime(2026, 11, 3, 22, 59, 59, 999999, tzinfo=UTC)
    midnight_in_paris = datetime(2026, 11, 3, 23, tzinfo=UTC)

    assert [code for code, _ in unmet(creator, at=before)] == ["too_young"]
    assert unmet(creator, at=midnight_in_paris) == []


@pytest.mark.parametrize(
    ("day", "age"),
    [
        (date(2026, 2, 28), 17),
        (date(2026, 3, 1), 18),
        (date(2028, 2, 28), 19),
        (date(2028, 2, 29), 20),
    ],
)
def test_who_was_born_on_a_leap_day_is_older_in_march(day, age):
    assert eligibility.age_on(date(2008, 2, 29), day) == age
