"""One's own notices, in portal and admin: counted, marked, and nobody else's."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from affiliate.common.models import Notice
from shops import boosts, budgets
from shops.models import Role
from tests.creators.telling import BINDS, DAY, SAID, enroll, hand_out
from tests.factories import CreatorFactory, NoticeFactory, ProgramFactory, ShopFactory
from tests.factories.common import UserFactory
from tests.shops.backoffice import browser_of, member, text

pytestmark = pytest.mark.django_db

PLACES = {"portal": "", "admin": "admin:"}
each_place = pytest.mark.parametrize("place", list(PLACES))


@pytest.fixture
def person():
    """A creator who works for a shop too, and so has both pages."""
    user = member(ShopFactory())
    CreatorFactory(user=user)
    return user


@pytest.fixture
def browser(person):
    return browser_of(person)


def address(place, name="notices", *args):
    return reverse(f"{PLACES[place]}{name}", args=args)


def tell(person, **fields):
    return NoticeFactory(user=person, **fields)


@each_place
def test_the_page_says_what_one_was_told_and_how_much_is_unread(person, browser, place):
    tell(person)
    tell(person, read=True, params={"program": "Old", "multiplier_pct": 300})

    page = browser.get(address(place))

    said = text(page)
    assert "Maison Lune: ×2 with the boost Launch" in said
    assert "from 10 November 2026, 10:00 (GMT+01:00)" in said
    assert "1 is unread." in said
    assert "Notices, 1 unread" in said
    assert said.count("Mark as read") == 1
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")


@each_place
def test_the_page_speaks_french(person, place):
    tell(person)
    browser = browser_of(person)
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"

    said = text(browser.get(address(place)))

    assert "Maison Lune : ×2 avec le bonus Launch" in said
    assert "Tout marquer comme lu" in said


@each_place
def test_without_any_the_page_says_so(browser, place):
    said = text(browser.get(address(place)))

    assert "Nothing yet" in said
    assert "Mark all as read" not in said


@each_place
def test_the_bell_stands_on_other_pages(person, browser, place):
    NoticeFactory.create_batch(2, user=person)
    page = {"portal": reverse("portal_home"), "admin": reverse("admin:index")}[place]

    said = text(browser.get(page))

    assert "Notices, 2 unread" in said
    assert f'href="{address(place)}"' in said


@each_place
def test_a_notice_is_marked_as_read_and_the_page_comes_back(person, browser, place):
    notice = tell(person)

    answer = browser.post(address(place, "notice_read", notice.pk))

    assert (answer.status_code, answer["Location"]) == (302, address(place))
    notice.refresh_from_db()
    assert notice.read_at is not None


@each_place
def test_a_notice_leads_to_the_page_it_is_about_and_is_read(person, browser, place):
    notice = tell(person, path="/portal/links/#program-7")

    answer = browser.post(address(place, "notice_read", notice.pk), {"then": "open"})

    assert answer["Location"] == "/portal/links/#program-7"
    notice.refresh_from_db()
    assert notice.read_at is not None


@each_place
def test_all_are_marked_but_what_came_since(person, browser, place):
    first, second, third = (tell(person) for _ in range(3))
    another = NoticeFactory()

    answer = browser.post(address(place, "notices_read_all"), {"up_to": second.pk})

    assert answer["Location"] == address(place)
    unread = Notice.objects.filter(read_at=None).values_list("pk", flat=True)
    assert set(unread) == {third.pk, another.pk}
    assert first.pk not in unread


@each_place
@pytest.mark.parametrize("up_to", ["", "x", "-1", "9" * 40, "\u0663"])
def test_nonsense_marks_nothing(person, browser, place, up_to):
    tell(person)

    answer = browser.post(address(place, "notices_read_all"), {"up_to": up_to})

    assert answer.status_code == 302
    assert Notice.objects.filter(read_at=None).count() == 1


@each_place
def test_another_persons_notice_is_missing(person, browser, place):
    notice = NoticeFactory()

    for data in ({}, {"then": "open"}):
        answer = browser.post(address(place, "notice_read", notice.pk), data)
        assert answer.status_code == 404

    assert "Nothing yet" in text(browser.get(address(place)))
    notice.refresh_from_db()
    assert notice.read_at is None


@each_place
def test_a_get_marks_nothing(person, browser, place):
    notice = tell(person)

    assert browser.get(address(place, "notice_read", notice.pk)).status_code == 405
    assert browser.get(address(place, "notices_read_all")).status_code == 405

    notice.refresh_from_db()
    assert notice.read_at is None


@each_place
def test_a_form_of_another_site_marks_nothing(person, place):
    notice = tell(person)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person, "django.contrib.auth.backends.ModelBackend")

    assert browser.post(address(place, "notice_read", notice.pk)).status_code == 403


@each_place
def test_older_ones_are_a_page_further_and_marking_stays_there(person, browser, place):
    for hours in range(21):
        tell(
            person,
            created_at=SAID + timedelta(hours=hours),
            params={"program": f"Program {hours:02}", "multiplier_pct": 200},
        )
    first = browser.get(address(place))
    assert "Program 01" in text(first)
    assert "Program 00" not in text(first)

    older = first.context["next_url"]
    second = browser.get(older)
    oldest = Notice.objects.earliest("created_at")
    query = older.partition("?")[2]
    answer = browser.post(f"{address(place, 'notice_read', oldest.pk)}?{query}")

    assert "Program 00" in text(second)
    assert "Program 01" not in text(second)
    assert answer["Location"] == older


@each_place
def test_thirty_notices_cost_the_queries_of_three(
    person, browser, place, django_assert_max_num_queries
):
    NoticeFactory.create_batch(30, user=person)
    browser.get(address(place))

    with django_assert_max_num_queries(9):
        browser.get(address(place))


@each_place
def test_hostile_names_stay_text(person, browser, place):
    tell(person, params={"program": "<img src=x>", "boost": "</h2>"})

    said = text(browser.get(address(place)))

    assert "<img src=x>" not in said
    assert "&lt;img src=x&gt;" in said


def test_only_who_enters_the_admin_reads_them_there():
    browser = browser_of(UserFactory())

    assert browser.get(address("admin")).status_code == 302
    assert browser.get(address("portal")).status_code == 200


# ------------------------------------------------------------------ whose they are


def test_a_shops_notices_are_not_shown_to_another_shop():
    program, other = ProgramFactory(active=True), ProgramFactory(active=True)
    owner, stranger = member(program.shop), member(other.shop)
    boosts.add(
        program,
        name="Secret launch",
        multiplier_pct=200,
        starts_at=SAID + DAY,
        ends_at=BINDS,
        budget_cents=500,
        at=SAID,
    )
    budgets.spend({program.budgets.get().pk: 500}, at=SAID + 2 * DAY)
    hand_out(SAID + 2 * DAY)

    assert "Secret launch" in text(browser_of(owner).get(address("admin")))
    assert "Secret launch" not in text(browser_of(stranger).get(address("admin")))


def test_a_private_boost_stands_on_its_members_page_alone():
    program = ProgramFactory(active=True)
    one, other = enroll(program), enroll(program)
    boosts.add(
        program,
        name="Secret launch",
        multiplier_pct=200,
        starts_at=SAID + DAY,
        ends_at=BINDS,
        audience=one.audience,
        at=SAID,
    )
    hand_out()

    pages = [
        text(browser_of(each.creator.user).get(address("portal")))
        for each in (one, other)
    ]
    assert ["Secret launch" in page for page in pages] == [True, False]


def test_an_analyst_reads_their_own_page():
    analyst = member(ShopFactory(), Role.ANALYST)

    assert browser_of(analyst).get(address("admin")).status_code == 200
