"""`?dry_run=true` on a rate or a boost: what it would have cost, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils.timezone import now

from shops.models import Boost, Rate
from tests.factories.shops import (
    AudienceFactory,
    BoostFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
)
from tests.payouts.earning import enrolled, program, sell, sweep
from tests.shops.asking import Asker, problem, said

pytestmark = pytest.mark.django_db

BOOST = {
    "name": "Launch",
    "multiplier_pct": 200,
    "starts_at": "2100-01-01T00:00:00+01:00",
    "ends_at": "2100-01-08T00:00:00+01:00",
}


@pytest.fixture
def lea():
    return enrolled(program(rate_bp=1000), creator__handle="lea")


@pytest.fixture
def client(lea):
    return Asker(lea.program.shop)


@pytest.fixture
def sold(lea):
    """Sell a red thing for 40.00 three days ago."""
    red = ProductFactory(shop=lea.program.shop, sku="RED", name="Red")
    at = now()
    sell(lea, 4000, product=red, placed_at=at - timedelta(days=3))
    sweep(at=at)


def path(lea, terms, query="?dry_run=true"):
    return f"/programs/{lea.program.pk}/{terms}{query}"


def rows_of_all_tables():
    with connection.cursor() as cursor:
        names = [
            name
            for name in connection.introspection.table_names(cursor)
            if name != "shops_apikey"
        ]
        cursor.execute(
            " union all ".join(f"select '{n}', count(*) from {n}" for n in names)
        )
        return dict(cursor.fetchall())


@pytest.mark.usefixtures("sold")
def test_a_rate_says_what_it_would_have_cost(lea, client):
    found = said(client.send("POST", path(lea, "rates"), {"rate_bp": 1500}), 200)

    change = {
        "lines": 1,
        "before_cents": 400,
        "after_cents": 600,
        "difference_cents": 200,
    }
    assert found["costs"] == [
        {
            "currency": "EUR",
            **change,
            "creators": {
                "rows": [{"creator": "lea", **change}],
                "others": 0,
                "others_cents": 0,
            },
            "products": {
                "rows": [{"sku": "RED", "name": "Red", **change}],
                "others": 0,
                "others_cents": 0,
            },
        }
    ]
    assert (found["lines"], found["orders"]) == (1, 1)
    assert (found["days"], found["is_whole"]) == (30, True)
    assert found["binds_at"] is not None


@pytest.mark.usefixtures("sold")
def test_a_boost_says_what_it_would_have_cost(lea, client):
    body = {**BOOST, "budget_cents": 300}

    found = said(client.send("POST", path(lea, "boosts"), body), 200)

    assert [(row["before_cents"], row["after_cents"]) for row in found["costs"]] == [
        (400, 700)
    ]
    assert found["binds_at"] is None


def test_a_boost_that_is_not_saved_says_which_boosts_it_would_meet(lea, client):
    running = BoostFactory(
        program=lea.program,
        starts_at=datetime(2100, 1, 2, tzinfo=UTC),
        ends_at=datetime(2100, 2, 1, tzinfo=UTC),
    )

    found = said(client.send("POST", path(lea, "boosts"), BOOST), 200)

    assert [(row["id"], row["wins"]) for row in found["overlaps"]] == [
        (running.pk, True)
    ]
    assert Boost.objects.get() == running


def test_a_program_that_sold_nothing_has_nothing_to_say(lea, client):
    found = said(client.send("POST", path(lea, "rates"), {"rate_bp": 1500}), 200)

    assert (found["lines"], found["costs"]) == (0, [])


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize(
    ("terms", "body"), [("rates", {"rate_bp": 1500}), ("boosts", BOOST)]
)
@pytest.mark.parametrize("said_so", ["true", "TRUE", "1"])
def test_a_preview_leaves_no_row_and_uses_up_no_key(lea, client, terms, body, said_so):
    before = rows_of_all_tables()

    answer = client.send("POST", path(lea, terms, f"?dry_run={said_so}"), body, key="k")

    said(answer, 200)
    assert rows_of_all_tables() == before
    assert "Idempotent-Replayed" not in answer
    said(client.send("POST", path(lea, terms, ""), body, key="k"), 201)


@pytest.mark.parametrize("query", ["", "?dry_run=false", "?dry_run=0"])
def test_without_it_the_rate_is_saved(lea, client, query):
    said(client.send("POST", path(lea, "rates", query), {"rate_bp": 1500}), 201)

    assert Rate.objects.count() == 1


@pytest.mark.parametrize("word", ["", "yes", "tru", "2"])
def test_an_unclear_word_saves_nothing(lea, client, word):
    where = path(lea, "rates", f"?dry_run={word}")

    found = problem(client.send("POST", where, {"rate_bp": 1500}), 400, "invalid")

    assert found["errors"] == {"dry_run": ["Give true or false."]}
    assert not Rate.objects.exists()


@pytest.mark.parametrize(
    ("terms", "body", "status", "code"),
    [
        ("rates", {"rate_bp": 9000}, 400, "invalid_term"),
        ("rates", {}, 400, "invalid_term"),
        ("rates", {"rate_bp": "many"}, 400, "invalid"),
        ("rates", {"rate_bp": 900, "from": None}, 409, "term_overlaps"),
        ("boosts", {**BOOST, "starts_at": "2020-01-01T00:00Z"}, 400, "invalid_term"),
        ("boosts", {**BOOST, "budget_cents": 0}, 400, "invalid_term"),
    ],
)
def test_it_refuses_what_would_be_refused(lea, client, terms, body, status, code):
    RateFactory(program=lea.program)

    dry = problem(client.send("POST", path(lea, terms), body), status, code)

    wet = problem(client.send("POST", path(lea, terms, ""), body), status, code)
    assert dry == wet
    assert Rate.objects.count() == 1
    assert not Boost.objects.exists()


def test_another_shops_program_is_not_there(client):
    other = ProgramFactory()

    for terms, body in (("rates", {"rate_bp": 1500}), ("boosts", BOOST)):
        where = f"/programs/{other.pk}/{terms}?dry_run=true"
        problem(client.send("POST", where, body), 404, "not_found")


@pytest.mark.parametrize("kind", ["product", "group"])
def test_another_shops_goods_and_creators_are_not_there(lea, client, kind):
    other = program()
    named = {
        "product": {"what": {"product": ProductFactory(shop=other.shop).sku}},
        "group": {"who": {"group": AudienceFactory(program=other).slug}},
    }

    body = {"rate_bp": 1500, **named[kind]}
    problem(client.send("POST", path(lea, "rates"), body), 400, "invalid_term")


def test_a_key_that_may_only_read_previews_nothing(lea):
    reader = Asker(lea.program.shop, scopes=["programs:read"])

    answer = reader.send("POST", path(lea, "rates"), {"rate_bp": 1500})

    problem(answer, 403, "permission_denied")


# ------------------------------------------------------------------ conditions


def test_a_rate_has_conditions(lea, client):
    body = {
        "rate_bp": 1500,
        "first_purchase_only": True,
        "most_sales": 5,
        "most_sales_per": "month",
    }

    made = said(client.send("POST", path(lea, "rates", ""), body), 201)

    shown = said(client.read(path(lea, "rates", "")), 200)["results"]
    assert shown == [made]
    assert {name: made[name] for name in body} == body


def test_a_rate_without_conditions_says_so(lea, client):
    made = said(client.send("POST", path(lea, "rates", ""), {"rate_bp": 1500}), 201)

    assert (made["first_purchase_only"], made["most_sales"]) == (False, None)
    assert made["most_sales_per"] is None


@pytest.mark.parametrize(
    "half",
    [{"most_sales": 5}, {"most_sales_per": "day"}, {"most_sales": 0}],
)
def test_half_a_cap_is_refused(lea, client, half):
    answer = client.send("POST", path(lea, "rates", ""), {"rate_bp": 1500, **half})

    assert "most_sales" in problem(answer, 400, "invalid_term")["errors"]


def test_an_unknown_period_is_refused(lea, client):
    cap = {"rate_bp": 1500, "most_sales": 5, "most_sales_per": "year"}

    answer = client.send("POST", path(lea, "rates", ""), cap)

    assert list(problem(answer, 400, "invalid")["errors"]) == ["most_sales_per"]
