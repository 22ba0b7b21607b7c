"""Commissions and their explanations over HTTP."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creators.models import Creator
from payouts.models import Commission
from tests.factories.creators import CodeFactory
from tests.factories.shops import (
    BoostFactory,
    RateFactory,
)
from tests.payouts.earning import earn, enrolled, program, refund, sweep
from tests.shops.asking import Asker, problem, said
from tests.shops.building import raw_line, raw_order

pytestmark = pytest.mark.django_db


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


def listed(client, query=""):
    return said(client.read(f"/commissions{query}"), 200)


def ids(page):
    return [row["id"] for row in page["results"]]


def test_commissions_are_listed_newest_first(client, lea):
    first, second = earn(lea, 4000), earn(lea, 100)
    earn(enrolled())  # of another shop

    page = listed(client)

    assert set(page) == {"next", "previous", "results"}
    assert (page["next"], page["previous"]) == (None, None)
    assert ids(page) == [second.pk, first.pk]
    assert page["results"][1] == {
        "id": first.pk,
        "order": first.line.order.external_id,
        "line": first.line.external_id,
        "creator": "lea",
        "kind": "sale",
        "state": "pending",
        "amount_cents": 400,
        "currency": "EUR",
        "payable_on": "2026-12-09",
    }


def test_cursors_lead_through_all_pages_and_back(client, lea):
    sales = [earn(lea, 100).pk for _n in range(5)]
    first = listed(client, "?limit=2")
    earn(lea, 100)  # comes while someone reads, and shifts nothing

    second = said(client.get(first["next"]), 200)
    third = said(client.get(second["next"]), 200)

    assert ids(first) + ids(second) + ids(third) == sales[::-1]
    assert third["next"] is None
    assert ids(said(client.get(third["previous"]), 200)) == ids(second)


@pytest.mark.parametrize(
    ("limit", "count"),
    [("1", 1), ("199", 199), ("200", 200), ("", 50)],
)
def test_a_page_has_two_hundred_rows_at_most(client, lea, limit, count):
    sale = earn(lea)
    rows = [
        Commission(
            **{
                **{
                    each.attname: getattr(sale, each.attname)
                    for each in Commission._meta.concrete_fields
                },
                "id": None,
                "kind": "restoration",
                "number": number,
            }
        )
        for number in range(1, 205)
    ]
    Commission.objects.bulk_create(rows)

    assert len(ids(listed(client, f"?limit={limit}"))) == count


def test_commissions_are_found_by_state_and_creator(client, lea):
    other = enrolled(lea.program)
    mine, theirs = earn(lea), earn(other)
    void = earn(lea, 0)

    assert ids(listed(client, "?creator=lea")) == [void.pk, mine.pk]
    assert ids(listed(client, "?state=pending")) == [theirs.pk, mine.pk]
    assert ids(listed(client, "?state=void&creator=lea")) == [void.pk]
    assert ids(listed(client, "?creator=nobody")) == []


def test_a_state_that_is_none_is_named(client):
    found = problem(client.read("/commissions?state=done"), 400, "invalid")

    assert found["errors"] == {
        "state": ["Give one of pending, approved, in_run, paid, void, held."]
    }


@pytest.mark.parametrize("cursor", ["x", "cD14", "%00", "é"])
def test_a_cursor_that_is_not_ours_is_refused(client, lea, cursor):
    earn(lea)

    found = problem(client.read(f"/commissions?cursor={cursor}"), 400, "invalid")

    assert found["errors"] == {
        "cursor": ["Use `next` or `previous` of an answer, as they are."]
    }


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "٣", "1.0", "9" * 50])
def test_a_page_has_from_one_to_two_hundred_rows(client, lea, limit):
    earn(lea)

    found = problem(client.read(f"/commissions?limit={limit}"), 400, "invalid")

    assert found["errors"] == {"limit": ["A whole number from 1 to 200."]}
    assert len(said(client.read("/commissions?limit=200"), 200)["results"]) == 1


def test_a_long_page_costs_as_many_queries_as_a_short_one(client, lea):
    def asks(path):
        with CaptureQueriesContext(connection) as queries:
            said(client.read(path), 200)
        return len(queries)

    for n in range(12):
        lines = [raw_line(str(m)) for m in range(1, n + 2)]
        client.send(
            "POST",
            "/orders",
            raw_order(external_id=f"{n}", codes=["LEA10"], clicks=[], lines=lines),
        )
    sweep()

    assert asks("/commissions?limit=2") == asks("/commissions?limit=70")
    assert asks("/orders/0") == asks("/orders/11")


def test_a_commission_reads_with_its_explanation(client, lea):
    rate = RateFactory(program=lea.program, audience=lea.audience, rate_bp=1300)
    boost = BoostFactory(program=lea.program, name="Launch", multiplier_pct=200)
    sale = earn(lea, 4000)

    read = said(client.read(f"/commissions/{sale.pk}"), 200)

    assert read.pop("explanation") == {
        "base_cents": 4000,
        "rate": {
            "id": rate.pk,
            "bp": 1300,
            "flat_cents": None,
            "who": "creator",
            "what": "everything",
            "group": None,
        },
        "lost_rates": [
            {
                "id": None,
                "bp": 1000,
                "flat_cents": None,
                "who": "default",
                "what": "everything",
                "group": None,
            }
        ],
        "boost": {"id": boost.pk, "name": "Launch", "multiplier_pct": 200},
        "lost_boosts": [],
        "cap_bp": 8000,
        "split": None,
        "amount_cents": 1040,
        "text": {
            "en": "13 % of the €40.00 paid for the line without VAT: the creator's own"
            " rate. The boost Launch multiplied it by 2. That makes €10.40.",
            "fr": "13\u00a0% des 40,00\u00a0€ payés pour la ligne hors TVA\u00a0: le"
            " taux personnel du créateur. Le bonus Launch l’a multiplié par 2. Cela"
            " fait 10,40\u00a0€.",
        },
    }
    assert read in listed(client)["results"]


def test_a_correction_reads_with_the_terms_of_its_sale(client, lea):
    sale = earn(lea, 4000)
    refund(sale.line, 1500)
    reversal = Commission.objects.get(number=1)

    read = said(client.read(f"/commissions/{reversal.pk}"), 200)

    assert (read["kind"], read["amount_cents"]) == ("reversal", -150)
    assert read["explanation"]["base_cents"] == 2500
    assert read["explanation"]["text"]["en"] == (
        "Of the €40.00 paid for the line, €25.00 is left. By the terms of the sale the"
        " line now earns €2.50 instead of €4.00. Taken back: €1.50."
    )


def test_another_shops_commission_reads_like_a_missing_one(client, lea):
    foreign = earn(enrolled())

    answers = [client.read(f"/commissions/{pk}") for pk in (foreign.pk, 10**9, 10**30)]

    for answer in answers:
        problem(answer, 404, "not_found")
        assert answer.content == answers[0].content
