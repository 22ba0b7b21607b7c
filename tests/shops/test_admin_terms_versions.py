"""Texts to accept, published through the admin."""

import pytest
from django.test import Client

from shops.models import Shop, TermsVersion
from tests.factories import ProgramFactory, ShopFactory, TermsVersionFactory
from tests.shops.backoffice import member_browser, moment, page_of, text

pytestmark = pytest.mark.django_db
ADD = "/admin/shops/termsversion/add/"
NO_DAY = moment("in_force_from", "", "")


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def browser(shop: Shop) -> Client:
    return member_browser(shop)


def test_a_text_is_published_and_numbered(browser: Client, shop: Shop) -> None:
    program = ProgramFactory(shop=shop)

    browser.post(ADD, {"program": program.pk, "text": "Be honest.", **NO_DAY})

    made = TermsVersion.objects.get()
    assert (made.program, made.number, made.text) == (program, 1, "Be honest.")
    assert made.in_force_from == made.published_at


def test_a_change_without_notice_is_told(browser: Client, shop: Shop) -> None:
    first = TermsVersionFactory(program=ProgramFactory(shop=shop, active=True))
    soon = moment("in_force_from", "2026-01-01", "00:00")

    page = browser.post(ADD, {"program": first.program.pk, "text": "Be kind.", **soon})

    assert "Not before" in text(page)
    assert TermsVersion.objects.count() == 1


def test_another_shops_program_gets_no_text(browser: Client) -> None:
    program = ProgramFactory()

    browser.post(ADD, {"program": program.pk, "text": "Be honest.", **NO_DAY})

    assert not TermsVersion.objects.exists()


def test_what_was_published_is_only_looked_at(browser: Client, shop: Shop) -> None:
    row = TermsVersionFactory(program__shop=shop)

    assert browser.get(page_of(row)).status_code == 200
    assert browser.post(page_of(row), {"text": "Else."}).status_code == 403
    assert TermsVersion.objects.get().text == "Be honest."
