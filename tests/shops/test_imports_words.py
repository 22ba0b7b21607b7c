"""What a rejected row is told: its column, its line, its cell as it stands."""

import pytest

from shops.models import Order
from tests.factories.shops import ShopFactory
from tests.shops.tables import AT, HEADER, bring, rejected, row, saved, why

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return ShopFactory(currency="EUR", time_zone="Europe/Paris")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"net": "-1.00"}, "net, line 3: This cannot be negative."),
        ({"net": ""}, "net, line 3: This is missing."),
        ({"tax": "-1.00"}, "tax, line 3: This cannot be negative."),
        ({"sku": ""}, "sku, line 3: This is empty."),
        ({"line": "1"}, "line_external_id, line 3: Line 2 of the file has the same."),
        (
            {"net": "5 000.00"},
            "net, line 3: '5 000.00' is not an amount such as 12.50 in EUR.",
        ),
    ],
)
def test_a_fault_is_told_by_column_and_line(shop, folder, fault, said):
    second = {"line": "2", "net": "5.00", **fault}

    bring(shop, saved(folder, row("1001", "1"), row("1001", **second)))

    assert why(folder) == [said, said]


def test_minor_units_are_told_by_their_own_column(shop, folder):
    header = "external_id,placed_at,status,sku,quantity,net_cents"

    bring(shop, saved(folder, f"1001,{AT},paid,SERUM,2,-1", header=header))

    assert why(folder) == ["net_cents, line 2: This cannot be negative."]


def test_the_buyer_and_touches_are_told_by_their_columns(shop, folder):
    header = f"{HEADER},buyer_country,codes"

    bring(shop, saved(folder, f"{row()},fr,{'x' * 101}", header=header))

    assert why(folder) == [
        "buyer_country: Two capital letters, such as FR.;"
        " codes: At most 100 characters."
    ]


def test_an_amount_is_told_as_it_stands_in_its_cell(shop, folder):
    header = HEADER.replace(",", ";")
    lines = [
        f"{n};{AT};paid;1;S;2;{net};0" for n, net in (("1", "12,50"), ("2", "5 000,00"))
    ]

    bring(shop, saved(folder, *lines, header=header))

    assert why(folder) == [
        "net, line 3: '5 000,00' is not an amount such as 12,50 in EUR."
    ]


def test_an_unknown_currency_is_told_and_not_its_amount(shop, folder):
    header = f"{HEADER},currency"
    lines = f"{row('1001')},ZZZ", f"{row('1002')},EUR"

    bring(shop, saved(folder, *lines, header=header))

    assert why(folder) == ["currency: 'ZZZ' is no ISO 4217 code."]
    assert Order.objects.get().external_id == "1002"


@pytest.mark.parametrize(
    ("shown", "moment"),
    [
        ("2026-03-29 01:59:59", "2026-03-29T00:59:59+00:00"),
        ("2026-03-29 03:00:00", "2026-03-29T01:00:00+00:00"),
        ("2026-10-25 01:30:00", "2026-10-24T23:30:00+00:00"),
        # Shown twice: the first time is taken.
        ("2026-10-25 02:30:00", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25 03:00:00", "2026-10-25T02:00:00+00:00"),
    ],
)
def test_a_time_without_an_offset_is_what_the_shops_clock_showed(
    shop, folder, shown, moment
):
    bring(shop, saved(folder, row().replace(AT, shown)))

    assert Order.objects.get().placed_at.isoformat() == moment


@pytest.mark.parametrize("shown", ["2026-03-29 02:00:00", "2026-03-29 02:59:59"])
def test_a_time_that_the_clocks_skipped_is_not_guessed(shop, folder, shown):
    bring(shop, saved(folder, row().replace(AT, shown)))

    assert rejected(folder) == [(1, "invalid_order")]
    assert why(folder) == [f"placed_at: The clocks of Europe/Paris skipped {shown!r}."]


def test_a_day_whose_midnight_was_skipped_begins_after_it(folder):
    shop = ShopFactory(currency="EUR", time_zone="Africa/Cairo")

    bring(shop, saved(folder, row().replace(AT, "2026-04-24")))

    assert Order.objects.get().placed_at.isoformat() == "2026-04-23T22:00:00+00:00"
