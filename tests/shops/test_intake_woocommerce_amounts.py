"""What was paid for each line of a WooCommerce order (rule M2), as literal tables."""

import pytest

from tests.shops.woocommerce import amounts, facts, line


def test_totals_are_without_tax_however_the_shop_shows_its_prices():
    for shows_tax in (True, False):
        found = amounts(line(total="100.00"), prices_include_tax=shows_tax)
        assert found == [(10000, 2000)]


def test_discounts_are_off_the_total_already():
    discounted = line(subtotal="100.00", total="90.00", total_tax="18.00")

    assert amounts(discounted, discount_total="10.00") == [(9000, 1800)]


def test_several_taxes_are_one():
    taxes = [{"id": 1, "total": "5.00"}, {"id": 2, "total": "9.975"}]

    assert amounts(line(total_tax="14.98", taxes=taxes)) == [(10000, 1498)]


def test_shipping_and_fees_are_no_lines():
    assert amounts(
        line(),
        shipping_lines=[{"id": 2, "total": "10.00", "total_tax": "2.00"}],
        fee_lines=[{"id": 3, "total": "5.00", "total_tax": "1.00"}],
    ) == [(10000, 2000)]


def test_a_credit_is_taken_off_what_each_line_cost():
    """Plug-ins write store credit as a fee below zero: 30.00 over 60.00 and 30.00."""
    assert amounts(
        line(1, "60.00", "12.00"),
        line(2, "30.00", "0.00"),
        fee_lines=[{"id": 3, "total": "-30.00", "total_tax": "-3.00"}],
    ) == [(4000, 900), (2000, 0)]


def test_a_credit_never_takes_more_than_the_lines_cost():
    fee = [{"id": 3, "total": "-500.00"}]

    assert amounts(line(1), line(2), fee_lines=fee) == [(0, 2000), (0, 2000)]


@pytest.mark.parametrize(
    ("currency", "total", "cents"),
    [
        ("JPY", "1980", 1980),
        ("JPY", "1980.00", 1980),
        ("KWD", "1.234", 1234),
        ("EUR", "8.333333", 833),  # WooCommerce keeps more decimals than it shows
        ("EUR", 100, 10000),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(currency, total, cents):
    found = amounts(line(total=total, total_tax="0"), currency=currency)

    assert found == [(cents, 0)]


def test_a_list_with_gaps_is_a_list():
    """PHP writes one as an object with numbers for names."""
    items = {"0": line(1), "2": line(2, "5.00", "0.00")}

    assert amounts(line_items=items) == [(10000, 2000), (500, 0)]


@pytest.mark.parametrize(
    ("fields", "sku"),
    [
        ({"sku": "SERUM-30"}, "SERUM-30"),
        ({"sku": "", "variation_id": 24}, "variation-24"),
        ({"sku": None}, "product-7"),
        ({"sku": " ", "product_id": 0}, "product-1"),
    ],
)
def test_a_line_without_a_sku_is_known_by_its_product(fields, sku):
    assert facts(line(**fields)).lines[0].sku == sku


@pytest.mark.parametrize("quantity", [2, "2", "2.0"])
def test_units_may_be_written_as_text(quantity):
    assert facts(line(quantity=quantity)).lines[0].quantity == 2
