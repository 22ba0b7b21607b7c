"""Files of orders that are torn, contradict themselves, or are none."""

import csv
import gzip
import os

import pytest

from shops import imports
from shops.models import Order
from tests.factories.shops import ShopFactory
from tests.shops.tables import AT, HEADER, bring, nets, rejected, row, saved, why

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return ShopFactory()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_row_twice_is_taken_once(shop, folder):
    bring(shop, saved(folder, row("1001", "1"), row("1001", "1"), row("1001", "2")))

    assert [line for _number, line, _net in nets(shop)] == ["1", "2"]
    assert rejected(folder) == [(2, "duplicate_row")]


def test_two_rows_that_contradict_each_other_reject_their_order(shop, folder):
    bring(
        shop,
        saved(
            folder, row("1001", "1", "40.00"), row("1001", "1", "41.00"), row("1002")
        ),
    )

    assert [number for number, *_ in nets(shop)] == ["1002"]
    assert rejected(folder) == [(1, "invalid_order"), (2, "invalid_order")]


def test_rows_that_say_two_things_of_their_order_reject_it(shop, folder):
    pending = row("1001", "2").replace("paid", "pending")

    bring(shop, saved(folder, row("1001", "1"), pending))

    assert rejected(folder) == [(1, "invalid_order"), (2, "invalid_order")]
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "fault",
    [
        {"net": "12,50"},
        {"net": "free"},
        {"net": "-1.00"},
        {"net": ""},
        {"quantity": "2.0"},
        {"quantity": ""},
        {"sku": ""},
        {"sku": "x" * 101},
        {"sku": "a\x00b"},
    ],
)
def test_a_bad_cell_rejects_its_whole_order_and_no_other(shop, folder, fault):
    bad = row("1001", "2", **fault).replace("12,50", '"12,50x"')

    bring(shop, saved(folder, row("1001", "1"), bad, row("1002")))

    assert [number for number, *_ in nets(shop)] == ["1002"]
    assert rejected(folder) == [(1, "invalid_order"), (2, "invalid_order")]


def test_bytes_that_are_no_utf8_reject_their_order(shop, folder):
    path = folder / "orders.csv"
    text = f"{HEADER}\n{row(sku='SÉRUM')}\n{row('1002')}\n"
    path.write_bytes(text.encode("latin-1"))

    bring(shop, path)

    assert [number for number, *_ in nets(shop)] == ["1002"]
    assert rejected(folder) == [(1, "invalid_order")]


@pytest.mark.parametrize("left", [1, 3, 20, 40, -2])
def test_a_torn_last_line_rejects_its_order_and_names_the_line(shop, folder, left):
    torn = row("1002", "2")[:left]
    lines = row("1001"), row("1002", "1")

    bring(shop, saved(folder, *lines, torn.rpartition(",")[0] or torn, end=""))

    assert [number for number, *_ in nets(shop)] == ["1001"]
    assert rejected(folder) == [(2, "incomplete_order"), (3, "wrong_number_of_cells")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_last_line_with_its_end_is_whole(shop, folder, end):
    bring(shop, saved(folder, row("1001"), row("1002"), end=end))

    assert [number for number, *_ in nets(shop)] == ["1001", "1002"]


@pytest.mark.parametrize("is_zipped", [True, False])
def test_a_last_line_without_its_end_may_be_torn_and_rejects_its_order(
    shop, folder, is_zipped
):
    path = saved(folder, row("1001"), row("1002", "1"), row("1002", "2"), end="")
    if is_zipped:
        path.write_bytes(gzip.compress(path.read_bytes()))

    bring(shop, path)

    assert [number for number, *_ in nets(shop)] == ["1001"]
    assert rejected(folder) == [(2, "incomplete_order"), (3, "no_line_end")]
    assert "end it with a line break" in why(folder)[-1]


def test_what_a_torn_line_cost_is_brought_by_the_whole_file(shop, folder):
    header = HEADER.replace(",net,tax", ",net")
    lines = (f"{n},{AT},paid,1,SERUM,1,1250.00" for n in ("1001", "1002"))
    whole = saved(folder, *lines, header=header)
    text = whole.read_text()
    whole.write_text(text[: -len("50.00\n")])
    bring(shop, whole)

    whole.write_text(text)
    again = bring(shop, whole)

    assert dict(again.orders) == {"unchanged": 1, "created": 1}
    assert nets(shop) == [("1001", "1", 125000), ("1002", "1", 125000)]


def test_touches_whose_last_line_has_no_end_refuse_the_import(shop, folder):
    header = "order,clicks,codes"
    touches = saved(folder, "1001,,LEA1", header=header, name="t", end="")

    with pytest.raises(imports.UnreadableFile, match="line break"):
        bring(shop, saved(folder, row("1001")), touches=touches)

    assert not Order.objects.exists()


def test_a_quotation_mark_that_is_never_closed_rejects_what_it_swallows(shop, folder):
    lines = row("1001"), row("1002"), row("1002", '"2'), row("1003")

    bring(shop, saved(folder, *lines))

    assert [number for number, *_ in nets(shop)] == ["1001"]
    assert rejected(folder) == [
        (2, "incomplete_order"),
        (3, "unreadable_row"),
        (4, "unreadable_row"),
    ]


def test_what_a_quotation_mark_swallows_is_told_as_it_stands(shop, folder):
    bring(shop, saved(folder, row("1001", sku='"SERUM'), row("1002", sku="CREAM")))

    with (folder / "orders.csv.rejected.csv").open(newline="") as file:
        said = [(each["external_id"], each["sku"]) for each in csv.DictReader(file)]
    assert said == [("1001", '"SERUM'), ("1002", "CREAM")]


@pytest.mark.parametrize("torn", ['"1002', "1002"])
def test_a_stray_quotation_mark_rejects_its_own_order_not_its_neighbour(
    shop, folder, torn
):
    lines = row("1001"), row("1002"), row(torn, '"2')

    bring(shop, saved(folder, *lines))

    assert [number for number, *_ in nets(shop)] == ["1001"]
    assert rejected(folder) == [(2, "incomplete_order"), (3, "unreadable_row")]


def test_a_quotation_mark_closed_too_late_rejects_both_orders_it_touches(shop, folder):
    lines = row("1001"), row("1002", '"2'), row("1003", '"1'), row("1003", "2")

    bring(shop, saved(folder, *lines, row("1004")))

    assert [number for number, *_ in nets(shop)] == ["1001", "1004"]
    assert sorted(rejected(folder)) == [
        (2, "unreadable_row"),
        (3, "unreadable_row"),
        (4, "incomplete_order"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "No header"),
        ("\n\n", "No header"),
        ("a,b\n1,2\n", "No header"),
        ("external_id,sku\n1,2\n", "missing: placed_at, status, quantity"),
        (HEADER.replace(",net,tax", ",tax"), "net, or net_cents"),
        (HEADER + ",sku\n", "stands twice: sku"),
    ],
)
def test_a_file_that_is_no_table_of_orders_is_refused(shop, folder, text, said):
    path = folder / "orders.csv"
    path.write_text(text)

    with pytest.raises(imports.UnreadableFile, match=said):
        bring(shop, path)


