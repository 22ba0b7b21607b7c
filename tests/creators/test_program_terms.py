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
    CategoryFactory,
    EnrollmentFactory,
    ExclusionFactory,
    GroupMemberFactory,
    ProductFactory,
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

    assert [each.rate_bp for each in page.coming] == [1300]
    assert [each.kind for each in page.running] == ["rate", "exclusion"]
    assert [each.rate_bp for each in page.past] == [900]


def rates_of(found):
    return [each.rate_bp for each in found]


def announce(program, at, rate_bp, **facts):
    """Announce a rate now, which binds earlier creators in 30 days."""
    known = {"starts_at": at, "announced_at": at, "binds_at": at + 30 * DAY}
    return RateFactory(program=program, rate_bp=rate_bp, **known, **facts)


def test_what_a_rate_of_ones_own_always_beats_is_left_out(lea, at):
    skin = CategoryFactory(shop=lea.program.shop)
    soap = ProductFactory(shop=lea.program.shop, category=skin)
    RateFactory(program=lea.program, rate_bp=900, product=soap)
    RateFactory(program=lea.program, rate_bp=1100)
    own = RateFactory(
        program=lea.program, rate_bp=1500, category=skin, audience=lea.audience
    )

    page = read(lea, at)

    assert rates_of(page.running) == [1500, 1100]
    assert page.standing.rate_bp == 1100
    own.is_first_purchase_only = True
    own.save()
    assert rates_of(read(lea, at).running) == [1500, 1100, 900]


def test_what_is_on_everything_is_read_by_who_before_what(lea, at):
    assert read(lea, at).standing.rate_bp == 1000
    gold = AudienceFactory(program=lea.program)
    GroupMemberFactory(audience=gold, enrollment=lea, program=lea.program)
    RateFactory(program=lea.program, rate_bp=1400)
    RateFactory(program=lea.program, rate_bp=1200, audience=gold)

    page = read(lea, at)

    assert page.standing.rate_bp == 1200
    assert rates_of(page.running) == [1200]


def test_an_excluded_category_leaves_no_rate_below_it(lea, at):
    skin = CategoryFactory(shop=lea.program.shop)
    soap = ProductFactory(
        shop=lea.program.shop,
        category=CategoryFactory(shop=lea.program.shop, parent=skin),
    )
    RateFactory(program=lea.program, product=soap, audience=lea.audience)
    ExclusionFactory(program=lea.program, category=skin, product=None)

    assert [each.kind for each in read(lea, at).running] == ["exclusion"]


def test_an_increase_holds_at_once_and_a_decrease_is_to_come(lea, at):
    announce(lea.program, at, 1300)

    page = read(lea, at + DAY)

    assert (rates_of(page.running), page.coming) == ([1300], [])
    assert page.standing.rate_bp == 1300


def test_a_decrease_is_to_come_until_it_binds(lea, at):
    announce(lea.program, at, 900)

    page = read(lea, at + DAY)
    assert (page.running, rates_of(page.coming)) == ([], [900])
    assert page.standing.rate_bp == 1000
    page = read(lea, at + 30 * DAY)
    assert (rates_of(page.running), page.coming) == ([900], [])


def test_a_rate_of_ones_own_below_ones_groups_is_a_decrease(lea, at):
    gold = AudienceFactory(program=lea.program)
    GroupMemberFactory(audience=gold, enrollment=lea, program=lea.program)
    RateFactory(program=lea.program, rate_bp=1400, audience=gold)
    announce(lea.program, at, 1300, audience=lea.audience)

    page = read(lea, at + DAY)

    assert (rates_of(page.running), rates_of(page.coming)) == ([1400], [1300])


def test_an_end_that_is_moved_forward_is_to_come_though_the_rate_holds(lea, at):
    RateFactory(
        program=lea.program,
        rate_bp=1500,
        ends_at=at + 2 * DAY,
        end_announced_at=at,
        end_binds_at=at + 30 * DAY,
    )

    page = read(lea, at + DAY)

    assert (rates_of(page.running), rates_of(page.coming)) == ([1500], [1500])


@pytest.mark.parametrize(
    ("rate_bp", "now_has", "to_come"), [(1300, [1300], []), (800, [1100], [800])]
)
def test_of_a_rate_that_is_replaced_the_better_one_holds(
    lea, at, rate_bp, now_has, to_come
):
    ended = {"ends_at": at, "end_announced_at": at, "end_binds_at": at + 30 * DAY}
    RateFactory(program=lea.program, rate_bp=1100, **ended)
    announce(lea.program, at, rate_bp)

    page = read(lea, at + DAY)

    assert (rates_of(page.running), rates_of(page.coming)) == (now_has, to_come)
    assert page.standing.rate_bp == now_has[0]


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


def test_the_page_says_what_one_has_on_everything_and_as_whose_member(lea, at):
    gold = AudienceFactory(program=lea.program, name="Gold")
    GroupMemberFactory(audience=gold, enrollment=lea, program=lea.program)
    RateFactory(program=lea.program, rate_bp=1750, audience=gold)

    said = page_for(lea.creator.user, lea.program).content.decode()

    assert "pays 17.5% where no other rate is named" in said
    assert "as a member of Gold" in said


def test_the_page_shows_caps_and_rates_without_dates(lea):
    RateFactory(program=lea.program, most_sales=5, most_sales_per="month")

    said = page_for(lea.creator.user, lea.program).content.decode()

    assert "at most 5 sales (a month)" in said
    assert "<td>always</td>" in said


@pytest.mark.parametrize(("rate_bp", "is_said"), [(900, True), (1300, False)])
def test_the_page_names_the_day_a_rate_binds_where_it_is_lower(lea, rate_bp, is_said):
    announce(lea.program, now() - DAY / 24, rate_bp)
    lea.since = now() - DAY
    lea.save()

    said = page_for(lea.creator.user, lea.program).content.decode()

    assert ("where it is lower" in said) is is_said
