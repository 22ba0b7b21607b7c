"""Who may ask the API: live keys of a shop, for what their scopes say, so often."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from affiliate.common import throttle
from shops import keys
from shops.api.views import PerShop
from shops.models import Order
from tests.factories.shops import OrderFactory, ShopFactory
from tests.shops.asking import Asker, kept, key_of, problem, said
from tests.shops.building import raw_order

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
# Every door of issue 2, with the scope that opens it.
DOORS = [
    ("POST", "/orders", "orders:write"),
    ("POST", "/orders/batch", "orders:write"),
    ("GET", "/orders/1001", "orders:read"),
    ("POST", "/orders/1001/refunds", "orders:write"),
    ("POST", "/orders/1001/cancel", "orders:write"),
    ("POST", "/orders/1001/deliveries", "orders:write"),
    ("PUT", "/products/SERUM-30", "orders:write"),
    ("POST", "/products/batch", "orders:write"),
    ("GET", "/commissions", "commissions:read"),
    ("GET", "/commissions/1", "commissions:read"),
]
each_door = pytest.mark.parametrize(("method", "path", "scope"), DOORS)


@pytest.fixture
def shop():
    return ShopFactory()


@each_door
def test_a_stranger_is_told_how_to_sign(method, path, scope):
    response = Asker().send(method, path, {})

    problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


@each_door
def test_a_key_without_the_scope_is_told_which_it_lacks(shop, method, path, scope):
    others = [name for name in keys.SCOPES if name != scope]
    before = kept()

    response = Asker(shop, scopes=others).send(method, path, raw_order())

    assert scope in problem(response, 403, "permission_denied")["detail"]
    assert kept() == before


@each_door
def test_the_scope_alone_opens_the_door(shop, method, path, scope):
    response = Asker(shop, scopes=[scope]).send(method, path, {})

    assert response.status_code not in (401, 403, 405, 500)


@pytest.mark.parametrize(
    "make",
    [
        lambda shop: key_of(shop, revoked_at=now() - HOUR),
        lambda shop: key_of(shop, created_at=now() - 2 * HOUR, expires_at=now() - HOUR),
        lambda shop: key_of(None),
        lambda shop: key_of(shop)[:-1],
        lambda shop: key_of(shop) + "0",
        lambda shop: "mk_" + "0" * 48,
        lambda shop: "é" * 20,
    ],
    ids=["revoked", "expired", "operator's", "short", "long", "unknown", "no key"],
)
def test_a_key_that_is_no_live_key_of_a_shop_is_refused(shop, make):
    response = Asker(secret=make(shop)).send("POST", "/orders", raw_order())

    problem(response, 401, "authentication_failed")
    assert not Order.objects.exists()


def test_a_key_works_until_the_moment_it_is_revoked(shop):
    key, secret = keys.create(shop, ["orders:write"], at=now())
    client = Asker(secret=secret)
    said(client.send("POST", "/orders", raw_order()), 201)

    keys.revoke(key, at=now())

    problem(client.send("POST", "/orders", raw_order()), 401, "authentication_failed")


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "Bearer   ", "mk_1", ""])
def test_what_is_no_bearer_key_is_a_stranger(header):
    client = Asker(HTTP_AUTHORIZATION=header)

    problem(client.send("POST", "/orders", raw_order()), 401, "not_authenticated")


def test_another_shops_order_reads_like_a_missing_one(shop):
    foreign = OrderFactory()
    client = Asker(shop)

    answers = [client.read(f"/orders/{each}") for each in (foreign.external_id, "no")]

    for answer in answers:
        problem(answer, 404, "not_found")
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("event", ["refunds", "cancel", "deliveries"])
def test_an_event_of_another_shops_order_waits_like_one_of_a_missing_order(shop, event):
    foreign = OrderFactory()
    at = "2026-11-05T10:00:00Z"
    body = {
        "external_id": "r1",
        "refunded_at": at,
        "cancelled_at": at,
        "delivered_at": at,
        "lines": [{"external_id": "1", "net_cents": 1}],
    }
    client = Asker(shop)

    answers = [
        said(client.send("POST", f"/orders/{each}/{event}", body), 202)["status"]
        for each in (foreign.external_id, "missing")
    ]

    assert answers == ["kept", "kept"]
    foreign.refresh_from_db()
    assert (foreign.cancelled_at, foreign.delivered_at) == (None, None)


def test_one_number_in_two_shops_is_two_orders(shop):
    for owner in (shop, ShopFactory()):
        said(Asker(owner).send("POST", "/orders", raw_order()), 201)

    assert Order.objects.count() == 2


@pytest.fixture
def twice_an_hour(monkeypatch):
    limit = throttle.Limit("api-test", 2, HOUR, fails_open=True)
    monkeypatch.setattr(PerShop, "limit", limit)


@pytest.mark.usefixtures("twice_an_hour")
def test_too_many_requests_of_a_shop_wait(shop):
    first, second = Asker(shop), Asker(shop)
    for client in (first, second):
        said(
            client.send("POST", "/orders", raw_order()), 201 if client is first else 200
        )

    response = first.send("POST", "/orders", raw_order(external_id="1002"))

    assert problem(response, 429, "throttled")["detail"]
    assert 1 <= int(response["Retry-After"]) <= 1800
    assert Order.objects.count() == 1
    said(Asker(ShopFactory()).send("POST", "/orders", raw_order()), 201)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/orders"), ("DELETE", "/orders/1001"), ("POST", "/products/SERUM-30")],
)
def test_other_methods_are_named(shop, method, path):
    response = Asker(shop).send(method, path, {})

    problem(response, 405, "method_not_allowed")
    assert response["Allow"]


@pytest.mark.parametrize("path", ["/nothing", "/order/1001", "/"])
def test_an_unknown_address_is_a_problem_too(shop, path):
    problem(Asker(shop).send("POST", path, {}), 404, "not_found")
