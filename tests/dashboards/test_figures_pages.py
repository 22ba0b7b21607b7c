"""The page of figures and its files: one's own shops, in words, whatever is asked."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from shops.models import Role
from tests.dashboards.selling import NOW, boosted, sold
from tests.factories import BoostFactory, ProductFactory
from tests.payouts.earning import enrolled, program
from tests.shops.backoffice import member_browser, page_of, staff_browser, text

pytestmark = pytest.mark.django_db

PAGE = "/admin/common/user/figures/"
CSV, XLSX = "/admin/common/user/figures.csv", "/admin/common/user/figures.xlsx"
EVERY = ["day", "program", "creator", "product", "category", "boost"]


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lea():
    return enrolled(program(rate_bp=1000), creator__handle="lea")


@pytest.fixture
def browser(lea):
    return member_browser(lea.program.shop, Role.ANALYST)


def lines(answer):
    found = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(found)))


@pytest.mark.parametrize("by", EVERY)
def test_each_table_stands_beside_its_chart(lea, browser, by: str) -> None:
    BoostFactory(program=lea.program, name="Launch", **boosted(-1, 1))
    sold(lea, product=ProductFactory(shop=lea.program.shop))

    page = text(browser.get(PAGE, {"by": by}))

    assert "€40.00" in page
    assert "€8.00" in page
    assert "<svg" in page
    assert 'aria-sort="descending"' in page


def test_another_shops_program_is_answered_like_none(lea, browser) -> None:
    stranger = enrolled()
    sold(stranger, 7777)

    answers = [
        browser.get(where, {"program": number}).status_code
        for where in (PAGE, CSV, XLSX)
        for number in (stranger.program_id, 999_999)
    ]

    assert set(answers) == {404}
    assert browser.get(PAGE, {"program": lea.program_id}).status_code == 200


@pytest.mark.parametrize("by", EVERY)
def test_another_shops_figures_are_in_no_page_and_no_file(
    lea, browser, by: str
) -> None:
    BoostFactory(program=lea.program, name="Launch", **boosted(-1, 1))
    sold(lea)
    stranger = enrolled(program(name="Foreign"), creator__handle="foreign")
    BoostFactory(program=stranger.program, name="Foreign", **boosted(-1, 1))
    sold(stranger, 7777, product=ProductFactory(shop=stranger.program.shop))

    page = text(browser.get(PAGE, {"by": by}))
    file = lines(browser.get(CSV, {"by": by}))

    assert "oreign" not in page
    assert "77.77" not in page
    assert sum(float(row[3]) for row in file[1:]) == 40.0


def test_finance_sees_every_shops_figures(lea) -> None:
    sold(lea)
    sold(enrolled(), 1000)

    assert "€50.00" in text(staff_browser("finance").get(PAGE))


def test_who_works_for_no_shop_any_more_is_refused(lea) -> None:
    browser = member_browser(lea.program.shop)
    lea.program.shop.members.all().delete()

    assert [browser.get(where).status_code for where in (PAGE, CSV)] == [403, 403]


@pytest.mark.parametrize(
    "asked",
    [
        {"period": "custom", "from": "x", "to": "9999-99-99"},
        {"by": "nothing", "sort": "-drop", "page": "999999999"},
        {"currency": "XXX", "page": "-1", "program": ""},
        {"period": "year", "program": "²"},
        {"by": "creator", "sort": "-return", "page": "2"},
    ],
)
def test_whatever_stands_in_the_address_the_page_opens(lea, browser, asked) -> None:
    sold(lea)

    assert browser.get(PAGE, asked).status_code == 200
    assert browser.get(CSV, asked).status_code == 200


def test_a_new_shop_is_told_that_nothing_was_sold(browser) -> None:
    page = text(browser.get(PAGE))

    assert "Nothing was sold through creators in these days." in page


def test_the_file_holds_every_row_and_no_formula(lea, browser) -> None:
    shop = lea.program.shop
    for number in range(30):
        sold(
            lea, 1000, product=ProductFactory(shop=shop, sku=f"S{number}", name="=1+1")
        )
    sold(lea, 500, currency="JPY")
    asked = {"by": "product"}

    table = lines(browser.get(CSV, asked))
    answer = browser.get(XLSX, asked)
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active

    assert table[0] == [
        "product",
        "currency",
        "orders",
        "sales",
        "commissions",
        "return on spend",
    ]
    assert len(table) == 32 == sheet.max_row
    named = [row for row in table if row[0].startswith("'=1+1 · S")]
    assert len(named) == 30
    assert named[0][1:] == ["EUR", "1", "10.00", "1.00", "10.00"]
    assert ["not in the catalogue", "JPY", "1", "500", "50", "10.00"] in table
    assert all(cell.data_type != "f" for row in sheet for cell in row)


@pytest.mark.parametrize("by", EVERY)
def test_more_rows_cost_no_more_queries(lea, browser, by: str) -> None:
    def rows(number: int) -> int:
        for _ in range(number):
            BoostFactory(program=lea.program, **boosted(-2, 1))
            sold(
                enrolled(lea.program),
                product=ProductFactory(shop=lea.program.shop),
            )
        with CaptureQueriesContext(connection) as found:
            assert browser.get(PAGE, {"by": by}).status_code == 200
        return len(found)

    browser.get(PAGE)
    few = rows(3)

    assert rows(27) == few <= 16


def test_a_boosts_own_page_says_what_it_brought(lea) -> None:
    shop = lea.program.shop
    boost = BoostFactory(program=lea.program, name="Launch", **boosted(-1, 1))
    later = BoostFactory(program=lea.program, name="Later", **boosted(5, 6))
    sold(lea, at=NOW - timedelta(hours=1))
    browser = member_browser(shop)

    page, coming = (text(browser.get(page_of(each))) for each in (boost, later))

    assert "Too few data." in page
    assert "Orders: 1 during, 0 before." in page
    assert "It has not begun." in coming
