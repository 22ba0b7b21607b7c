"""Rows that a connector exported from Shopify, put together as Shopify's messages."""

import csv
from pathlib import Path

import pytest

from shops import intake
from tests.shops.shopify import facts, line, order, read, refund

FILES = Path(__file__).parents[3] / "shared" / "data" / "shopify" / "dbt_seeds"
pytestmark = pytest.mark.skipif(
    not FILES.exists(), reason=f"The rows of Shopify's connector are not at {FILES}"
)


def rows(name, **wanted):
    path = FILES / f"shopify_{name}_data.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = [
            {key: value.strip() for key, value in row.items()}
            for row in csv.DictReader(file)
        ]
    return [row for row in found if wanted.items() <= row.items()]


def order_of(number):
    """Return the message that these rows were taken from, as far as they tell."""
    (row,) = rows("order", id=number)
    return {
        **row,
        "test": row["test"] == "TRUE",
        "taxes_included": row["taxes_included"] == "TRUE",
        "created_at": row["created_at"].replace(" ", "T") + "Z",
        "updated_at": row["updated_at"].replace(" ", "T") + "Z",
        "discount_codes": rows("order_discount_code", order_id=number),
        "line_items": [
            {
                **each,
                "quantity": int(each["quantity"]),
                "gift_card": each["gift_card"] == "TRUE",
                "taxable": each["taxable"] == "TRUE",
            }
            for each in rows("order_line", order_id=number)
        ],
    }


# Three orders have their lines in the seeds; each line is "not taxable", and total_tax
# is 0.00, so that what was paid is the net. The codes were exported two years later and
# do not fit: the sums of each order agree among themselves, and are believed.
PAID = {
    # 2 × 2.80 = 5.60 = total_line_items_price; subtotal_price is 2.80, as is what was
    # discounted. (The codes claim 11.00 and 1.00 off a line of 5.60.)
    "2674098602081": [("5708321914977", 2, 280, 0)],
    # 2.80, nothing discounted; the total of 3.79 has 0.99 of shipping in it.
    "2669516488801": [("5699758784609", 1, 280, 0)],
    # 4.40, nothing discounted; 5.39 with 0.99 of shipping. (The code claims 2.00.)
    "2669509541985": [("5699743678561", 1, 440, 0)],
}


@pytest.mark.parametrize("number", PAID)
def test_what_was_paid_is_what_the_sums_say(number):
    (event,) = read(order_of(number))

    found = event.facts
    assert [
        (each.external_id, each.quantity, each.net_cents, each.tax_cents)
        for each in found.lines
    ] == PAID[number]
    assert (found.currency, found.status) == ("GBP", "paid")


@pytest.mark.parametrize("number", [str(n) for n in range(1000001, 1000006)])
def test_an_order_of_which_the_lines_are_missing_says_so(number):
    with pytest.raises(intake.NotUnderstood) as error:
        read(order_of(number))
    assert error.value.reason.startswith("lines: ")


# An allocation is taken off the line it names, in the shop's money: 20.00 less it.
@pytest.mark.parametrize(
    ("number", "net_cents"), [("1001", 1500), ("1002", 1000), ("1003", 1650)]
)
def test_an_allocated_discount_is_taken_off_its_line(number, net_cents):
    allocated = rows("discount_allocation", order_line_id=number)

    found = facts(line(number, "20.00", discount_allocations=allocated))

    assert found.lines[0].net_cents == net_cents


# Each row gives back one unit of 415; its tax stands beside. Whether it was restocked
# ("return") or not ("no_restock") is no matter of money.
@pytest.mark.parametrize(
    ("number", "of"),
    [
        ("189012115527", "6113984839751"),
        ("289901510727", "9698959196231"),
        ("196428005447", "6423996530759"),
        ("286567268423", "6367161483335"),
        ("185936773191", "6009460064327"),
    ],
)
def test_a_refunded_line_gives_back_its_subtotal(number, of):
    (row,) = rows("order_line_refund", id=number)
    item = {**row, "line_item_id": of, "quantity": int(row["quantity"])}

    (event,) = read(refund(item, id=row["refund_id"]), "refunds/create")

    (given,) = event.event.lines
    assert row["order_line_id"] == of
    assert (given.external_id, given.quantity, given.net_cents) == (of, 1, 41500)


# Of an order of 600.00: four rows gave back shipping, which is no line's; the last one
# gave 515.00 back by amount, and leaves 85.00.
@pytest.mark.parametrize(
    ("number", "net_cents"),
    [
        ("109271056455", 60000),
        ("109277085767", 60000),
        ("109245956167", 60000),
        ("109248118855", 60000),
        ("109275742279", 8500),
    ],
)
def test_an_adjustment_takes_off_the_lines_what_is_no_shipping(number, net_cents):
    adjustments = rows("order_adjustment", id=number)

    found = facts(line(1, "600.00"), refunds=[refund(order_adjustments=adjustments)])

    assert found.lines[0].net_cents == net_cents


def test_the_tax_lines_are_read():
    """Each is 0.0, in the shop's and the buyer's money alike."""
    taxes = rows("tax_line")

    assert len(taxes) == 5
    found = facts(line(1, "20.00", tax_lines=taxes))
    assert (found.lines[0].net_cents, found.lines[0].tax_cents) == (2000, 0)


def test_note_attributes_of_others_are_no_clicks():
    notes = rows("order_note_attribute")

    assert len(notes) == 5
    assert read(order(note_attributes=notes))[0].facts.clicks == ()
