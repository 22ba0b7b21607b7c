"""The UCI tables: invoices, and cancellations that look for their purchase (D9)."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shops import imports
from shops.models import Order, OrderLine, Refund, RefundLine
from tests.factories.shops import ShopFactory
from tests.shops.building import NOW, state
from tests.shops.tables import rejected, saved

pytestmark = pytest.mark.django_db
FILES = Path(__file__).parents[3] / "shared" / "data" / "orders"
HEADER = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
)


@pytest.fixture
def shop():
    return ShopFactory(currency="GBP", time_zone="Europe/London")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def row(
    invoice="536365",
    code="85123A",
    units=6,
    day="2010-12-01 08:26:00",
    price="2.55",
    customer="17850.0",
):
    return f'{invoice},{code},"A, B",{units},{day},{price},{customer},United Kingdom'


def bring(shop, folder, *rows, **options):
    path = saved(folder, *rows, header=HEADER, name="uci.csv")
    return imports.run(shop, "uci", [path], at=NOW, **options)


def refused(folder):
    return rejected(folder, "uci.csv.rejected.csv")


def given_back():
    """Return refund, order, line, units and cents of everything that came back."""
    rows = RefundLine.objects.order_by(
        "refund__external_id", "line__order__external_id", "line__external_id"
    )
    return list(
        rows.values_list(
            "refund__external_id",
            "line__order__external_id",
            "line__external_id",
            "quantity",
            "net_cents",
        )
    )


def test_an_invoice_is_an_order(shop, folder):
    bring(
        shop,
        folder,
        row(code="A", units=6, price="2.55", day="2011-05-01 08:27:00"),
        row(invoice="536366", code="C"),
        row(code="B", units=3, price="0.335", day="2011-05-01 08:26:00"),
    )

    order = Order.objects.get(external_id="536365")
    assert order.placed_at == datetime(2011, 5, 1, 7, 26, tzinfo=UTC)
    assert (order.currency, order.status, order.version) == ("GBP", "paid", 1)
    lines = order.lines.order_by("external_id")
    assert list(lines.values_list("external_id", "sku", "quantity", "net_cents")) == [
        ("1", "A", 6, 1530),
        ("2", "B", 3, 101),
    ]


def test_a_customer_is_a_keyed_hash(shop, folder):
    bring(
        shop,
        folder,
        row("1", customer="17850.0"),
        row("2", customer="17850.0"),
        row("3", customer="13047.0"),
        row("4", customer=""),
    )

    one, two, three, four = Order.objects.order_by("external_id").values_list(
        "buyer_hash", flat=True
    )
    assert one == two != three
    assert "17850" not in one
    assert four == ""


def test_the_callers_currency_and_touches_hold(shop, folder):
    touches = saved(folder, "536365,c1,LEA10", header="order,clicks,codes", name="t")

    bring(shop, folder, row(), currency="EUR", touches=touches)

    order = Order.objects.get()
    assert (order.currency, order.clicks, order.codes) == ("EUR", ["c1"], ["LEA10"])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"units": -1}, "negative_quantity"),
        ({"units": 0}, "no_quantity"),
        ({"units": ""}, "no_quantity"),
        ({"price": "0.0"}, "price_not_positive"),
        ({"price": "-11062.06"}, "price_not_positive"),
        ({"price": ""}, "price_not_positive"),
        ({"price": "dear"}, "unreadable_price"),
        ({"day": "yesterday"}, "unreadable_date"),
        # The clocks of London skipped it.
        ({"day": "2011-03-27 01:30:00"}, "unreadable_date"),
    ],
)
def test_a_row_that_is_no_sale_is_left_out_of_its_invoice(shop, folder, fault, reason):
    bring(shop, folder, row(code="A", **fault), row(code="B"))

    assert OrderLine.objects.get().sku == "B"
    assert OrderLine.objects.get().external_id == "1"
    assert refused(folder) == [(1, reason)]


def test_a_row_torn_in_an_invoice_rejects_the_invoice(shop, folder):
    bring(shop, folder, row("1"), "1,85123A,half", row("2"))

    assert Order.objects.get().external_id == "2"
    assert refused(folder) == [(1, "incomplete_order"), (2, "wrong_number_of_cells")]


# ------------------------------------------------------------------ cancellations


def test_a_cancellation_takes_from_the_latest_earlier_purchases(shop, folder):
    bring(
        shop,
        folder,
        row("1", units=5, day="2010-12-01 08:00:00"),
        row("2", units=3, day="2010-12-02 08:00:00"),
        row("2", units=2, day="2010-12-02 08:00:00"),
        row("C4", units=-6, day="2010-12-03 08:00:00"),
        row("5", units=9, day="2010-12-04 08:00:00"),
    )

    assert given_back() == [
        ("C4:4", "1", "1", 1, 255),
        ("C4:4", "2", "1", 3, 765),
        ("C4:4", "2", "2", 2, 510),
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"code": "OTHER"},
        {"customer": "1.0"},
        {"customer": ""},
        {"day": "2010-12-03 08:00:01"},
        {"invoice": "5"},
    ],
)
def test_what_is_no_earlier_purchase_of_the_same_is_not_taken(shop, folder, other):
    sale = {"invoice": "3", "day": "2010-12-03 08:00:00"}
    bring(
        shop,
        folder,
        row(**{**sale, **other}),
        row("C4", units=-6, day="2010-12-03 08:00:00"),
    )

    assert given_back() == []
    assert refused(folder) == [(2, "no_matching_sale")]


def test_a_purchase_of_the_same_minute_is_earlier_by_its_lower_number(shop, folder):
    moment = "2010-12-03 08:00:00"

    bring(shop, folder, row("3", day=moment), row("C4", units=-6, day=moment))

    assert [units for *_, units, _cents in given_back()] == [6]


def test_two_unknown_customers_are_not_the_same(shop, folder):
    bring(
        shop,
        folder,
        row("1", customer=""),
        row("C2", units=-1, customer="", day="2010-12-03 08:00:00"),
    )

    assert refused(folder) == [(2, "no_matching_sale")]


def test_units_that_find_no_purchase_are_rejected_and_the_others_taken(shop, folder):
    rows = row("1", units=6), row("C2", units=-8, day="2010-12-03 08:00:00")

    bring(shop, folder, *rows)

    assert given_back() == [("C2:2", "1", "1", 6, 1530)]
    assert refused(folder) == [(2, "no_matching_sale")]


def test_shares_of_units_sum_to_what_was_paid(shop, folder):
    back = [row(f"C{i}", units=-1, day=f"2010-12-0{i} 08:00:00") for i in range(2, 5)]

    bring(shop, folder, row("1", units=3, price="3.335"), *back)

    assert [cents for *_, cents in given_back()] == [334, 333, 334]
    assert OrderLine.objects.get().refunded_cents == 1001


def test_the_same_file_again_changes_nothing(shop, folder):
    rows = (
        row("1", units=6),
        row("C2", units=-4, day="2010-12-03 08:00:00"),
        row("C3", units=-4, day="2010-12-03 08:00:00"),
    )
    bring(shop, folder, *rows)
    before, rejects = state(shop), refused(folder)

    again = bring(shop, folder, *rows)

    assert state(shop) == before
    assert refused(folder) == rejects == [(3, "no_matching_sale")]
    assert dict(again.refunds) == {}


def test_a_purchase_that_comes_with_a_later_file_is_found_then(shop, folder):
    cancelled = row("C2", units=-4, day="2010-12-03 08:00:00")
    bring(shop, folder, cancelled)
    bring(shop, folder, row("1", units=6))

    bring(shop, folder, cancelled)

    assert given_back() == [("C2:1", "1", "1", 4, 1020)]


@pytest.mark.slow
@pytest.mark.skipif(not FILES.exists(), reason=f"the UCI months are not at {FILES}")
def test_the_first_real_month_is_read_whole(shop, folder):
    path = FILES / "uci_online_retail_2010-12.csv.gz"

    rejects = folder / "rejects.csv"
    summary = imports.run(shop, "uci", [path], at=NOW, rejects=rejects)

    # Counted in the file by awk: rows, and rows of invoices C...
    assert summary.rows == 42481
    assert summary.orders["created"] == Order.objects.count()
    with rejects.open(newline="") as file:
        reasons = {said["reason"] for said in csv.DictReader(file)}
    assert reasons == {"negative_quantity", "price_not_positive", "no_matching_sale"}
    matched = {
        name.split(":")[1]
        for name in Refund.objects.values_list("external_id", flat=True)
    }
    assert len(matched) + summary.reasons["no_matching_sale"] >= 728
