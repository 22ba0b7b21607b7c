"""`Idempotency-Key` on every POST of the shops' doors."""

import json

import pytest

from shops.models import Order
from tests.factories.shops import ShopFactory
from tests.shops.asking import Asker, problem, said
from tests.shops.building import raw_order

pytestmark = pytest.mark.django_db

LATER = "2026-11-09T18:00:00+01:00"


@pytest.fixture
def shop():
    return ShopFactory()


@pytest.fixture
def client(shop):
    return Asker(shop)


def refund(net_cents=1000):
    lines = [{"external_id": "1", "net_cents": net_cents}]
    return {"external_id": "r1", "refunded_at": LATER, "lines": lines}


def again(client, path, body, key="k-1"):
    return [client.send("POST", path, body, key=key) for _twice in range(2)]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/orders", raw_order(external_id="new"), 201),
        ("/orders/batch", {"orders": [raw_order(external_id="new")]}, 200),
        ("/orders/1001/refunds", refund(), 201),
        ("/orders/1001/cancel", {"cancelled_at": LATER}, 201),
        ("/orders/1001/deliveries", {"delivered_at": LATER}, 201),
        ("/products/batch", {"products": [{"sku": "A", "name": "A"}]}, 200),
        ("/orders/1001/refunds", refund(4001), 422),
        ("/orders", raw_order(status="pending"), 409),
    ],
)
def test_a_repeat_under_its_key_gets_the_first_answer(client, path, body, status):
    client.send("POST", "/orders", raw_order())

    first, second = again(client, path, body)

    assert (first.status_code, second.status_code) == (status, status)
    assert first.content == second.content
    assert first["Content-Type"] == second["Content-Type"]
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"


def test_another_request_under_a_used_key_is_refused(client):
    client.send("POST", "/orders", raw_order(), key="k-1")

    response = client.send("POST", "/orders", raw_order(external_id="2"), key="k-1")

    problem(response, 422, "idempotency_key_reused")
    assert Order.objects.count() == 1


def test_nothing_is_kept_of_what_was_invalid(client):
    problem(client.send("POST", "/orders", {}, key="k-1"), 400, "invalid_order")

    said(client.send("POST", "/orders", raw_order(), key="k-1"), 201)


def test_two_shops_may_use_one_key(client):
    for each in (client, Asker(ShopFactory())):
        said(each.send("POST", "/orders", raw_order(), key="k-1"), 201)


def test_a_rotated_api_key_still_finds_its_answers(client, shop):
    client.send("POST", "/orders", raw_order(), key="k-1")

    response = Asker(shop).send("POST", "/orders", raw_order(), key="k-1")

    assert response["Idempotent-Replayed"] == "true"


def test_the_answer_is_in_the_readers_language(shop):
    client = Asker(shop, HTTP_ACCEPT_LANGUAGE="fr")

    found = problem(
        client.send("POST", "/orders", raw_order(currency="XYZ")), 400, "invalid_order"
    )

    assert found["title"] == "La commande est illisible."
    assert "é" not in json.dumps({"code": found["code"], "paths": [*found["errors"]]})
