"""Webhooks: only what the shop's own system signed is kept, and kept as it came."""

import json
from datetime import timedelta

import pytest
from django.utils.timezone import now

from affiliate.common.signatures import sign_base64_sha256
from shops.models import InboundEvent, Order
from tests.factories.shops import ShopFactory, WebhookSecretFactory
from tests.shops.asking import JSON, Asker, kept, problem, said
from tests.shops.building import state

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
SECRET = "lune's secret"
ORDER = {
    "id": 450,
    "created_at": "2026-11-03T10:15:00+01:00",
    "updated_at": "2026-11-03T10:15:00+01:00",
    "currency": "EUR",
    "financial_status": "paid",
    "line_items": [{"id": 1, "price": "40.00", "quantity": 1, "sku": "SERUM-30"}],
}
BODY = json.dumps(ORDER).encode()


@pytest.fixture
def shop():
    shop = ShopFactory(slug="lune")
    WebhookSecretFactory(shop=shop, secret=SECRET)
    return shop


def deliver(body=BODY, *, secret=SECRET, slug="lune", topic="orders/create", **more):
    """Post a webhook as Shopify does; `secret=None` sends no signature."""
    headers = {"HTTP_X_SHOPIFY_TOPIC": topic}
    if secret is not None:
        headers["HTTP_X_SHOPIFY_HMAC_SHA256"] = sign_base64_sha256(body, secret)
    return Asker().generic(
        "POST", f"/hooks/shopify/{slug}", body, JSON, **{**headers, **more}
    )


def test_a_signed_webhook_is_kept_as_it_came_and_applied(shop):
    answer = said(deliver(), 200)

    event = InboundEvent.objects.get()
    assert answer == {"id": event.pk, "status": "applied"}
    assert bytes(event.body) == BODY
    assert (event.shop, event.system, event.topic) == (shop, "shopify", "orders/create")
    assert Order.objects.get().external_id == "450"


def test_the_same_webhook_again_changes_nothing(shop):
    deliver()
    before = state(shop)

    said(deliver(), 200)

    assert state(shop) == before
    assert InboundEvent.objects.filter(status="applied").count() == 2


def forged(body):
    return sign_base64_sha256(body + b" ", SECRET)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: deliver(secret=None),
        lambda: deliver(secret="a guess"),
        lambda: deliver(secret=""),
        lambda: deliver(HTTP_X_SHOPIFY_HMAC_SHA256=forged(BODY)),
        lambda: deliver(HTTP_X_SHOPIFY_HMAC_SHA256=""),
        lambda: deliver(HTTP_X_SHOPIFY_HMAC_SHA256="é" * 44),
        lambda: deliver(secret="another shop's"),
        lambda: deliver(secret="woo"),
        lambda: deliver(secret="ended"),
        lambda: deliver(slug="unknown"),
        lambda: deliver(slug="sole"),
    ],
    ids=[
        "missing", "guessed", "of an empty secret", "of another body", "empty",
        "no text of ours", "other shop's", "other system's", "ended by rotation",
        "unknown shop", "shop without secrets",
    ],
)  # fmt: skip
def test_a_wrong_signature_keeps_nothing(shop, ask):
    WebhookSecretFactory(shop=ShopFactory(slug="other"), secret="another shop's")
    WebhookSecretFactory(shop=shop, system="woocommerce", secret="woo")
    WebhookSecretFactory(shop=shop, secret="ended", ends_at=now() - HOUR)
    ShopFactory(slug="sole")
    before = kept()

    response = ask()

    found = problem(response, 401, "wrong_signature")
    assert (
        found["detail"] == "Sign the raw body with the secret of the shop's settings."
    )
    assert kept() == before


def test_an_unknown_shop_answers_like_a_wrong_signature(shop):
    assert deliver(slug="unknown").content == deliver(secret="a guess").content


def test_two_secrets_are_live_during_a_rotation(shop):
    WebhookSecretFactory(shop=shop, secret="newer")
    WebhookSecretFactory(shop=shop, secret="older", ends_at=now() + HOUR)

    for secret in (SECRET, "newer", "older"):
        said(deliver(secret=secret), 200)


def test_the_bytes_are_signed_and_not_their_meaning(shop):
    spaced = json.dumps(ORDER, indent=4).encode()

    said(deliver(spaced), 200)
    problem(
        deliver(spaced, HTTP_X_SHOPIFY_HMAC_SHA256=sign_base64_sha256(BODY, SECRET)),
        401,
        "wrong_signature",
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"id": 1,', "line 1 column 10: The body is not JSON"),
        (b'{"id": "\xff"}', "byte 8: The body is not UTF-8."),
        (b"[" * 100_000, "The JSON is nested too deep."),
        (b"", "line 1 column 1: The body is not JSON"),
        (b"[]", "Expected an object."),
        (b"{}", "id: "),
        (BODY.replace(b'"EUR"', b'"XXX"'), "currency: "),
        (BODY.replace(b'"40.00"', b'"-1"'), "line_items[0].price: "),
    ],
)
def test_what_is_not_understood_is_kept_with_its_reason(shop, body, reason):
    answer = said(deliver(body), 202)

    event = InboundEvent.objects.get()
    assert answer == {"id": event.pk, "status": "failed"}
    assert bytes(event.body) == body
    assert event.reason.startswith(reason)
    assert not Order.objects.exists()


def test_a_refund_larger_than_what_was_paid_is_kept_with_its_reason(shop):
    deliver()
    refund = {
        "id": 9,
        "order_id": 450,
        "created_at": "2026-11-09T10:15:00+01:00",
        "refund_line_items": [{"line_item_id": 1, "quantity": 2}],
    }

    said(deliver(json.dumps(refund).encode(), topic="refunds/create"), 202)

    assert "refund_exceeds_paid" in InboundEvent.objects.get(status="failed").reason


def test_a_topic_that_is_nothing_to_us_is_kept_and_ignored(shop):
    assert said(deliver(topic="carts/create"), 200)["status"] == "ignored"

    assert InboundEvent.objects.get().topic == "carts/create"


@pytest.mark.parametrize("topic", ["", "orders/mislaid", "x" * 300])
def test_an_unknown_topic_is_kept_and_shown(shop, topic):
    assert said(deliver(topic=topic), 202)["status"] == "failed"

    event = InboundEvent.objects.get()
    assert (event.topic, bytes(event.body)) == (topic[:60], BODY)
    assert event.reason == f"topic: Unknown topic {topic[:60]!r}."


def test_any_content_type_is_read(shop):
    said(deliver(CONTENT_TYPE="application/x-www-form-urlencoded"), 200)
    said(deliver(CONTENT_TYPE=""), 200)

    assert InboundEvent.objects.count() == 2


def test_ten_megabytes_are_not_read(shop):
    before = kept()

    response = deliver(b'{"id": "%s"}' % (b"x" * 10_000_000))

    problem(response, 413, "too_large")
    assert kept() == before


def test_a_body_in_chunks_is_not_taken_for_an_empty_one(shop):
    response = deliver(HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")

    problem(response, 411, "length_required")
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_a_post_is_taken(shop, method):
    response = Asker().generic(method, "/hooks/shopify/lune")

    problem(response, 405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/hooks/magento/lune", "/hooks/shopify/l%C3%BCne"])
def test_an_unknown_system_or_name_is_not_there(shop, path):
    problem(Asker().post(path), 404, "not_found")
