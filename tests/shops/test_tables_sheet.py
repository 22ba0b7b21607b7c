"""Files as people have them, and files that are no tables."""

import io
import tracemalloc
import zipfile

import pytest
from django.utils import translation

from shops.models import Shop, TableStatus
from shops.tables import sheet, uploads, words
from shops.tables.uploads import ShopBusy
from tests.factories import ShopFactory, TableImportFactory, UserFactory
from tests.shops.bringing import brought, counts, faults, imported, previewed, workbook

pytestmark = pytest.mark.django_db
TABLE = "sku;nom;prix\nA;Crème brûlée;12,50\n"


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"],
)
def test_a_file_is_read_in_the_encoding_that_it_has(shop: Shop, encoding: str) -> None:
    imported(shop, "products", TABLE.encode(encoding))

    assert shop.products.get().name == "Crème brûlée"


def test_one_broken_sign_rejects_its_row_and_no_accent_of_others(shop: Shop) -> None:
    body = TABLE.encode() + b"B;br\xfbl\xe9e;1,00\n" + "C;éàè;2,00\n".encode()

    upload = imported(shop, "products", body)

    said = "Leave out control characters and broken Unicode."
    assert faults(upload) == [(3, "nom", said)]
    assert [p.name for p in shop.products.order_by("sku")] == ["Crème brûlée", "éàè"]


def test_a_file_of_another_encoding_says_that_accents_want_a_look(shop: Shop) -> None:
    upload = previewed(shop, "products", TABLE.encode("cp1252"))

    said = "The file was read as Windows-1252: look at the accents."
    assert upload.plan["warnings"] == [said]


def test_the_encoding_of_a_large_file_is_found_without_a_list_of_its_signs() -> None:
    body = ("sku,name\nA," + "\u4e2d" * 100_000 + "\n").encode() + b"\xfb\n"
    tracemalloc.start()
    try:
        with sheet.opened(body, [words.SKU, words.NAME]) as opened:
            assert opened.warnings == []
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 8 * len(body)


def test_a_last_line_without_its_end_is_taken_and_shown(shop: Shop) -> None:
    upload = previewed(shop, "products", TABLE + "B;b;1")

    assert counts(upload) == {"new": 2}
    [said] = upload.plan["warnings"]
    assert said.endswith("It ends with: B;b;1")


def packed(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return file.getvalue()


def bomb() -> bytes:
    """A workbook that unpacks to 300 MB."""
    real = io.BytesIO(workbook(["sku", "name"], ["A", "a"]))
    with zipfile.ZipFile(real) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    return packed(files | {"xl/worksheets/sheet2.xml": b" " * 300_000_000})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\x00\x00\r\n", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b"sku,name\n", "There is no row below the header."),
        (b"%PDF-1.7 sku,name\n", "This is no table."),
        (b"\x89PNG\r\n", "This is no table."),
        (b"<html><table>", "This is no table."),
        (b'{"products": []}', "This is no table."),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "This is an old Excel workbook"),
        (b"PK\x03\x04" + b"x" * 99, "It is no workbook that can be read."),
        (packed({"word/document.xml": b"<w/>"}), "It is no workbook that can be read."),
        (b"\xff\xfeabc", "Its signs are broken (UTF-16)."),
        (b"farbe,groesse\nrot,5\n", "A column is missing. It may be called sku, SKU"),
        (b"name,price\na,5\n", "The file has name, price."),
        (b"sku,ref,name\nA,A,a\n", "Two columns are the same: sku and ref."),
        (b"sku,sku\nA,A\n", "A column stands twice: sku."),
        (b"sep=;\nsku;name\n", "Delete the first line, sep=;"),
    ],
)
def test_what_is_no_table_is_refused_with_words(
    shop: Shop, body: bytes, said: str
) -> None:
    upload = previewed(shop, "products", body)

    assert upload.status == TableStatus.REFUSED
    assert said in upload.reason
    assert upload.body is None


def test_a_workbook_that_would_unpack_to_too_much_is_not_unpacked(shop: Shop) -> None:
    upload = previewed(shop, "products", bomb())

    assert upload.status == TableStatus.REFUSED
    assert "It unpacks to too much." in upload.reason


STYLES, PAGE = "xl/styles.xml", "xl/worksheets/sheet1.xml"


def parts() -> dict[str, bytes]:
    """Return the parts of a workbook with one product."""
    with zipfile.ZipFile(io.BytesIO(workbook(["sku", "name"], ["A", "a"]))) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


