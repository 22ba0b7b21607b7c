"""The notices in a real browser: readable and usable, in both places."""

import pytest
from django.utils import timezone

from tests.browser.conftest import PASSWORD
from tests.factories import CreatorFactory, NoticeFactory, ShopFactory
from tests.shops.backoffice import member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, NARROW = 1400, 390
PLACES = {"portal": "/portal/notices/", "admin": "/admin/common/user/notices/"}


@pytest.fixture
def person():
    """A creator who works for a shop too, and so has both pages."""
    user = member(ShopFactory())
    CreatorFactory(user=user)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


@pytest.mark.parametrize("place", list(PLACES))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_is_whole_and_the_bell_counts_down(visit, person, language, place):
    for read in ({}, {}, {"read": True}):
        NoticeFactory(user=person, created_at=timezone.now(), **read)
    window = visit(language)
    window.sign_in(person.email, path=PLACES[place])
    page = window.page

    assert window.faults(WIDE, NARROW) == []
    assert page.locator(".bell-count").inner_text() == "2"
    row = page.locator("li.is-new").first
    row.get_by_role("button").first.press("Enter")
    page.wait_for_load_state()
    assert page.locator(".bell-count").inner_text() == "1"
    page.locator("form[action$='notices/read/'] button").press("Enter")
    page.wait_for_load_state()

    assert page.locator(".bell-count").count() == 0
    assert window.faults(WIDE, NARROW) == []


@pytest.mark.parametrize("place", list(PLACES))
def test_an_empty_page_is_whole(visit, person, place):
    window = visit("fr")
    window.sign_in(person.email, path=PLACES[place])

    assert window.faults(WIDE, NARROW) == []


def test_the_bell_leads_to_the_page_and_a_notice_to_what_it_is_about(visit, person):
    NoticeFactory(user=person, path="/portal/payouts/")
    window = visit("en")
    window.sign_in(person.email, path="/portal/links/")
    page = window.page

    page.locator(".bell").press("Enter")
    page.wait_for_url("**/portal/notices/")
    page.get_by_role("button", name="See it").press("Enter")
    page.wait_for_url("**/portal/payouts/")

    assert page.locator(".bell-count").count() == 0
