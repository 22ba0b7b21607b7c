"""Products over HTTP: one by its SKU, or ten thousand at once."""

from functools import partial
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from shops import catalogue, orders
from shops.models import Category, Product
from tests.common.racing import race
from tests.factories.shops import CategoryFactory, ProductFactory, ShopFactory
from tests.shops.asking import Asker, problem, said
from tests.shops.building import NOW, order_facts

pytestmark = pytest.mark.django_db

ROW = {
    "name": "Sérum — 30\u00a0ml",
    "url": "https://lune.example/p/serum",
    "category": "care",
    "price_cents": 2400,
    "currency": "EUR",
    "image_url": "https://lune.example/i/serum.jpg",
    "active": True,
}


@pytest.fixture
def shop():
    return ShopFactory(currency="EUR")


@pytest.fixture
def client(shop):
    return Asker(shop)


def put(client, sku="SERUM-30", **fields):
    return client.send("PUT", f"/products/{sku}", {**ROW, **fields})


def batch(client, *rows):
    response = client.send("POST", "/products/batch", {"products": list(rows)})
    return said(response, 200)["results"]


def test_a_new_product_is_created_with_its_category(client, shop):
    assert said(put(client), 201) == {"sku": "SERUM-30", "status": "created"}

    product = Product.objects.get()
    assert (product.shop, product.name) == (shop, "Sérum — 30\u00a0ml")
    assert product.category == Category.objects.get(shop=shop, slug="care")
    assert (product.price_cents, product.currency) == (2400, "EUR")
    assert product.url == "https://lune.example/p/serum"
    assert product.image_url == "https://lune.example/i/serum.jpg"
    assert product.is_active


def test_the_same_product_again_changes_nothing(client):
    put(client)

    assert said(put(client), 200)["status"] == "unchanged"
    assert Product.objects.count() == Category.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "name", "now"),
    [
        ("name", "Crème", "name", "Crème"),
        ("url", "http://lune.example", "url", "http://lune.example"),
        ("url", None, "url", ""),
        ("category", "hair", "category__slug", "hair"),
        ("category", "", "category", None),
        ("price_cents", 0, "price_cents", 0),
        ("price_cents", None, "price_cents", None),
        ("currency", "USD", "currency", "USD"),
        ("image_url", "", "image_url", ""),
        ("active", False, "is_active", False),
    ],
)
def test_a_product_is_replaced(client, field, value, name, now):
    put(client)
    before = Product.objects.get().pk

    assert said(put(client, **{field: value}), 200)["status"] == "updated"

    assert Product.objects.values_list("pk", name).get() == (before, now)


def test_what_is_left_out_is_empty_and_the_shops(client):
    said(client.send("PUT", "/products/A", {"name": "A"}), 201)

    found = Product.objects.get()
    assert (found.url, found.category, found.price_cents) == ("", None, None)
    assert (found.currency, found.is_active) == ("EUR", True)


@pytest.mark.parametrize("sku", ["A/B", "n° 7", "50%", "a?b#c", "batch2"])
def test_any_sku_can_be_reached(client, sku):
    said(put(client, quote(sku, safe="")), 201)

    assert Product.objects.get().sku == sku


def test_one_sku_in_two_shops_is_two_products(client):
    other = ProductFactory(sku="SERUM-30")

    said(put(client), 201)

    other.refresh_from_db()
    assert other.name != ROW["name"]
    assert Product.objects.count() == 2


def test_a_category_of_another_shop_is_not_taken(client, shop):
    CategoryFactory(slug="care")

    put(client)

    assert Product.objects.get().category.shop == shop


WHOLE = "A whole number of minor units, from 0 to 10000000000000."
TEXT = "Send this as text, in quotation marks."
ADDRESS = "Send a whole address, such as https://shop.example/p/serum."
ISO = "Send an ISO 4217 code in use, such as EUR."
FAULTS = [
    ("name", None, "This is missing."),
    ("name", "", "This is empty."),
    ("name", "  ", "This is empty."),
    ("name", 7, TEXT),
    ("name", "x" * 201, "At most 200 characters."),
    ("name", "a\x00b", "Leave out control characters and broken Unicode."),
    ("url", "lune.example/p", ADDRESS),
    ("url", "javascript:alert(1)", ADDRESS),
    ("url", "https://", ADDRESS),
    ("url", "https://[half", ADDRESS),
    ("url", "https://lune.example/a b", ADDRESS),
    ("url", "https://lune.example/" + "x" * 480, "At most 500 characters."),
    ("url", ["https://lune.example"], TEXT),
    ("image_url", "data:image/png;base64,AAAA", ADDRESS),
    ("category", 5, TEXT),
    ("category", "x" * 61, "At most 60 characters."),
    ("price_cents", -1, WHOLE),
    ("price_cents", "24.00", WHOLE),
    ("price_cents", True, WHOLE),
    ("price_cents", 10**13 + 1, WHOLE),
    ("price_cents", 10**40, WHOLE),
    ("currency", "XYZ", ISO),
    ("currency", "eur", ISO),
    ("currency", 978, ISO),
    ("active", "yes", "Send true or false."),
    ("active", None, "Send true or false."),
]