@pytest.mark.parametrize(
    ("part", "blanks", "is_taken"),
    [
        (STYLES, 1_100_000, False),
        ("xl/workbook.xml", 1_100_000, False),
        ("xl/media/logo.png", 1_100_000, True),  # nobody reads it
        (PAGE, 1_100_000, True),  # read row by row
        (STYLES, 900_000, True),
    ],
)
def test_no_large_part_of_a_workbook_is_read_whole(
    shop: Shop, part: str, blanks: int, is_taken: bool
) -> None:
    files = parts()
    files[part] = files.get(part, b"") + b" " * blanks

    upload = previewed(shop, "products", packed(files))

    assert upload.status == (TableStatus.READY if is_taken else TableStatus.REFUSED)
    assert is_taken or "It unpacks to too much." in upload.reason


def test_a_large_part_that_passes_for_rows_is_not_read_whole_either(
    shop: Shop,
) -> None:
    files = parts()
    files[PAGE] += b" " * 1_100_000
    links = "xl/_rels/workbook.xml.rels"
    assert b"relationships/worksheet" in files[links]
    files[links] = files[links].replace(
        b"relationships/worksheet", b"relationships/chartsheet"
    )

    upload = previewed(shop, "products", packed(files))

    assert upload.status == TableStatus.REFUSED
    assert "It unpacks to too much." in upload.reason


@pytest.mark.parametrize(("blanks", "is_small"), [(0, True), (2_000_000, False)])
def test_a_small_workbook_that_unpacks_to_much_is_a_workers(
    shop: Shop, blanks: int, is_small: bool
) -> None:
    files = parts()
    files[PAGE] += b" " * blanks

    upload = brought(shop, "products", packed(files))

    assert uploads.is_small(upload) == is_small


def test_a_workbook_that_lies_about_its_size_costs_no_more(shop: Shop) -> None:
    real = io.BytesIO(workbook(["sku", "name"], ["A", "a"]))
    with zipfile.ZipFile(real) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    page = "xl/worksheets/sheet1.xml"
    files[page] = files[page].replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')

    upload = previewed(shop, "products", packed(files))

    assert counts(upload) == {"new": 1}


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_empty_file_is_not_even_kept(shop: Shop, body: bytes) -> None:
    with (
        translation.override("en"),
        pytest.raises(sheet.UnreadableTable, match=r"The file is empty\."),
    ):
        brought(shop, "products", body)


def test_a_file_beyond_the_limit_is_not_even_kept(shop: Shop) -> None:
    with (
        translation.override("en"),
        pytest.raises(sheet.UnreadableTable, match="larger than 25 MB"),
    ):
        brought(shop, "products", b"x" * (sheet.MOST_BYTES + 1))


def test_nobody_fills_the_disk_with_tables_that_wait(shop: Shop) -> None:
    person = UserFactory()
    TableImportFactory.create_batch(10, shop=shop, by=person)

    with pytest.raises(ShopBusy):
        brought(shop, "products", TABLE, by=person)


def test_a_table_with_too_many_rows_is_refused(shop: Shop) -> None:
    upload = previewed(shop, "rates", "rate\n" + "9\n" * 5_001)

    assert upload.status == TableStatus.REFUSED
    assert "It has more than 5000 rows: split it." in upload.reason


def test_an_unknown_header_is_named_with_what_it_may_have_meant(shop: Shop) -> None:
    upload = previewed(shop, "products", "sku;nom;prixx;Farbe\nA;a;1;rot\n")

    assert upload.plan["warnings"] == [
        "The column prixx is not read. Is it prix?",
        "The column Farbe is not read.",
    ]


def test_stray_quotation_marks_reject_their_rows_alone(shop: Shop) -> None:
    table = 'sku,name,price\nA,a,1\nB,"b"x,2\nC,c,3\nD,d\n'

    upload = imported(shop, "products", table)

    assert [line for line, _column, _said in faults(upload)] == [3, 5]
    assert [p.sku for p in shop.products.order_by("sku")] == ["A", "C"]


def test_the_hostile_table_hurts_nobody(shop: Shop) -> None:
    """Everything at once: what can be told is told, and the page can be drawn."""
    rows = [
        "sku,name,price,currency,url,\0x\udcff",
        "=cmd|' /C calc'!A0,@SUM(1),1.250,EUR,javascript:alert(1),",
        "A\0B,\x1b[31mred,-1,DEM,http://[::1,",
        f"{'x' * 5000},{'y' * 5000},9{'9' * 500},XXX,{'z' * 9000},",
        "'; drop table shops_product; --,Robert,1,EUR,https://x.example/;drop,",
        "<script>alert(1)</script>,<b>bold</b>,1,EUR,https://x.example/<script>,",
        "\u202egnp.exe,rtl,1,EUR,https://x.example/,",
        "ok,fine,1,EUR,https://x.example/,",
    ]
    body = ("\n".join(rows) + "\n").encode("utf-8", "surrogateescape")

    upload = imported(shop, "products", body)

    assert upload.status == TableStatus.DONE
    assert shop.products.filter(sku="ok").exists()
    assert {line for line, _column, _said in faults(upload)} >= {2, 3, 4}
    assert not shop.products.filter(name__startswith="y").exists()
