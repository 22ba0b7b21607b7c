"""Up to ten thousand orders in one request: a bad one never stops the others."""

import pytest

from shops.models import Order
from tests.factories.shops import ShopFactory
from tests.shops.asking import Asker, problem, said
from tests.shops.building import raw_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Asker(ShopFactory())


def bring(client, **fields):
    return client.send("POST", "/orders", raw_order(**fields))


def batch(client, orders, **headers):
    return client.send("POST", "/orders/batch", {"orders": orders}, **headers)


def test_a_batch_says_what_became_of_each(client):
    bring(client, external_id="known")
    bring(client, external_id="older")
    bring(client, external_id="taken")

    results = said(
        batch(
            client,
            [
                raw_order(external_id="new"),
                raw_order(external_id="known"),
                raw_order(external_id="older", version=2),
                raw_order(external_id="taken", status="pending"),
                raw_order(external_id="wrong", currency="XYZ"),
            ],
        ),
        200,
    )["results"]

    assert [(row["external_id"], row["status"]) for row in results] == [
        ("new", "created"),
        ("known", "unchanged"),
        ("older", "updated"),
        ("taken", "rejected"),
        ("wrong", "rejected"),
    ]
    assert [row.get("code") for row in results[3:]] == [
        "order_conflict",
        "invalid_order",
    ]
    assert list(results[3]["errors"]) == ["version"]
    assert list(results[4]["errors"]) == ["currency"]
    assert "errors" not in results[0]


@pytest.mark.parametrize(
    ("row", "number"),
    [
        (None, ""),
        ("1001", ""),
        ([], ""),
        ({}, ""),
        ({"external_id": None}, ""),
        ({"external_id": 1001}, ""),
        ({"external_id": {"a": [1]}}, ""),
        ({"external_id": "x" * 300}, "x" * 100),
        ({"external_id": "1001"}, "1001"),
    ],
)
def test_a_row_that_is_no_order_never_stops_the_others(client, row, number):
    results = said(batch(client, [row, raw_order(external_id="good")]), 200)["results"]

    assert [each["status"] for each in results] == ["rejected", "created"]
    assert results[0]["external_id"] == number
    assert results[0]["code"] == "invalid_order"
    assert results[0]["errors"]


def test_two_versions_in_one_batch_end_as_if_sent_one_after_the_other(client):
    versions = [raw_order(version=2, status="paid"), raw_order(status="pending")]

    results = said(batch(client, versions), 200)["results"]

    assert [row["status"] for row in results] == ["created", "unchanged"]
    assert Order.objects.get().status == "paid"


def test_an_empty_batch_is_fine(client):
    assert said(batch(client, []), 200) == {"results": []}


@pytest.mark.parametrize("body", [None, [], "x", {}, {"orders": None}, {"orders": {}}])
def test_what_is_no_batch_is_named(client, body):
    found = problem(client.send("POST", "/orders/batch", body), 400, "invalid_batch")

    assert found["errors"] == {"orders": ["Must be a list of up to 10,000."]}
    assert found["detail"] == "Send an object with a list of up to 10,000."


@pytest.mark.slow
def test_ten_thousand_orders_fit_and_one_more_does_not(client):
    orders = [raw_order(external_id=f"{n:05}") for n in range(10_001)]

    problem(batch(client, orders), 400, "invalid_batch")
    assert not Order.objects.exists()

    results = said(batch(client, orders[:10_000]), 200)["results"]
    assert {row["status"] for row in results} == {"created"}
    assert Order.objects.count() == 10_000
