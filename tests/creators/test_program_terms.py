"""What a program pays, as its creators read it (rules R6, B1, B5)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from creators import program_terms
from tests.factories import (
    AudienceFactory,
    BoostFactory,
    EnrollmentFactory,
    ExclusionFactory,
    GroupMemberFactory,
    ProgramFactory,
    RateFactory,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def at():
    return now()


@pytest.fixture
def lea():
    return EnrollmentFactory(program=ProgramFactory(active=True))


def read(enrollment, at):
    return program_terms.read(enrollment.creator_id, enrollment.program_id, at=at)


def running(program, at, **facts):
    window = {"starts_at": at - DAY, "ends_at": at + DAY}
    return BoostFactory(program=program, **window, **facts)


def test_a_private_boost_is_seen_by_its_creator_and_by_nobody_else(lea, at):
    running(lea.program, at, name="For Lea", audience=lea.audience)
    other = EnrollmentFactory(program=lea.program)

    assert [each.name for each in read(lea, at).boosts] == ["For Lea"]
    assert read(other, at).boosts == []


def test_a_groups_boost_is_seen_by_its_members_of_the_moment(lea, at):
    gold = AudienceFactory(program=lea.program)
    running(lea.program, at, name="Gold", audience=gold)
    GroupMemberFactory(
        audience=gold, enrollment=lea, program=lea.program, ends_at=at + DAY / 2
    )

    assert [each.name for each in read(lea, at).boosts] == ["Gold"]
    assert read(lea, at + DAY / 2).boosts == []


def test_changes_to_come_stand_apart_from_what_holds_and_what_is_over(lea, at):
    RateFactory(program=lea.program, rate_bp=900, ends_at=at - DAY)
    RateFactory(program=lea.program, rate_bp=1100, starts_at=at - DAY, ends_at=at + DAY)
    RateFactory(program=lea.program, rate_bp=1300, starts_at=at + DAY)
    ExclusionFactory(program=lea.program)

    page = read(lea, at)

    assert [each.rate_bp for each in page.coming] == [1300, 1100]
    assert [each.kind for each in page.running] == ["exclusion"]
    assert [each.rate_bp for each in page.past] == [900]


def test_who_never_joined_reads_nothing(lea, at):
    assert program_terms.read(lea.creator_id, ProgramFactory().pk, at=at) is None


# ------------------------------------------------------------------ the page


def page_for(user, program):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client.get(reverse("portal_terms", args=[program.pk]))


def test_the_page_shows_a_boost_with_its_countdown(lea, at):
    running(lea.program, at, name="Launch")

    said = page_for(lea.creator.user, lea.program).content.decode()

    assert "Launch" in said
    assert "×2" in said
    assert "left" in said


def test_a_program_one_never_joined_is_missing(lea):
    assert page_for(lea.creator.user, ProgramFactory()).status_code == 404
