"""Files of orders: every sign people save tables with, and every way a file is torn."""

import csv
import gzip
import json

import pytest

from affiliate.common import ids
from shops import imports, orders
from shops.models import Order, OrderLine
from tests.factories.shops import ShopFactory
from tests.shops.building import NOW, raw_order, state
from tests.shops.tables import AT, HEADER, bring, nets, rejected, row, saved

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return ShopFactory()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ------------------------------------------------------------------ what is read


def test_rows_become_orders_and_again_change_nothing(shop, folder):
    path = saved(folder, row("1001", "1"), row("1001", "2", "5"), row("1002"))

    first = bring(shop, path)
    before = state(shop)
    again = bring(shop, path)

    assert (first.rows, dict(first.orders)) == (3, {"created": 2})
    assert dict(again.orders) == {"unchanged": 2}
    assert nets(shop) == [("1001", "1", 4000), ("1001", "2", 500), ("1002", "1", 4000)]
    assert state(shop) == before
    assert rejected(folder) == []


def test_the_rows_of_an_order_may_stand_apart(shop, folder):
    bring(shop, saved(folder, row("1001", "1"), row("1002"), row("1001", "2")))

    assert [(number, line) for number, line, _net in nets(shop)] == [
        ("1001", "1"),
        ("1001", "2"),
        ("1002", "1"),
    ]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_signs_between_cells_a_mark_and_line_ends_do_not_matter(
    shop, folder, sign, mark, ends
):
    text = f"{HEADER}\n{row()}\n".replace(",", sign).replace("\n", ends)
    path = folder / "orders.csv"
    path.write_bytes((mark + text).encode())

    bring(shop, path)

    assert nets(shop) == [("1001", "1", 4000)]


def test_decimal_commas_are_read(shop, folder):
    header = HEADER.replace(",", ";")
    line = f"1001;{AT};paid;1;SERUM;2;1234,5;8,00"

    bring(shop, saved(folder, line, header=header))

    assert nets(shop) == [("1001", "1", 123450)]


def test_amounts_written_in_two_ways_refuse_the_file(shop, folder):
    header = HEADER.replace(",", ";")
    lines = [f"{n};{AT};paid;1;S;2;{net};0" for n, net in ((1, "12,50"), (2, "12.50"))]

    with pytest.raises(imports.UnreadableFile, match="line 2 and line 3"):
        bring(shop, saved(folder, *lines, header=header))

    assert not Order.objects.exists()


def test_a_thousand_with_a_point_is_not_guessed(shop, folder):
    bring(shop, saved(folder, row(net="1.000")))

    assert rejected(folder) == [(1, "invalid_order")]


def test_minor_units_may_be_given(shop, folder):
    header = "external_id,placed_at,status,sku,quantity,net_cents,tax_cents"

    bring(shop, saved(folder, f"1001,{AT},paid,SERUM,2,4000,0", header=header))

    assert nets(shop) == [("1001", "1", 4000)]


def test_a_formula_is_text(shop, folder):
    path = saved(folder, row(sku='"=HYPERLINK(""http://x"")"'), row("1002", sku="@SUM"))

    bring(shop, path)

    skus = OrderLine.objects.order_by("pk").values_list("sku", flat=True)
    assert list(skus) == ['=HYPERLINK("http://x")', "@SUM"]


@pytest.mark.parametrize(
    ("sku", "defused"), [("=1+1", "'=1+1"), ("x;=1+1;y", "x;'=1+1;y")]
)
def test_a_formula_among_what_is_rejected_is_defused(shop, folder, sku, defused):
    bring(shop, saved(folder, row(sku=sku, net="+x")))

    with (folder / "orders.csv.rejected.csv").open(newline="") as file:
        (said,) = csv.DictReader(file)
    assert (said["sku"], said["net"]) == (defused, "'+x")


def test_a_date_is_read_in_the_shops_zone(shop, folder):
    local = "1001,2026-07-01,paid,1,SERUM,2,40.00,0"
    evening = "1002,2026-07-01 23:30,paid,1,SERUM,2,40.00,0"

    bring(shop, saved(folder, local, evening))

    moments = Order.objects.order_by("external_id").values_list("placed_at", flat=True)
    assert [moment.isoformat() for moment in moments] == [
        "2026-06-30T22:00:00+00:00",
        "2026-07-01T21:30:00+00:00",
    ]


def test_everything_an_order_says_may_stand_in_columns(shop, folder):
    header = (
        HEADER + ",version,currency,buyer_email,buyer_country,clicks,codes,our_own_note"
    )
    first = row() + ",7,JPY,X@y.fr,FR,a b,LEA10 ZOE5,hello"
    second = row("1001", "2") + ",,,,,,,"

    path = saved(
        folder,
        first.replace("40.00,8.00", "40,8"),
        second.replace("40.00,8.00", "40,8"),
        header=header,
    )
    bring(shop, path)
    order = Order.objects.get()
    assert (order.version, order.currency, order.buyer_country) == (7, "JPY", "FR")
    assert order.buyer_hash == ids.email_hash("x@y.fr")
    assert (order.clicks, order.codes) == (["a", "b"], ["LEA10", "ZOE5"])
    assert order.lines.count() == 2


def test_touches_are_laid_over_the_orders(shop, folder):
    touches = saved(folder, "1001,c1 c2,LEA10", header="order,clicks,codes", name="t")

    bring(shop, saved(folder, row("1001"), row("1002")), touches=touches)

    said = Order.objects.order_by("external_id").values_list("clicks", "codes")
    assert list(said) == [(["c1", "c2"], ["LEA10"]), ([], [])]


def test_a_table_and_the_api_say_the_same_order(shop, folder):
    other = ShopFactory()
    header = (
        "external_id,version,placed_at,currency,status,buyer_email,buyer_country,"
        "clicks,codes,line_external_id,sku,quantity,net,tax"
    )
    line = (
        "1001,1,2026-11-03T09:15:00Z,EUR,paid,x@y.fr,FR,click-1,LEA10,"
        "1,SERUM-30,2,40.00,8.00"
    )
    bring(shop, saved(folder, line, header=header))
    orders.record(other, orders.parse(raw_order(), other, at=NOW), at=NOW)

    assert state(shop) == state(other)


@pytest.mark.parametrize("is_zipped", [True, False])
@pytest.mark.parametrize("is_by_line", [True, False])
def test_json_in_the_shape_of_the_api_is_read(shop, folder, is_zipped, is_by_line):
    two = [raw_order(), raw_order(external_id="1002", status="?")]
    text = (
        "\n".join(map(json.dumps, two)) if is_by_line else json.dumps({"orders": two})
    )
    path = folder / ("orders.json.gz" if is_zipped else "orders.json")
    path.write_bytes(gzip.compress(text.encode()) if is_zipped else text.encode())

    summary = bring(shop, path)

    assert (dict(summary.orders), summary.rejected_rows) == ({"created": 1}, 1)
    assert rejected(folder, f"{path.name}.rejected.csv") == [(2, "invalid_order")]
