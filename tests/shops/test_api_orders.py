"""Orders and their events over HTTP, with the statuses of the contract."""

from urllib.parse import quote

import pytest

from shops.models import EarlyEvent, Order, OrderLine, UnsettledLine
from tests.factories.shops import ShopFactory
from tests.shops.asking import Asker, kept, problem, said
from tests.shops.building import raw_line, raw_order, state

pytestmark = pytest.mark.django_db

LATER = "2026-11-09T18:00:00+01:00"


@pytest.fixture
def shop():
    return ShopFactory()


@pytest.fixture
def client(shop):
    return Asker(shop)


def bring(client, **fields):
    return client.send("POST", "/orders", raw_order(**fields))


def refund(net_cents=1000, **fields):
    lines = [{"external_id": "1", "net_cents": net_cents}]
    return {"external_id": "r1", "refunded_at": LATER, "lines": lines, **fields}


def give_back(client, *cents, number="1001", **fields):
    return client.send("POST", f"/orders/{number}/refunds", refund(*cents, **fields))


# ------------------------------------------------------------------ orders


def test_a_new_order_is_created_and_waits_for_its_verdict(client):
    answer = said(bring(client), 201)

    assert answer == {"external_id": "1001", "status": "created"}
    line = OrderLine.objects.get()
    assert (line.net_cents, line.tax_cents, line.quantity) == (4000, 800, 2)
    assert UnsettledLine.objects.get().line == line


def test_the_same_order_again_changes_nothing(client):
    bring(client)
    UnsettledLine.objects.all().delete()
    before = kept()

    assert said(bring(client), 200)["status"] == "unchanged"
    assert kept() == before


def test_a_newer_version_is_applied_and_an_older_one_is_not(client):
    bring(client)
    newer = {"version": 2, "lines": [raw_line(net_cents=3000)]}

    assert said(bring(client, **newer), 200)["status"] == "updated"
    assert said(bring(client), 200)["status"] == "unchanged"

    assert OrderLine.objects.get().net_cents == 3000


def test_updated_at_decides_like_a_version(client):
    moments = ["2026-11-03T10:15:00+01:00", "2026-11-03T09:15:00.000001Z"]

    statuses = [
        said(bring(client, version=None, updated_at=at, status=status), code)["status"]
        for at, status, code in [
            (moments[0], "pending", 201),
            (moments[1], "paid", 200),
            (moments[0], "pending", 200),
        ]
    ]

    assert statuses == ["created", "updated", "unchanged"]
    assert Order.objects.get().status == "paid"


def test_the_same_version_with_other_content_is_a_conflict(client, shop):
    bring(client)
    before = state(shop)

    response = bring(client, lines=[raw_line(net_cents=3999)])

    found = problem(response, 409, "order_conflict")
    assert found["errors"] == {
        "version": ["Version 1 is known with other content: send a higher one."]
    }
    assert found["detail"] == "Send what changed with a higher version."
    assert state(shop) == before


def test_an_order_keeps_its_currency(client):
    bring(client)

    found = problem(bring(client, version=2, currency="USD"), 409, "currency_changed")

    assert found["errors"] == {"currency": ["This order was paid in EUR."]}


def test_a_version_below_what_was_refunded_is_refused(client):
    bring(client)
    give_back(client, 4000)

    response = bring(client, version=2, lines=[raw_line(net_cents=3999)])

    assert "lines[0].net_cents" in problem(response, 422, "below_refunded")["errors"]
    assert OrderLine.objects.get().net_cents == 4000


def test_fields_that_we_do_not_know_are_passed_over(client):
    said(bring(client, colour="green", shop="another", id=7, refunded_cents=1), 201)

    assert OrderLine.objects.get().refunded_cents == 0


@pytest.mark.parametrize("number", ["2026/001", "n° 7 é", "100%", "a?b#c", "a+b c"])
def test_any_number_that_can_be_sent_can_be_reached(client, number):
    said(bring(client, external_id=number), 201)
    path = quote(number, safe="")

    assert said(give_back(client, number=path), 201)["status"] == "created"
    assert said(client.read(f"/orders/{path}"), 200)["external_id"] == number


# ------------------------------------------------------------------ refunds


def test_a_refund_is_kept_once(client, shop):
    bring(client)

    assert said(give_back(client), 201) == {"external_id": "r1", "status": "created"}
    before = state(shop)
    assert said(give_back(client), 200)["status"] == "unchanged"

    assert state(shop) == before
    assert OrderLine.objects.get().refunded_cents == 1000


def test_a_known_refund_with_other_amounts_is_a_conflict(client):
    bring(client)
    give_back(client, 1000)

    found = problem(give_back(client, 999), 409, "refund_conflict")

    assert list(found["errors"]) == ["external_id"]
    assert OrderLine.objects.get().refunded_cents == 1000


