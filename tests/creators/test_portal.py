"""What a creator shows, program by program: states, rates, clicks; and who may look."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from creators import portal
from creators.models import Link
from shops.models import ProgramStatus
from tests.factories import (
    ActivePeriodFactory,
    AudienceFactory,
    ClickFactory,
    CodeFactory,
    CodeUseFactory,
    CreatorFactory,
    EnrollmentFactory,
    GroupMemberFactory,
    LinkFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
    UserFactory,
)
from tests.factories.shops import MOMENT

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def enrollment():
    return EnrollmentFactory()


def card(enrollment, at=MOMENT):
    (found,) = portal.cards(enrollment.creator_id, at=at)
    return found


# ------------------------------------------------------------------ programs


@pytest.mark.parametrize("trait", ["applied", "rejected"])
def test_a_program_that_is_not_joined_is_not_shown(trait):
    enrollment = EnrollmentFactory(**{trait: True})

    assert portal.cards(enrollment.creator_id, at=MOMENT) == []


def test_an_active_program_says_so(enrollment):
    found = card(enrollment)

    assert (found.is_active, found.ended_on) == (True, None)
    assert (found.name, found.shop) == (
        enrollment.program.name,
        enrollment.program.shop.name,
    )


def test_an_ended_enrollment_says_when():
    found = card(EnrollmentFactory(ended=True))

    assert (found.is_active, str(found.ended_on)) == (False, "2026-06-03")


def test_an_end_to_come_is_not_an_end(enrollment):
    enrollment.ended_at = MOMENT + DAY
    enrollment.save(update_fields=["ended_at"])

    assert card(enrollment).is_active
    assert card(enrollment).ended_on is None
    assert not card(enrollment, at=MOMENT + DAY).is_active


def test_a_paused_program_is_not_active_and_has_no_end(enrollment):
    enrollment.program.active_periods.update(ends_at=MOMENT - DAY)
    type(enrollment.program).objects.update(status=ProgramStatus.PAUSED)

    assert (card(enrollment).is_active, card(enrollment).ended_on) == (False, None)


def test_an_ended_program_says_since_when(enrollment):
    enrollment.program.active_periods.update(ends_at=MOMENT - DAY)
    type(enrollment.program).objects.update(status=ProgramStatus.ENDED)

    assert str(card(enrollment).ended_on) == "2026-11-02"


def test_active_programs_come_first_then_by_name():
    creator = CreatorFactory()
    for name, is_active in (("b", True), ("A", True), ("0", False)):
        program = ProgramFactory(name=name)
        if is_active:
            ActivePeriodFactory(program=program)
        EnrollmentFactory(creator=creator, program=program)

    names = [found.name for found in portal.cards(creator.pk, at=MOMENT)]

    assert names == ["A", "b", "0"]


# ------------------------------------------------------------------ the rate


def rate(enrollment):
    found = card(enrollment)
    return found.rate_bp, found.flat_cents


def test_without_rates_the_programs_own_holds(enrollment):
    assert rate(enrollment) == (1000, None)


def test_everyones_rate_beats_the_programs(enrollment):
    RateFactory(program=enrollment.program, rate_bp=900)

    assert rate(enrollment) == (900, None)


def test_a_groups_rate_beats_everyones_and_the_best_group_wins(enrollment):
    RateFactory(program=enrollment.program, rate_bp=2000)
    for slug, rate_bp in (("silver", 1100), ("gold", 1500)):
        group = AudienceFactory(program=enrollment.program, slug=slug)
        GroupMemberFactory(enrollment=enrollment, audience=group)
        RateFactory(program=enrollment.program, audience=group, rate_bp=rate_bp)

    assert rate(enrollment) == (1500, None)


def test_the_creators_own_rate_beats_a_groups(enrollment):
    group = AudienceFactory(program=enrollment.program)
    GroupMemberFactory(enrollment=enrollment, audience=group)
    RateFactory(program=enrollment.program, audience=group, rate_bp=1500)
    RateFactory(program=enrollment.program, audience=enrollment.audience, flat=True)

    assert rate(enrollment) == (None, 100)


def test_a_rate_of_others_or_on_some_things_or_of_another_time_is_not_shown(enrollment):
    program = enrollment.program
    other = EnrollmentFactory(program=program)
    group = AudienceFactory(program=program)
    product = ProductFactory(shop=program.shop)
    RateFactory(program=program, audience=other.audience, rate_bp=3000)
    RateFactory(program=program, audience=group, rate_bp=3100)
    RateFactory(program=program, product=product, rate_bp=3200)
    RateFactory(program=program, rate_bp=3300, ends_at=MOMENT)
    RateFactory(program=program, rate_bp=3400, starts_at=MOMENT + DAY)

    assert rate(enrollment) == (1000, None)


# ------------------------------------------------------------------ links


def test_a_link_shows_its_address_product_and_clicks_without_bots(enrollment):
    product = ProductFactory(shop=enrollment.program.shop, name="Sérum")
    link = LinkFactory(enrollment=enrollment, product=product, slug="k3v9x2")
    ClickFactory.create_batch(3, link=link)
    ClickFactory(link=link, bot=True)
    (row,) = card(enrollment).links

    assert (row.title, row.url) == ("Sérum", "http://127.0.0.1:8000/l/k3v9x2")
    assert (row.is_open, row.click_count) == (True, 3)


def test_a_closed_link_says_so(enrollment):
    LinkFactory(enrollment=enrollment, closed=True)

    assert not card(enrollment).links[0].is_open


# ------------------------------------------------------------------ codes


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "active"),
        ({"starts_at": MOMENT}, "active"),
        ({"starts_at": MOMENT + DAY}, "coming"),
        ({"ends_at": MOMENT + DAY}, "active"),
        ({"ends_at": MOMENT}, "over"),
        ({"max_uses": 2}, "active"),
        ({"max_uses": 1}, "used_up"),
        ({"retired": True}, "retired"),
        ({"banned": True}, "banned"),
    ],
)
def test_a_code_says_whether_it_works(enrollment, fields, state):
    CodeUseFactory(code=CodeFactory(enrollment=enrollment, **fields))

    assert card(enrollment).codes[0].state == state


def test_a_code_shows_its_last_day_and_its_uses(enrollment):
    # Midnight between 30 November and 1 December in Paris is the first moment without.
    ends_at = MOMENT.replace(month=11, day=30, hour=23, minute=0)
    code = CodeFactory(enrollment=enrollment, ends_at=ends_at, max_uses=5)
    CodeUseFactory(code=code)
    (row,) = card(enrollment).codes

    assert (str(row.ends_on), row.starts_on) == ("2026-11-30", None)
    assert (row.use_count, row.max_uses) == (1, 5)


# ------------------------------------------------------------------ doors


def signed_in(user, language="en"):
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


PAGES = ["portal_home", "portal_sales", "portal_links", "portal_payouts"]
ONES = ["portal_commission", "portal_payout", "portal_link_qr"]


@pytest.mark.parametrize("name", [*PAGES, *ONES])
def test_a_stranger_signs_in_and_comes_back(name):
    address = reverse(name, args=[1] if name in ONES else [])

    answer = Client().get(address)

    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/accounts/login/?next={address}",
    )


@pytest.mark.parametrize("name", [*PAGES, *ONES])
def test_who_is_no_creator_is_told_so(name):
    address = reverse(name, args=[1] if name in ONES else [])

    answer = signed_in(UserFactory(email="owner@lune.example")).get(address)

    assert answer.status_code == 403
    assert "You are signed in as owner@lune.example" in answer.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_kept_by_nobody_on_the_way(name):
    answer = signed_in(CreatorFactory().user).get(reverse(name))

    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_only_read(name):
    assert signed_in(CreatorFactory().user).post(reverse(name)).status_code == 405


def test_the_picture_of_ones_own_link_is_a_picture(enrollment):
    link = LinkFactory(enrollment=enrollment)
    address = reverse("portal_link_qr", args=[link.pk])

    answer = signed_in(enrollment.creator.user).get(address)

    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.lstrip().startswith(b"<?xml")
    assert b"<svg" in answer.content


def test_another_creators_link_is_as_missing_as_an_unknown_one(enrollment):
    link = LinkFactory(enrollment=enrollment)
    browser = signed_in(CreatorFactory().user)

    answers = [
        browser.get(reverse("portal_link_qr", args=[number]))
        for number in (link.pk, link.pk + 1000, 9**25)
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.content for answer in answers}) == 1


def test_two_links_have_two_pictures(enrollment):
    one, other = LinkFactory.create_batch(2, enrollment=enrollment)
    creator_id = enrollment.creator_id

    assert portal.qr_of(creator_id, one.pk) != portal.qr_of(creator_id, other.pk)
    with pytest.raises(Link.DoesNotExist):
        portal.qr_of(CreatorFactory().pk, one.pk)
