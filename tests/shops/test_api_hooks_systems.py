"""Webhooks of WooCommerce and TikTok Shop: how each signs, and what is refused."""

import hashlib
import hmac
import json

import pytest

from affiliate.common.signatures import sign_base64_sha256, sign_hex_sha256
from shops.models import InboundEvent, Order, OrderLine
from tests.factories.shops import ShopFactory, WebhookSecretFactory
from tests.shops import tiktok_shop as tts
from tests.shops import woocommerce as woo
from tests.shops.asking import JSON, Asker, kept, problem, said
from tests.shops.building import state

pytestmark = pytest.mark.django_db

SECRETS = {"woocommerce": "woo secret", "tiktok_shop": "6f4k3y:app-secret"}


@pytest.fixture
def shop():
    shop = ShopFactory(slug="lune")
    for system, secret in SECRETS.items():
        WebhookSecretFactory(shop=shop, system=system, secret=secret)
    return shop


def from_woo(raw, topic="order.updated", *, secret=SECRETS["woocommerce"], slug="lune"):
    body = json.dumps(raw).encode()
    return Asker().generic(
        "POST",
        f"/hooks/woocommerce/{slug}",
        body,
        JSON,
        HTTP_X_WC_WEBHOOK_TOPIC=topic,
        HTTP_X_WC_WEBHOOK_SIGNATURE=sign_base64_sha256(body, secret),
    )


def from_tiktok(raw, *, secret=SECRETS["tiktok_shop"], slug="lune", signature=None):
    body = json.dumps(raw).encode()
    return Asker().generic(
        "POST",
        f"/hooks/tiktok-shop/{slug}",
        body,
        JSON,
        HTTP_AUTHORIZATION=signature or sign_hex_sha256(body, secret),
    )


# ------------------------------------------------------------------ signatures


def test_an_order_of_woocommerce_is_kept_and_applied(shop):
    assert said(from_woo(woo.order()), 200)["status"] == "applied"

    event = InboundEvent.objects.get()
    assert (event.shop, event.system, event.topic) == (
        shop,
        "woocommerce",
        "order.updated",
    )
    assert Order.objects.get().external_id == "723"


def test_an_order_of_tiktok_shop_is_kept_and_applied(shop):
    assert said(from_tiktok(tts.answer(tts.order())), 200)["status"] == "applied"
    said(from_tiktok(tts.notice(order_status="DELIVERED")), 200)

    assert list(InboundEvent.objects.order_by("pk").values_list("system", "topic")) == [
        ("tiktok_shop", "orders"),
        ("tiktok_shop", "type 1"),
    ]
    assert Order.objects.get().delivered_at is not None


def test_tiktok_shop_signs_its_key_and_the_body_with_its_secret():
    body = b'{"type": 1}'
    expected = hmac.new(b"app-secret", b'6f4k3y{"type": 1}', hashlib.sha256)

    assert sign_hex_sha256(body, "6f4k3y:app-secret") == expected.hexdigest()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: from_woo(woo.order(), secret="a guess"),
        lambda: from_woo(woo.order(), secret=""),
        lambda: from_woo(woo.order(), secret="another shop's"),
        lambda: from_woo(woo.order(), secret=SECRETS["tiktok_shop"]),
        lambda: from_woo(woo.order(), slug="unknown"),
        lambda: from_tiktok(tts.notice(), secret="6f4k3y:a guess"),
        lambda: from_tiktok(tts.notice(), secret="0th3r:app-secret"),
        lambda: from_tiktok(tts.notice(), secret="6f4k3y:"),
        lambda: from_tiktok(tts.notice(), secret="an0th3r:shop's"),
        lambda: from_tiktok(tts.notice(), secret=SECRETS["woocommerce"]),
        lambda: from_tiktok(tts.notice(), signature="é" * 64),
        lambda: from_tiktok(tts.notice(), slug="unknown"),
    ],
)
def test_a_wrong_signature_keeps_nothing(shop, ask):
    other = ShopFactory(slug="other")
    for system, secret in (
        ("woocommerce", "another shop's"),
        ("tiktok_shop", "an0th3r:shop's"),
    ):
        WebhookSecretFactory(shop=other, system=system, secret=secret)
    before = kept()

    problem(ask(), 401, "wrong_signature")

    assert kept() == before


# ------------------------------------------------------------------ the ping


def ping(body=b"webhook_id=142", slug="lune", **headers):
    form = "application/x-www-form-urlencoded"
    path = f"/hooks/woocommerce/{slug}"
    return Asker().generic("POST", path, body, form, **headers)


