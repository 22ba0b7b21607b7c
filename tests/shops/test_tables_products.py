"""Products from tables: what would change, and what has changed."""

import pytest

from affiliate.common.models import AuditEntry
from shops.models import Category, Product, Shop, TableStatus
from tests.factories import CategoryFactory, ProductFactory, ShopFactory
from tests.shops.bringing import (
    changes,
    counts,
    faults,
    imported,
    previewed,
    rejects,
    workbook,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


def test_a_preview_says_what_would_change_and_changes_nothing(shop: Shop) -> None:
    ProductFactory(shop=shop, sku="A", name="Serum", price_cents=2400, url="")
    ProductFactory(shop=shop, sku="B", name="Cream", price_cents=900, url="")

    upload = previewed(
        shop,
        "products",
        "sku,name,price\nA,Serum,25.90\nB,Cream,9.00\nC,Oil,5\nD,Soap,1.250\n",
    )

    assert upload.status == TableStatus.READY
    assert counts(upload) == {"changed": 1, "unchanged": 1, "new": 1, "rejected": 1}
    assert changes(upload) == [(2, "price", "24.00 EUR", "25.90 EUR")]
    said = "1.250 can be read as 1250 and as 1.25: write one of them."
    assert faults(upload) == [(5, "price", said)]
    assert [(p.sku, p.price_cents) for p in shop.products.order_by("sku")] == [
        ("A", 2400),
        ("B", 900),
    ]
    assert not AuditEntry.objects.filter(action="products.imported").exists()


def test_the_import_does_what_the_preview_said(shop: Shop) -> None:
    ProductFactory(shop=shop, sku="A", name="Serum", price_cents=2400, url="")

    upload = imported(shop, "products", "sku,name,price\nA,Serum,25.90\nC,Oil,5\n")

    assert upload.status == TableStatus.DONE
    assert upload.body is None
    assert [(p.sku, p.price_cents) for p in shop.products.order_by("sku")] == [
        ("A", 2590),
        ("C", 500),
    ]
    [entry] = AuditEntry.objects.filter(action="products.imported")
    assert entry.actor_id == upload.by_id
    assert entry.after == {"products": 2}


@pytest.mark.parametrize(
    "header",
    [
        "sku;nom;prix;catégorie;actif",
        "Référence;Désignation;Prix unitaire;Rayon;En vente",
        "SKU\tName\tPrice\tCategory\tActive",
        "Artikelnummer;Bezeichnung;Preis;Kategorie;aktiv",
        "referencia,nombre,precio,categoría,activo",
        "codice articolo,nome,prezzo,categoria,attivo",
        '"sku","name","price","category","active"',
    ],
)
def test_headers_are_understood_in_five_languages(shop: Shop, header: str) -> None:
    sign = next(sign for sign in ";\t," if sign in header)
    row = sign.join(["A", "Serum", '"12,50"', "care", "no"])

    imported(shop, "products", f"{header}\n{row}\n")

    [product] = shop.products.all()
    assert (product.sku, product.name, product.price_cents) == ("A", "Serum", 1250)
    assert (product.category.slug, product.is_active) == ("care", False)


def test_a_column_that_the_file_lacks_stays_as_it_is(shop: Shop) -> None:
    care = CategoryFactory(shop=shop, slug="care")
    there = ProductFactory(shop=shop, sku="A", category=care, is_active=False)

    imported(shop, "products", "sku,price\nA,5\n")

    there.refresh_from_db()
    assert (there.category, there.is_active, there.price_cents) == (care, False, 500)


def test_an_empty_cell_empties(shop: Shop) -> None:
    there = ProductFactory(shop=shop, sku="A", price_cents=900, url="https://x.example")

    imported(shop, "products", "sku,price,url\nA,,\n")

    there.refresh_from_db()
    assert (there.price_cents, there.url) == (None, "")


def test_a_new_product_needs_a_name(shop: Shop) -> None:
    upload = imported(shop, "products", "sku,price\nA,5\n")

    said = "A new product needs a name: add the column name."
    assert faults(upload) == [(2, "name", said)]
    assert not shop.products.exists()


def test_new_categories_are_named_before_they_are_made(shop: Shop) -> None:
    CategoryFactory(shop=shop, slug="care", name="Pflege")
    table = "sku,name,category\nA,a,PFLEGE\nB,b,hair\nC,c,hair\n"

    upload = previewed(shop, "products", table)

    assert upload.plan["notes"] == ["New categories (1): hair."]
    assert not Category.objects.filter(slug="hair").exists()
    imported(shop, "products", table)
    assert [
        (p.sku, p.category.slug if p.category else "")
        for p in shop.products.order_by("sku")
    ] == [("A", "care"), ("B", "hair"), ("C", "hair")]


def test_a_sku_twice_in_the_file_is_named_with_both_lines(shop: Shop) -> None:
    upload = imported(shop, "products", "sku,name\nA,one\nB,b\n A ,two\n")

    said = "It stands more than once: lines 2, 4."
    assert faults(upload) == [(2, "sku", said), (4, "sku", said)]
    assert [p.sku for p in shop.products.all()] == ["B"]


def test_another_shops_product_of_the_same_sku_is_left_alone(shop: Shop) -> None:
    foreign = ProductFactory(sku="A", name="Theirs")

    upload = imported(shop, "products", "sku,name\nA,Ours\n")

    foreign.refresh_from_db()
    assert counts(upload) == {"new": 1}
    assert foreign.name == "Theirs"


def test_prices_in_cents_are_read_under_their_own_header_only(shop: Shop) -> None:
    imported(shop, "products", "sku,name,price_cents\nA,a,1250\n")

    assert shop.products.get().price_cents == 1250


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("A,a,,EURO,", "currency", "Send an ISO 4217 code in use, such as EUR."),
        ("A,a,-5,,", "price", "An amount cannot be negative."),
        (",a,5,,", "sku", "This is empty."),
        ("A,,5,,", "name", "This is empty."),
        ("A,a,5,,javascript:x", "url", "Send a whole address, such as"),
        ("A,a\0b,5,,", "name", "Leave out control characters"),
        (f"{'A' * 101},a,5,,", "sku", "At most 100 characters."),
    ],
)
def test_a_bad_row_says_where_and_why_and_stops_no_other(
    shop: Shop, row: str, column: str, said: str
) -> None:
    header = "sku,name,price,currency,url"

    upload = imported(shop, "products", f"{header}\n{row}\nB,b,5,,\n")

    [(line, where, why)] = faults(upload)
    assert (line, where) == (2, column)
    assert why.startswith(said)
    assert [p.sku for p in shop.products.all()] == ["B"]


