"""Bringing and taking tables in the admin, and who is kept out of whose."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from shops.models import Product, Rate, Role, Shop, TableImport, TableStatus
from shops.tables import kinds, uploads
from tests.factories import (
    ProductFactory,
    ProgramFactory,
    RateFactory,
    ShopFactory,
    TableImportFactory,
)
from tests.shops.backoffice import (
    address,
    browser_of,
    member,
    member_browser,
    staff_browser,
    text,
)
from tests.shops.bringing import previewed
from tests.shops.building import NOW

pytestmark = pytest.mark.django_db

IMPORT_PRODUCTS = "/admin/shops/product/import/"
IMPORT_RATES = "/admin/shops/rate/import/"
EXPORT_PRODUCTS = "/admin/shops/product/export/csv/"
TABLE = "sku,name,price\nA,Serum,5\nB,Cream,1.250\n"


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def browser(shop: Shop) -> Client:
    return member_browser(shop)


def a_file(body: str, name: str = "table.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body.encode())


def bring(browser: Client, body: str, where: str = IMPORT_PRODUCTS, **fields):
    data = {"file": a_file(body), **fields}
    return browser.post(where, data, follow=True)


def step(upload: TableImport, name: str) -> str:
    return f"/admin/shops/tableimport/{upload.pk}/{name}/"


def body_of(response) -> str:
    if response.streaming:
        return b"".join(response.streaming_content).decode("utf-8-sig")
    return response.content.decode("utf-8-sig")


# ------------------------------------------------------------------ bringing


def test_a_table_is_shown_then_confirmed_then_there(
    browser: Client, shop: Shop
) -> None:
    page = bring(browser, TABLE, shop=shop.pk)

    assert "A · Serum" in text(page)
    assert "1.250 can be read as 1250 and as 1.25" in text(page)
    assert not Product.objects.exists()

    upload = TableImport.objects.get()
    page = browser.post(step(upload, "apply"), follow=True)

    assert Product.objects.get().price_cents == 500
    assert TableImport.objects.get().status == TableStatus.DONE
    assert "Added" in text(page)


def test_the_rejected_rows_are_sent_with_their_reasons(
    browser: Client, shop: Shop
) -> None:
    bring(browser, TABLE, shop=shop.pk)

    answer = browser.get(step(TableImport.objects.get(), "rejects"))

    assert answer["Content-Disposition"].startswith("attachment")
    assert '"B","Cream","1.250",3,"price: 1.250 can be read as' in body_of(answer)


def test_a_long_table_is_left_to_a_worker_and_its_progress_shown(
    browser: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)

    page = bring(browser, TABLE, shop=shop.pk)

    upload = TableImport.objects.get()
    assert upload.status == TableStatus.READING
    assert step(upload, "progress") in text(page)
    assert "HX-Refresh" not in browser.get(step(upload, "progress")).headers
    uploads.work(kinds.KINDS, at=NOW)
    assert browser.get(step(upload, "progress")).headers["HX-Refresh"] == "true"


def test_a_discarded_table_changes_nothing(browser: Client, shop: Shop) -> None:
    bring(browser, TABLE, shop=shop.pk)

    browser.post(step(TableImport.objects.get(), "drop"))

    assert TableImport.objects.get().body is None
    assert not Product.objects.exists()


def test_what_is_no_table_is_told_on_its_page(browser: Client, shop: Shop) -> None:
    page = bring(browser, "farbe\nrot\n", shop=shop.pk)

    assert "A column is missing." in text(page)


def test_an_empty_file_is_told_beside_the_form(browser: Client, shop: Shop) -> None:
    page = bring(browser, "  ", shop=shop.pk)

    assert "The file is empty." in text(page)
    assert not TableImport.objects.exists()


def test_a_file_of_30_mb_is_told_beside_the_form(
    browser: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shops.tables.sheet.MOST_BYTES", 20)

    page = bring(browser, TABLE, shop=shop.pk)

    assert "The file is larger than" in text(page)
    assert not TableImport.objects.exists()


def test_rates_are_brought_into_the_program_that_was_chosen(
    browser: Client, shop: Shop
) -> None:
    program = ProgramFactory(shop=shop, active=True)

    bring(browser, "rate\n9 %\n", IMPORT_RATES, shop=shop.pk, program=program.pk)
    browser.post(step(TableImport.objects.get(), "apply"))

    assert Rate.objects.get().program == program


# ------------------------------------------------------------------ who may


@pytest.mark.parametrize("where", [IMPORT_PRODUCTS, IMPORT_RATES])
def test_who_only_looks_brings_no_table(shop: Shop, where: str) -> None:
    browser = member_browser(shop, Role.ANALYST)

    assert browser.get(where).status_code == 403
    assert bring(browser, TABLE, where, shop=shop.pk).status_code == 403
    assert not TableImport.objects.exists()


def test_support_brings_no_table() -> None:
    assert staff_browser("support").get(IMPORT_PRODUCTS).status_code == 403


def test_no_table_is_brought_into_another_shop(browser: Client) -> None:
    theirs = ShopFactory()

    bring(browser, TABLE, shop=theirs.pk)

    assert not TableImport.objects.exists()


def test_no_rates_are_brought_into_another_shops_program(
    browser: Client, shop: Shop
) -> None:
    theirs = ProgramFactory(active=True)

    page = bring(browser, "rate\n9\n", IMPORT_RATES, shop=shop.pk, program=theirs.pk)

    assert "Select a valid choice" in text(page)
    assert not TableImport.objects.exists()


@pytest.mark.parametrize("who", ["another shop", "a colleague", "support"])
def test_a_table_is_for_who_brought_it_alone(shop: Shop, who: str) -> None:
    owner = member(shop)
    upload = previewed(shop, "products", TABLE, by=owner)
    other = {
        "another shop": lambda: member_browser(ShopFactory()),
        "a colleague": lambda: member_browser(shop),
        "support": lambda: staff_browser("support"),
    }[who]()
    steps = ("change", "rejects", "progress", "apply", "drop")

    statuses = {
        other.post(step(upload, name)).status_code
        if name in ("apply", "drop")
        else other.get(step(upload, name)).status_code
        for name in steps
    }

    assert statuses <= {403, 404}
    assert TableImport.objects.get().status == TableStatus.READY
    assert browser_of(owner).get(step(upload, "change")).status_code == 200


def test_steps_are_posted_not_opened(browser: Client, shop: Shop) -> None:
    bring(browser, TABLE, shop=shop.pk)
    upload = TableImport.objects.get()

    assert browser.get(step(upload, "apply")).status_code == 405
    assert TableImport.objects.get().status == TableStatus.READY


def test_the_list_shows_own_tables_only(shop: Shop) -> None:
    owner = member(shop)
    TableImportFactory(shop=shop, by=owner, name="mine.csv")
    TableImportFactory(shop=shop, name="colleague.csv")
    TableImportFactory(name="theirs.csv")

    page = text(browser_of(owner).get(address(TableImport, "changelist")))

    assert "mine.csv" in page
    assert "colleague.csv" not in page
    assert "theirs.csv" not in page


# ------------------------------------------------------------------ taking


def test_the_list_is_exported_with_its_search_and_own_rows_only(
    browser: Client, shop: Shop
) -> None:
    ProductFactory(shop=shop, sku="SERUM-1", name="Serum")
    ProductFactory(shop=shop, sku="CREAM-1", name="Cream")
    ProductFactory(sku="SERUM-2", name="Serum of others")

    answer = browser.get(EXPORT_PRODUCTS, {"q": "SERUM"})

    lines = csv.reader(io.StringIO(body_of(answer)))
    assert [line[0] for line in lines] == ["SKU", "SERUM-1"]


def test_a_filter_by_another_shops_row_exports_nothing_of_it(browser: Client) -> None:
    theirs = ProductFactory(name="Theirs")

    answer = browser.get(EXPORT_PRODUCTS, {"shop__id__exact": theirs.shop_id})

    assert "Theirs" not in body_of(answer)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_chosen_rows_are_exported_but_not_by_guessed_numbers(
    browser: Client, shop: Shop, format: str
) -> None:
    mine = ProductFactory(shop=shop, sku="MINE")
    ProductFactory(shop=shop, sku="NOT-CHOSEN")
    theirs = ProductFactory(sku="THEIRS")

    answer = browser.post(
        address(Product, "changelist"),
        {"action": f"export_{format}", "_selected_action": [mine.pk, theirs.pk]},
    )

    assert skus(answer, format) == ["MINE"]


def skus(answer, format: str) -> list[str]:
    if format == "csv":
        return [line[0] for line in csv.reader(io.StringIO(body_of(answer)))][1:]
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    return [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]


def test_who_may_not_see_a_list_exports_none(shop: Shop) -> None:
    stranger = Client()

    assert stranger.get(EXPORT_PRODUCTS).status_code == 302


def test_rates_and_boosts_of_others_are_not_exported(
    browser: Client, shop: Shop
) -> None:
    RateFactory(program__shop=shop, program__slug="mine")
    RateFactory(program__slug="theirs")

    lines = body_of(browser.get("/admin/shops/rate/export/csv/"))

    assert "mine" in lines
    assert "theirs" not in lines


def test_a_list_says_where_it_is_taken_and_brought(browser: Client, shop: Shop) -> None:
    ProductFactory(shop=shop)

    page = text(browser.get(address(Product, "changelist"), {"q": "x"}))

    assert f"{EXPORT_PRODUCTS}?q=x" in page
    assert IMPORT_PRODUCTS in page


def test_who_only_looks_is_not_led_to_the_import(shop: Shop) -> None:
    page = text(member_browser(shop, Role.ANALYST).get(address(Product, "changelist")))

    assert EXPORT_PRODUCTS in page
    assert IMPORT_PRODUCTS not in page