@pytest.mark.parametrize("slug", ["lune", "unknown"])
def test_the_ping_of_a_new_webhook_is_answered_and_not_kept(shop, slug):
    before = kept()

    assert said(ping(slug=slug), 200) == {"status": "ignored"}
    assert kept() == before


@pytest.mark.parametrize(
    "ask",
    [
        lambda: ping(b"webhook_id=142&order=1"),
        lambda: ping(b""),
        lambda: ping(HTTP_X_WC_WEBHOOK_SIGNATURE="a guess"),
        lambda: Asker().generic(
            "POST", "/hooks/shopify/lune", b"webhook_id=142", "text/plain"
        ),
    ],
)
def test_what_is_no_ping_needs_a_signature(shop, ask):
    problem(ask(), 401, "wrong_signature")


# ------------------------------------------------------------------ bad input

SECOND_LATER = {"date_modified_gmt": "2026-11-03T09:15:01"}


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (lambda: from_woo(woo.order(), "refund.created"), "topic: An order came under"),
        (lambda: from_woo(woo.refund(woo.returned())), "topic: A refund came under"),
        (lambda: from_woo(woo.order(currency=None)), "currency: "),
        (lambda: from_woo(woo.order(date_modified_gmt=None)), "date_modified_gmt: "),
        (lambda: from_woo([]), "Expected an object."),
        (lambda: from_woo(woo.order(), ""), "topic: Unknown topic ''."),
        (lambda: from_tiktok(tts.notice(order_status="LOST")), "data.order_status: "),
        (lambda: from_tiktok(tts.answer(tts.order(payment={}))), "payment.currency: "),
        (lambda: from_tiktok(woo.order()), "data: Expected orders or return_orders"),
    ],
)
def test_what_is_not_understood_is_kept_with_its_reason(shop, ask, reason):
    assert said(ask(), 202)["status"] == "failed"

    assert InboundEvent.objects.get().reason.startswith(reason)
    assert not Order.objects.exists()


@pytest.mark.parametrize("topic", ["coupon.created", "customer.updated"])
def test_a_topic_that_is_nothing_to_us_is_kept_and_ignored(shop, topic):
    assert said(from_woo(woo.order(), topic), 200)["status"] == "ignored"

    assert not Order.objects.exists()


def test_a_stale_version_after_a_newer_one_changes_nothing(shop):
    newer = woo.order(status="completed", **SECOND_LATER)
    said(from_woo(newer), 200)
    before = state(shop)

    assert said(from_woo(woo.order(woo.line(total="1.00"))), 200)
    assert state(shop) == before


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (
            lambda: from_woo(woo.order(currency="USD", **SECOND_LATER)),
            "723: currency_changed (currency: This order was paid in EUR.)",
        ),
        (
            lambda: from_woo(woo.order(woo.line(total="1.00"))),
            "723: order_conflict (version: ",
        ),
        (
            lambda: from_woo(
                woo.refund(woo.returned(total="-101.00", quantity=0), amount="111.00"),
                "refund.created",
            ),
            "724: refund_exceeds_paid (lines[0].net_cents: ",
        ),
        (
            lambda: from_woo(woo.refund(woo.returned(of=9)), "refund.created"),
            "724: unknown_line (",
        ),
    ],
)
def test_what_the_order_refuses_is_kept_with_its_reason(shop, ask, reason):
    said(from_woo(woo.order()), 200)

    assert said(ask(), 202)["status"] == "failed"

    assert InboundEvent.objects.get(status="failed").reason.startswith(reason)
    line = OrderLine.objects.get()
    assert (line.net_cents, line.refunded_cents) == (10000, 0)


@woo.needs_files
@pytest.mark.parametrize("name", [f"orders_0{n}" for n in range(1, 7)])
def test_the_sample_files_come_in_as_webhooks(shop, name):
    for raw in woo.orders_of(name):
        answer = from_woo(raw)

        # 723 names two refunds by their totals: that is shown, and the rest applied.
        assert answer.status_code == (202 if raw["refunds"] else 200)
        order = Order.objects.get(external_id=str(raw["id"]))
        lines = order.lines.order_by("external_id")
        assert (
            list(lines.values_list("sku", "net_cents", "tax_cents"))
            == woo.ORDERS[order.external_id]
        )


@tts.needs_files
@pytest.mark.parametrize(
    "name", [path.stem for path in sorted(tts.FILES.glob("*.json"))]
)
def test_the_sample_answers_are_kept_with_what_they_leave_out(shop, name):
    response = from_tiktok(tts.sample(name))

    is_settlement = name == "get_statements_01"
    assert response.status_code == (200 if is_settlement else 202)
    event = InboundEvent.objects.get()
    assert event.status == ("ignored" if is_settlement else "failed")
    assert event.reason
