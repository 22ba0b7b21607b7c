"""How the oracle reads the months (D9), and what the six of them hold."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.stories.oracle import overlay, reading, report
from tests.stories.oracle.__main__ import ORDERS, files
from tests.stories.oracle.calendar import live_through
from tests.stories.oracle.reading import Month, Row, Sold, read_rows


def month(*rows: Row, sold: dict[tuple[str, str], list[Sold]] | None = None) -> Month:
    return read_rows("2026-06", rows, {} if sold is None else sold)


def row(
    invoice: str,
    quantity: int,
    price: str = "1.00",
    *,
    sku: str = "A",
    minute: int = 0,
    customer: str = "7",
) -> Row:
    at = datetime(2026, 6, 1, 10, minute, tzinfo=UTC)
    return Row(1, invoice, sku, "A thing", quantity, at, Decimal(price), customer)


def refunds(found: Month) -> list[tuple[str, int, int]]:
    return [(r.order, r.line, r.net_cents) for r in found.refunds]


def rejected(found: Month) -> list[tuple[str, int]]:
    return [(r.reason, r.units) for r in found.rejected]


def test_d9_an_order_has_its_earliest_time_and_lines_numbered_as_accepted() -> None:
    found = month(
        row("2", 3, "0.335", minute=5),
        row("2", 1, "0.00", minute=4),
        row("2", 2, "1.25", sku="B", minute=4),
    )
    (order,) = found.orders
    assert order.placed_at.minute == 4
    lines = [(line.number, line.sku, line.net_cents) for line in order.lines]
    assert lines == [(1, "A", 101), (2, "B", 250)]


def test_d9_rows_that_are_no_sale_are_rejected_with_their_reason() -> None:
    found = month(row("1", -1), row("1", 0), row("1", 1, "0"), row("1", 1, "-5"))
    reasons = [reason for reason, _ in rejected(found)]
    assert reasons == [
        "negative_quantity",
        "no_quantity",
        "price_not_positive",
        "price_not_positive",
    ]
    assert found.orders == []


def test_d9_the_latest_sale_is_given_back_first_then_the_ones_before() -> None:
    found = month(
        row("1", 2, minute=1),
        row("2", 2, minute=2),
        row("10", 2, minute=2),
        row("10", 2, minute=2),
        row("C11", -7, minute=3),
    )
    expected = [("10", 2, 200), ("10", 1, 200), ("2", 1, 200), ("1", 1, 100)]
    assert refunds(found) == expected
    assert rejected(found) == []


def test_d9_only_earlier_sales_of_the_same_customer_and_code_match() -> None:
    found = month(
        row("1", 1, minute=1, customer="8"),
        row("2", 1, minute=1, sku="a"),
        row("4", 1, minute=2),
        row("5", 1, minute=1, customer=""),
        row("C3", -1, minute=2),
        row("C6", -1, minute=3, customer=""),
    )
    assert refunds(found) == []
    assert rejected(found) == [("no_matching_sale", -1)] * 2


def test_d9_what_is_left_of_a_cancellation_is_rejected() -> None:
    found = month(row("1", 2), row("C2", -5, minute=1))
    assert refunds(found) == [("1", 1, 200)]
    assert rejected(found) == [("no_matching_sale", -3)]


def test_d9_units_given_back_one_by_one_sum_to_the_whole_line() -> None:
    # 3 for 1.00: a third is 33.3, two thirds 66.7.
    found = month(
        row("1", 3, "0.3333"),
        row("C2", -1, minute=1),
        row("C3", -1, minute=2),
        row("C4", -1, minute=3),
    )
    assert refunds(found) == [("1", 1, 33), ("1", 1, 34), ("1", 1, 33)]


def test_d9_a_cancellation_finds_the_sales_of_the_months_before() -> None:
    sold: dict[tuple[str, str], list[Sold]] = {}
    month(row("1", 2), sold=sold)
    found = month(row("C2", -1, minute=1), sold=sold)
    assert refunds(found) == [("1", 1, 100)]


@pytest.mark.slow
@pytest.mark.skipif(not files(), reason=f"the months of orders are not in {ORDERS}")
def test_the_half_year_meets_every_rule() -> None:
    months = reading.read_files(files())
    assert sum(found.rows for found in months) == 209_029
    assert sum(len(found.cancellations) for found in months) == 3_783
    laid = overlay.lay(months)
    book = live_through(months, laid)
    expected = report.expected(months, book)

    rates = {position.earning.rate for position in book.positions.values()}
    for slug, terms in book.market.programs.items():
        assert {f"{slug} rate {rate.id}" for rate in terms.rates} <= rates
    boosts = {position.earning.boost for position in book.positions.values()}
    assert len(boosts) == 1 + sum(len(p.boosts) for p in book.market.programs.values())
    assert set(expected["verdicts"]["creators"]) == set(book.market.creators)
    assert 60_000 < len(book.positions) < 90_000
    reasons = {
        skip["reason"] for run in expected["runs"] for skip in run["skips"].values()
    }
    assert reasons == {
        "no_tax_data",
        "no_bank_account",
        "negative_balance",
        "below_threshold",
    }
    for position in book.positions.values():
        back = book.refunded[position.order.invoice, position.line.number]
        earned = position.earning.of(position.line.net_cents - back)
        assert position.so_far_cents == earned
    paid = [sums["paid_cents"] for sums in expected["balances"].values()]
    assert sum(paid) == expected["totals"]["paid_cents"]
