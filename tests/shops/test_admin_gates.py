"""Restricted goods and licences in the admin: entered by shops, reviewed by staff."""

import pytest
from django.test import Client

from shops.models import Licence, Restriction, Shop
from tests.factories import (
    LicenceFactory,
    ProgramFactory,
    RestrictionFactory,
    ShopFactory,
)
from tests.shops.backoffice import member_browser, page_of, staff_browser, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def browser(shop: Shop) -> Client:
    return member_browser(shop)


def test_a_shop_says_what_its_program_promotes(browser: Client, shop: Shop) -> None:
    program = ProgramFactory(shop=shop)
    goods = {"codes": ["ALCOHOL", "LHF"], "platforms": ["youtube"], "notice": "Eat."}

    browser.post("/admin/shops/restriction/add/", {"program": program.pk, **goods})

    made = Restriction.objects.get()
    assert (made.program, made.codes) == (program, ["ALCOHOL", "LHF"])
    assert (made.platforms, made.excludes_minors) == (["youtube"], False)


def test_a_closed_gate_says_why_a_program_stays_a_draft(
    browser: Client, shop: Shop
) -> None:
    program = RestrictionFactory(program__shop=shop, codes=["NICOTINE"]).program

    page = text(browser.post(page_of(program, "activate"), follow=True))

    program.refresh_from_db()
    assert program.status == "draft"
    assert "Tobacco, vapes and nicotine: may not be promoted here (Loi 2023-451" in page
    assert "Take these goods out" in page


def test_a_shop_enters_a_licence_and_does_not_review_it(
    browser: Client, shop: Shop
) -> None:
    body = {"code": "CRYPTO", "reference": "AMF 1", "expires_on": "2100-01-01"}

    browser.post("/admin/shops/licence/add/", {"shop": shop.pk, **body})

    made = Licence.objects.get()
    assert (made.shop, made.reviewed_at) == (shop, None)
    assert browser.post(page_of(made, "review")).status_code == 403
    made.refresh_from_db()
    assert made.reviewed_at is None


def test_goods_are_named_in_words_in_forms_lists_and_pages(
    browser: Client, shop: Shop
) -> None:
    RestrictionFactory(program__shop=shop, codes=["TRAINING_CPF"])
    licence = LicenceFactory(shop=shop, code="OTC_MEDICINE")
    cpf = "Training paid by the CPF (French training account)"
    medicine = "Medicines without a prescription"

    assert cpf in text(browser.get("/admin/shops/restriction/add/"))
    assert cpf in text(browser.get("/admin/shops/restriction/"))
    assert medicine in text(browser.get("/admin/shops/licence/add/"))
    assert medicine in text(browser.get("/admin/shops/licence/"))
    page = text(browser.get(page_of(licence)))
    assert medicine in page
    assert "OTC_MEDICINE" not in page


def test_staff_reviews_a_licence() -> None:
    row = LicenceFactory()

    staff_browser("administrator").post(page_of(row, "review"))

    row.refresh_from_db()
    assert row.reviewed_by is not None


def test_another_shops_licence_is_not_there(browser: Client) -> None:
    assert browser.get(page_of(LicenceFactory())).status_code == 404
    assert browser.get(page_of(RestrictionFactory())).status_code == 404
