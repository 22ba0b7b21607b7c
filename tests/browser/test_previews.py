"""A merchant adds a rate in a real browser: first its cost, then it is saved (R8)."""

import os
from datetime import timedelta

import pytest
from django.utils.timezone import now

from shops.models import Rate
from tests.browser.conftest import PASSWORD
from tests.factories.shops import MemberFactory, ProductFactory, RateFactory
from tests.payouts.earning import enrolled, program, sell, sweep

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, NARROW = 1400, 390


@pytest.fixture
def owner():
    """Return the owner of a shop in which three creators have sold two products."""
    made = program(rate_bp=1000)
    red = ProductFactory(shop=made.shop, sku="RED-30", name="Sérum rouge")
    blue = ProductFactory(shop=made.shop, sku="BLUE-50", name="Crème de nuit")
    for handle, cents in (("lea", 12_000), ("mia", 4_000), ("zoe", 30_000)):
        each = enrolled(made, creator__handle=handle)
        if handle == "mia":
            RateFactory(program=made, audience=each.audience, product=red, rate_bp=3000)
        for product in (red, blue):
            sell(each, cents, product=product, placed_at=now() - timedelta(days=3))
    sweep(at=now())
    member = MemberFactory(shop=made.shop, user__is_staff=True).user
    member.set_password(PASSWORD)
    member.save(update_fields=["password"])
    return member


def wider(page):
    return page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_rate_is_previewed_changed_and_saved(visit, owner, language):
    window = visit(language)
    page = window.page
    window.sign_in(owner.email, path="/admin/shops/rate/add/")
    save = {"en": "Save", "fr": "Enregistrer"}[language]
    page.fill("#id_rate_bp", "15")
    page.click("button[name=_preview]")

    panel = page.locator(".admin-preview")
    panel.wait_for()
    assert panel.locator("tbody tr").count() == 5
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        assert wider(page) <= 0
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(
                path=f"{folder}/preview-{language}-{width}.png", full_page=True
            )
    assert not Rate.objects.filter(audience=None).exists()

    page.fill("#id_rate_bp", "5")
    panel.get_by_role("button", name=save, exact=True).click()
    panel.locator(".is-loss").first.wait_for(state="attached")
    assert panel.locator(".is-loss").count() == 5
    assert not Rate.objects.filter(audience=None).exists()

    panel.get_by_role("button", name=save, exact=True).click()
    page.wait_for_url("**/admin/shops/rate/")
    assert Rate.objects.get(audience=None).rate_bp == 500
    assert window.said == []