def test_a_refund_larger_than_what_is_left_is_refused_with_its_place(client):
    bring(client)
    give_back(client, 3000)

    response = give_back(client, 1001, external_id="r2")

    found = problem(response, 422, "refund_exceeds_paid")
    assert found["errors"] == {
        "lines[0].net_cents": ["1 more would be refunded than was paid."]
    }
    assert found["detail"] == (
        "Refund at most what was paid, without VAT, less earlier refunds."
    )
    assert OrderLine.objects.get().refunded_cents == 3000
    said(give_back(client, 1000, external_id="r3"), 201)


def test_a_refund_of_a_line_that_is_not_there_names_those_that_are(client):
    bring(client)

    response = give_back(client, lines=[{"external_id": "9", "net_cents": 1}])

    assert problem(response, 422, "unknown_line")["errors"] == {
        "lines[0].external_id": ["The order has the lines 1."]
    }


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({"external_id": None}, ["external_id"]),
        ({"external_id": 1}, ["external_id"]),
        ({"refunded_at": "2026-11-09T18:00:00"}, ["refunded_at"]),
        ({"refunded_at": "1999-01-01T00:00:00Z"}, ["refunded_at"]),
        ({"refunded_at": "2100-01-01T00:00:00Z"}, ["refunded_at"]),
        ({"lines": []}, ["lines"]),
        ({"lines": None}, ["lines"]),
        ({"lines": [7]}, ["lines[0]"]),
        ({"lines": [{"external_id": "1"}]}, ["lines[0].net_cents"]),
        ({"lines": [{"external_id": "1", "net_cents": -1}]}, ["lines[0].net_cents"]),
        ({"lines": [{"external_id": "1", "net_cents": "1"}]}, ["lines[0].net_cents"]),
        ({"lines": [{"external_id": "1", "quantity": 0}]}, ["lines[0].quantity"]),
        (
            {"lines": [{"external_id": "1", "net_cents": 1}] * 2},
            ["lines[1].external_id"],
        ),
        ({"reason": ["x"]}, ["reason"]),
    ],
)
def test_a_refund_that_cannot_be_read_names_every_place(client, fields, places):
    bring(client)
    before = kept()

    found = problem(give_back(client, **fields), 400, "invalid_refund")

    assert list(found["errors"]) == places
    assert found["detail"].endswith(
        "Correct the fields named and send the refund again."
    )
    assert kept() == before


# ------------------------------------------------------------------ other events


@pytest.mark.parametrize(
    ("event", "name"), [("cancel", "cancelled_at"), ("deliveries", "delivered_at")]
)
def test_an_event_is_applied_once(client, event, name):
    bring(client)

    statuses = [
        client.send("POST", f"/orders/1001/{event}", {name: LATER}).status_code
        for _twice in range(2)
    ]

    assert statuses == [201, 200]
    assert getattr(Order.objects.get(), name).isoformat() == "2026-11-09T17:00:00+00:00"


@pytest.mark.parametrize("event", ["cancel", "deliveries"])
@pytest.mark.parametrize(
    "value",
    [None, 7, "", "soon", "2026-11-09", "2026-11-09T18:00:00", "1999-01-01T00:00:00Z",
     "2100-01-01T00:00:00Z", ["2026-11-09T18:00:00Z"]],
)  # fmt: skip
def test_an_event_without_a_readable_instant_names_it(client, event, value):
    bring(client)
    name = {"cancel": "cancelled_at", "deliveries": "delivered_at"}[event]

    response = client.send("POST", f"/orders/1001/{event}", {name: value})

    found = problem(response, 400, "invalid_instant")
    assert list(found["errors"]) == [name]
    assert "2026-11-03T10:15:00+01:00" in found["detail"]
    assert getattr(Order.objects.get(), name) is None


def test_the_last_parcel_counts(client):
    bring(client)
    for day in ("07", "09", "08"):
        at = f"2026-11-{day}T10:00:00Z"
        client.send("POST", "/orders/1001/deliveries", {"delivered_at": at})

    assert Order.objects.get().delivered_at.day == 9


def test_events_before_their_order_are_kept_and_then_applied(client, shop):
    bodies = {
        "refunds": refund(),
        "cancel": {"cancelled_at": LATER},
        "deliveries": {"delivered_at": LATER},
    }
    for event, body in bodies.items():
        for _twice in range(2):
            answer = said(client.send("POST", f"/orders/1001/{event}", body), 202)
            assert answer["status"] == "kept"
    assert EarlyEvent.objects.count() == 3

    said(bring(client), 201)

    assert not EarlyEvent.objects.exists()
    order = Order.objects.get()
    assert (order.status, order.delivered_at.day) == ("cancelled", 9)
    assert OrderLine.objects.get().refunded_cents == 1000


@pytest.mark.parametrize("number", ["x" * 101, "%20", "a%09b"])
def test_a_number_that_no_order_can_have_is_refused(client, number):
    before = kept()

    for event, body in (("refunds", refund()), ("cancel", {"cancelled_at": LATER})):
        response = client.send("POST", f"/orders/{number}/{event}", body)
        problem(response, 400, "invalid_order_number")

    assert kept() == before