@pytest.mark.parametrize(("field", "value", "message"), FAULTS)
def test_a_field_that_cannot_be_is_named(client, field, value, message):
    found = problem(put(client, **{field: value}), 400, "invalid_product")

    assert found["errors"] == {field: [message]}
    assert found["detail"].endswith("send the product again.")
    assert not Product.objects.exists()
    assert not Category.objects.exists()


@pytest.mark.parametrize("sku", ["x" * 101, "%20", "a%09b"])
def test_a_sku_that_cannot_be_is_named(client, sku):
    found = problem(put(client, sku), 400, "invalid_product")

    assert list(found["errors"]) == ["sku"]


@pytest.mark.parametrize("body", [None, [], "x", 7])
def test_what_is_no_product_is_named(client, body):
    response = client.send("PUT", "/products/A", body)

    assert problem(response, 400, "invalid_product")["errors"] == {
        "product": ["Send an object with named fields."]
    }


# ------------------------------------------------------------------ batches


def test_a_batch_says_what_became_of_each(client):
    put(client, "same")
    put(client, "old")

    results = batch(
        client,
        {**ROW, "sku": "new"},
        {**ROW, "sku": "same"},
        {**ROW, "sku": "old", "name": "Newer"},
        {**ROW, "sku": "bad", "price_cents": -1},
        {**ROW, "sku": "new", "name": "The last counts"},
        {**ROW, "sku": "new", "name": "The last counts"},
    )

    assert [(row["sku"], row["status"]) for row in results] == [
        ("new", "created"),
        ("same", "unchanged"),
        ("old", "updated"),
        ("bad", "rejected"),
        ("new", "updated"),
        ("new", "unchanged"),
    ]
    assert results[3]["code"] == "invalid_product"
    assert results[3]["errors"] == {"price_cents": [WHOLE]}
    names = dict(Product.objects.values_list("sku", "name"))
    assert names == {
        "new": "The last counts",
        "same": ROW["name"],
        "old": "Newer",
    }


@pytest.mark.parametrize(
    ("row", "sku"),
    [
        (None, ""),
        ("A", ""),
        ([], ""),
        ({}, ""),
        ({**ROW}, ""),
        ({**ROW, "sku": 7}, ""),
        ({**ROW, "sku": ["A"]}, ""),
        ({**ROW, "sku": {"A": 1}}, ""),
        ({**ROW, "sku": "a\x00"}, "a\x00"),
        ({**ROW, "sku": "x" * 300}, "x" * 100),
        ({**ROW, "sku": "A", "category": ["care"]}, "A"),
    ],
)
def test_a_row_that_is_no_product_never_stops_the_others(client, row, sku):
    results = batch(client, row, {**ROW, "sku": "good"})

    assert [(each["sku"], each["status"]) for each in results] == [
        (sku, "rejected"),
        ("good", "created"),
    ]
    assert results[0]["errors"]
    assert Product.objects.get().sku == "good"


@pytest.mark.parametrize("body", [None, [], {}, {"products": {}}, {"orders": []}])
def test_what_is_no_batch_is_named(client, body):
    response = client.send("POST", "/products/batch", body)

    assert problem(response, 400, "invalid_batch")["errors"] == {
        "products": ["Must be a list of up to 10,000."]
    }


def test_a_long_batch_costs_as_many_queries_as_a_short_one(shop):
    def asks(count, turn):
        rows = [{**ROW, "sku": f"{n}", "name": f"{turn}"} for n in range(count)]
        with CaptureQueriesContext(connection) as queries:
            catalogue.put_many(shop, rows)
        return len(queries)

    asks(1, "first")
    assert [asks(3, "a"), asks(300, "b"), asks(300, "c")] == [asks(3, "d")] * 3


@pytest.mark.slow
def test_ten_thousand_products_fit_and_one_more_does_not(client):
    rows = [{**ROW, "sku": f"{n:05}"} for n in range(10_001)]
    response = client.send("POST", "/products/batch", {"products": rows})
    problem(response, 400, "invalid_batch")

    results = batch(client, *rows[:10_000])

    assert {row["status"] for row in results} == {"created"}
    assert Product.objects.count() == 10_000


@pytest.mark.django_db(transaction=True)
def test_batches_at_once_leave_one_row_a_sku():
    shop = ShopFactory()
    rows = [{**ROW, "sku": f"{n}", "category": f"c{n % 3}"} for n in range(20)]
    puts = [
        partial(catalogue.put_many, shop, rows if turn % 2 else rows[::-1])
        for turn in range(8)
    ]

    outcomes = race(puts)

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    said_of = [written.status for each in outcomes for written in each]
    assert sorted(said_of) == ["created"] * 20 + ["unchanged"] * 140
    assert Product.objects.count() == 20
    assert Category.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_orders_come_in_while_a_batch_of_products_is_written():
    shop = ShopFactory()

    def bring():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '2s'")  # not for ever
            orders.record(shop, order_facts(), at=NOW)

    with transaction.atomic():
        catalogue.put_many(shop, [{**ROW, "sku": "SERUM-30"}])
        (said_of,) = race([bring])

    assert not isinstance(said_of, Exception), said_of
