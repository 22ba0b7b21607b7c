"""What holds on every page of the admin: sign-in, policy, language, history."""

import re

import pytest
from django.test import Client

from shops.models import Shop
from tests.factories import ProgramFactory, ShopFactory
from tests.shops.backoffice import browser_of, member, member_browser, page_of, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


def policy(client: Client, where: str) -> str:
    return client.get(where).headers["Content-Security-Policy"]


def test_only_the_admin_may_evaluate(shop: Shop) -> None:
    browser = member_browser(shop)

    assert "'unsafe-eval'" in policy(browser, "/admin/")
    assert "unsafe" not in policy(browser, "/accounts/login/")
    for where in ("/admin/", "/admin/shops/shop/999/change/", "/accounts/login/"):
        found = policy(browser, where)
        assert "frame-ancestors 'none'" in found
        assert "object-src 'none'" in found


def test_the_admin_has_no_sign_in_of_its_own(client: Client) -> None:
    first = client.get("/admin/shops/order/")
    second = client.get(first["Location"])

    assert first["Location"] == "/admin/login/?next=/admin/shops/order/"
    assert second["Location"].startswith("/accounts/login/?next=")
    assert "order" in second["Location"]


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Taux par défaut"), ("en", "Default rate")]
)
def test_pages_speak_the_readers_language(
    shop: Shop, language: str, words: str
) -> None:
    ProgramFactory(shop=shop)
    browser = Client(HTTP_ACCEPT_LANGUAGE=language)
    browser.force_login(member(shop))

    assert words in text(browser.get("/admin/shops/program/"))


def test_pages_load_nothing_from_elsewhere(shop: Shop) -> None:
    ProgramFactory(shop=shop)
    browser = member_browser(shop)

    for where in ("/admin/", "/admin/shops/program/", "/admin/shops/rate/add/"):
        addresses = re.findall(
            r'(?:src|href)="((?:https?:)?//[^"]+)"', text(browser.get(where))
        )
        assert addresses == []


def test_a_history_tells_what_was_done_by_any_door(shop: Shop) -> None:
    owner = member(shop)
    program = ProgramFactory(shop=shop)
    browser = browser_of(owner)
    browser.post(page_of(program, "activate"))

    page = text(browser.get(page_of(program, "history")))

    assert "program.active" in page
    assert str(owner) in page


def test_a_page_that_is_not_there_says_so_in_words(shop: Shop) -> None:
    answer = member_browser(shop).get("/admin/shops/order/999/change/")

    assert answer.status_code == 404
    assert "<h1" in text(answer)
