"""Orders with the verdict and the commissions of each line, over HTTP."""

import pytest

from creators.models import Creator
from payouts.models import Commission
from tests.creators.judging import click
from tests.factories.creators import CodeFactory, LinkFactory
from tests.factories.shops import (
    EarlyEventFactory,
    ExclusionFactory,
    ProductFactory,
    ShopFactory,
)
from tests.payouts.earning import enrolled, program, sweep
from tests.shops.asking import Asker, said
from tests.shops.building import raw_line, raw_order

pytestmark = pytest.mark.django_db

PLACED = "2026-11-03T09:15:00Z"


@pytest.fixture
def lea():
    """Return an enrollment of the creator lea, at 10 %, with the code LEA10."""
    enrollment = enrolled(program(rate_bp=1000))
    Creator.objects.filter(pk=enrollment.creator_id).update(handle="lea")
    CodeFactory(enrollment=enrollment, code="LEA10", post="Reel of May")
    enrollment.creator.refresh_from_db()
    return enrollment


@pytest.fixture
def client(lea):
    return Asker(lea.program.shop)


def order(client, **fields):
    """Bring an order, sweep, and return it as it reads."""
    fields = {"clicks": [], "codes": [], **fields}
    assert client.send("POST", "/orders", raw_order(**fields)).status_code < 300
    sweep()
    return said(client.read("/orders/1001"), 200)


WON = {
    "state": "attributed",
    "reason": "code_applied",
    "via": "code",
    "creator": "lea",
    "link": None,
    "code": "LEA10",
    "post": "Reel of May",
    "touches": [
        {
            "kind": "code",
            "ref": "LEA10",
            "at": None,
            "creator": "lea",
            "outcome": "won",
            "why": "code_applied",
        }
    ],
}


def line_read(number, net_cents, tax_cents, state, amount_cents):
    """Return how a line of two units reads when LEA10 earned so much with it."""
    commission = {
        "id": Commission.objects.get(line__external_id=number).pk,
        "order": "1001",
        "line": number,
        "creator": "lea",
        "kind": "sale",
        "state": state,
        "amount_cents": amount_cents,
        "currency": "EUR",
        # Placed on 3 November; 5 days of shipping, 30 of hold; payable the day after.
        "payable_on": "2026-12-09",
    }
    return {
        "external_id": number,
        "sku": "SERUM-30",
        "quantity": 2,
        "net_cents": net_cents,
        "tax_cents": tax_cents,
        "refunded_cents": 0,
        "verdict": WON,
        "commissions": [commission],
    }


def test_an_order_reads_with_the_verdict_and_commissions_of_each_line(client):
    read = order(
        client,
        codes=["LEA10"],
        lines=[raw_line("1", 4000), raw_line("2", 0, tax_cents=0)],
    )

    assert read == {
        "external_id": "1001",
        "version": 1,
        "placed_at": PLACED,
        "currency": "EUR",
        "status": "paid",
        "delivered_at": None,
        "cancelled_at": None,
        "waiting": [],
        "lines": [
            line_read("1", 4000, 800, "pending", 400),
            line_read("2", 0, 0, "void", 0),
        ],
    }


def test_an_order_that_no_sweep_has_seen_says_so(client):
    client.send("POST", "/orders", raw_order())

    (line,) = said(client.read("/orders/1001"), 200)["lines"]

    assert line["commissions"] == []
    assert line["verdict"] == {
        "state": "pending",
        "reason": "not_settled_yet",
        "via": None,
        "creator": None,
        "link": None,
        "code": None,
        "post": None,
        "touches": [],
    }


def test_a_click_that_won_names_its_link_and_post(client, lea):
    link = LinkFactory(enrollment=lea, slug="k3v9x2", post="Video 7")
    cid = click(link)

    (line,) = order(client, clicks=[cid])["lines"]

    verdict = line["verdict"]
    assert (verdict["via"], verdict["link"], verdict["code"]) == (
        "click",
        "k3v9x2",
        None,
    )
    assert (verdict["creator"], verdict["post"]) == ("lea", "Video 7")
    assert [each["ref"] for each in verdict["touches"]] == [cid]
    assert verdict["touches"][0]["at"].startswith("2026-11-03T08:15:00")


def test_nobody_is_a_verdict_with_every_touch_that_lost(client, lea):
    ExclusionFactory(
        program=lea.program,
        product=ProductFactory(shop=lea.program.shop, sku="SERUM-30"),
    )

    (line,) = order(client, codes=["NOPE", "LEA10"])["lines"]

    verdict = line["verdict"]
    assert (verdict["state"], verdict["reason"]) == ("nobody", "code_unknown")
    assert (verdict["via"], verdict["creator"], verdict["code"]) == (None, None, None)
    assert [(each["ref"], each["why"]) for each in verdict["touches"]] == [
        ("NOPE", "code_unknown"),
        ("LEA10", "product_excluded"),
    ]


def test_a_line_reads_with_what_was_taken_back(client):
    order(client, codes=["LEA10"])
    body = {
        "external_id": "r1",
        "refunded_at": "2026-11-05T10:00:00Z",
        "lines": [{"external_id": "1", "net_cents": 1000}],
    }
    client.send("POST", "/orders/1001/refunds", body)
    sweep()

    (line,) = said(client.read("/orders/1001"), 200)["lines"]

    assert line["refunded_cents"] == 1000
    assert [(each["kind"], each["amount_cents"]) for each in line["commissions"]] == [
        ("sale", 400),
        ("reversal", -100),
    ]


def test_an_order_reads_the_same_whichever_version_came_first(lea):
    versions = [
        raw_order(version=1, clicks=[], lines=[raw_line("1"), raw_line("2")]),
        raw_order(version=2, clicks=[], lines=[raw_line("2")]),
    ]
    read = []
    for turn in (versions, versions[::-1]):
        client = Asker(ShopFactory())
        for version in turn:
            client.send("POST", "/orders", version)
            sweep()
        read.append(said(client.read("/orders/1001"), 200))

    assert read[0] == read[1]
    assert [line["external_id"] for line in read[0]["lines"]] == ["2"]


def test_an_order_tells_what_it_refused_of_what_came_before_it(client):
    given = {"external_id": "1", "net_cents": 5000}
    refund = {"external_id": "R9", "refunded_at": PLACED, "lines": [given]}
    early = {"cancelled_at": "2001-01-01T00:00:00Z"}
    said(client.send("POST", "/orders/1001/refunds", refund), 202)
    said(client.send("POST", "/orders/1001/cancel", early), 202)

    assert order(client)["waiting"] == [
        {"kind": "refund", "external_id": "R9", "code": "refund_exceeds_paid"},
        {"kind": "cancel", "external_id": None, "code": "before_order"},
    ]

    dearer = order(client, version=2, lines=[raw_line(net_cents=6000)])

    assert [each["kind"] for each in dearer["waiting"]] == ["cancel"]


def test_what_waits_for_another_shops_order_of_this_number_is_not_told(client):
    EarlyEventFactory(order_external_id="1001", shop=ShopFactory())

    assert order(client)["waiting"] == []