def test_a_torn_gzip_is_refused_before_anything_of_it_is_taken(shop, folder):
    path = folder / "orders.csv.gz"
    rows = "\n".join(row(str(i)) for i in range(3000))
    packed = gzip.compress(f"{HEADER}\n{rows}\n".encode())
    path.write_bytes(packed[: len(packed) // 2])

    with pytest.raises(imports.UnreadableFile, match="torn"):
        bring(shop, path)

    assert not Order.objects.exists()


def test_a_file_that_is_not_there_is_refused(shop, folder):
    with pytest.raises(imports.UnreadableFile):
        bring(shop, folder / "none.csv")


def test_an_unknown_format_is_refused(shop, folder):
    with pytest.raises(imports.UnknownFormat, match="generic"):
        bring(shop, saved(folder, row()), format="../evil")


def test_a_conflict_with_what_is_known_is_rejected_with_its_rows(shop, folder):
    bring(shop, saved(folder, row("1001", "1"), row("1001", "2")))

    summary = bring(shop, saved(folder, row("1001", "1"), row("1001", "2", "1.00")))

    assert dict(summary.reasons) == {"order_conflict": 2}
    assert rejected(folder) == [(1, "order_conflict"), (2, "order_conflict")]


def test_rejects_of_several_files_may_go_into_one(shop, folder):
    one = saved(folder, row(net="x"), name="one.csv")
    two = saved(folder, row(net="y"), name="two.csv")

    summary = bring(shop, one, two, rejects=folder / "all.csv")

    assert summary.rejects == [str(folder / "all.csv")]
    with (folder / "all.csv").open(newline="") as file:
        assert [said["file"] for said in csv.DictReader(file)] == ["one.csv", "two.csv"]


def test_rejects_lie_beside_their_file_wherever_one_stands(
    shop, folder, tmp_path_factory, monkeypatch
):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)

    summary = bring(shop, saved(folder, row(net="x")))

    assert summary.rejects == [str(folder / "orders.csv.rejected.csv")]
    assert os.listdir(elsewhere) == []


def test_rejects_lie_in_the_current_folder_where_no_other_can_be_written(
    shop, folder, tmp_path_factory, monkeypatch
):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    (folder / "orders.csv.rejected.csv").mkdir()

    summary = bring(shop, saved(folder, row(net="x")))

    assert summary.rejects == ["orders.csv.rejected.csv"]
    assert rejected(elsewhere) == [(1, "invalid_order")]


def test_more_than_a_batch_is_taken_in_batches(shop, folder, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 7)
    seen = []

    summary = bring(
        shop,
        saved(folder, *(row(str(i)) for i in range(20))),
        progress=seen.append,
    )

    assert dict(summary.orders) == {"created": 20}
    assert sum(seen) == summary.rows == 20
    assert imports.count("generic", [folder / "orders.csv"]) == 20


def test_nothing_is_written_where_nothing_is_rejected(shop, folder):
    bring(shop, saved(folder, row()))

    assert os.listdir(folder) == ["orders.csv"]