def test_rejected_rows_come_back_as_a_table_that_runs_nothing(shop: Shop) -> None:
    upload = imported(
        shop, "products", 'sku,name,price\n"=cmd()","@sum(1)",1.250\nB,b,5\n'
    )

    header, row = rejects(upload)
    assert header == ["sku", "name", "price", "line", "reason", "way out"]
    assert row[:4] == ["'=cmd()", "'@sum(1)", "1.250", "2"]
    assert row[4].startswith("price: 1.250 can be read as")


def test_a_corrected_table_of_rejected_rows_is_taken(shop: Shop) -> None:
    upload = imported(shop, "products", "sku,name,price\n=A,a,1.250\nB,b,5\n")
    corrected = bytes(upload.rejects).decode().replace('"1.250"', '"1250"', 1)

    again = imported(shop, "products", corrected)

    assert counts(again) == {"new": 1}
    assert again.plan["warnings"] == []
    assert Product.objects.get(sku="=A").price_cents == 125000


def test_a_workbook_is_read_with_its_numbers_and_percentages(shop: Shop) -> None:
    upload = imported(
        shop,
        "products",
        workbook(
            ["sku", "name", "price"],
            ["A", "a", 19.99],
            [123, "b", 0.1 + 0.2],
            ["C", "c", "1.250,00"],
            ["D", "d", 1.234],
        ),
    )

    assert [(p.sku, p.price_cents) for p in shop.products.order_by("sku")] == [
        ("123", 30),
        ("A", 1999),
        ("C", 125000),
    ]
    said = "EUR has 2 decimals: write no more of them."
    assert faults(upload) == [(5, "price", said)]


def test_a_formula_counts_by_its_saved_value_or_not_at_all(shop: Shop) -> None:
    upload = imported(
        shop, "products", workbook(["sku", "name", "price"], ["A", "a", "=1+1"])
    )

    said = "A formula here has no saved value: paste values instead."
    assert faults(upload) == [(2, "", said)]
    assert not shop.products.exists()
