"""The page of the API's contract works under the site's policy, and asks the API."""

import pytest

from tests.factories.shops import ShopFactory
from tests.shops.asking import key_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [1400, 390])
def test_the_document_is_shown_and_its_example_is_sent(visit, width):
    secret = key_of(ShopFactory())
    window = visit("en", width)
    page = window.page
    window.go("/api/v1/docs/")

    page.locator(".opblock").first.wait_for()
    assert page.locator(".opblock").count() == 22
    page.click("button.authorize")
    page.fill("#auth-bearer-value", secret)
    page.click(".auth-btn-wrapper button.authorize")
    page.click(".auth-btn-wrapper button.btn-done")
    page.click(".opblock-post:has([data-path='/api/v1/orders']) button >> nth=0")
    page.click("button.try-out__btn")
    page.click("button.execute")
    answer = page.locator(".live-responses-table .response-col_status").nth(1)
    answer.wait_for()

    assert answer.inner_text().startswith("201")
    assert page.evaluate("window.refused") == []
    assert window.faults() == []
