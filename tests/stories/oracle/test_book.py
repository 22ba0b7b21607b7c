"""How the oracle holds, corrects and pays, on days counted by hand (C, Y3, D1, D7)."""

from datetime import date
from typing import Any

import pytest

from tests.stories.oracle.book import Book, payable_on, withdrawal_ends_on
from tests.stories.oracle.facts import Delivery, Refund, Touches, instant
from tests.stories.oracle.terms import Program
from tests.stories.oracle.tiny import creator, market, order

# Placed on 15 June, 5 days of shipping, 30 of hold: 20 July; payable on the 21st.
JUNE, JULY, AUGUST = (date(2026, month, 1) for month in (6, 7, 8))


def book_with(*lines: tuple[str, int, int], rate_bp: int = 1000, **lea: Any) -> Book:
    """Settle one order of lea's the day after it was placed."""
    book = Book(market(creator("lea", **lea), rate_bp=rate_bp))
    touched = {"1": Touches(codes=("LEA",))}
    book.settle(instant("2026-06-16T06:00:00+02:00"), [order(*lines)], touched)
    return book


def refund(cents: int, line: int = 1) -> Refund:
    return Refund("1", line, instant("2026-06-20T00:00:00Z"), cents, f"r{cents}")


def rows(book: Book, line: int = 1) -> list[tuple[str, int, str]]:
    position = book.positions["1", line]
    return [(row.kind, row.amount_cents, row.status) for row in position.rows]


def settle(book: Book, at: str, *refunds: Refund) -> None:
    book.settle(instant(at), refunds=refunds)


def pay(book: Book, first: date, end: date, at: str) -> dict[str, Any]:
    run = book.run(first, end, instant(at))
    return run.payouts | run.skips


@pytest.mark.parametrize(
    ("received_on", "last_day"),
    [
        (date(2026, 12, 9), date(2026, 12, 23)),
        (date(2026, 12, 11), date(2026, 12, 28)),
        (date(2026, 12, 18), date(2027, 1, 4)),
    ],
)
def test_c2_the_withdrawal_ends_on_a_working_day(
    received_on: date, last_day: date
) -> None:
    assert withdrawal_ends_on(received_on, "FR") == last_day


@pytest.mark.parametrize(
    ("hold_days", "delivered_at", "due"),
    [
        # No parcel known: 15 + 5 June, and 30 days.
        (30, None, date(2026, 7, 21)),
        # Received on the 18th at 00:30 in Paris, though it is the 17th in UTC.
        (30, "2026-06-17T22:30:00Z", date(2026, 7, 19)),
        # 15 + 5 + 14 is Saturday 4 July: the right ends on Monday the 6th.
        (14, None, date(2026, 7, 7)),
        # The hold itself is not moved: 18 July is a Saturday.
        (28, None, date(2026, 7, 19)),
        # 30 June and 14 days is 14 July, a holiday in France.
        (14, "2026-06-30T10:00:00Z", date(2026, 7, 16)),
    ],
)
def test_d1_a_line_is_payable_the_day_after_its_hold(
    hold_days: int, delivered_at: str | None, due: date
) -> None:
    zone = market(creator("lea")).shop.time_zone
    program = Program("p", 1000, hold_days=hold_days)
    last = instant(delivered_at) if delivered_at else None
    assert payable_on(order(), program, last, "FR", zone) == due


def test_c2_the_last_parcel_counts_also_when_it_is_reported_first() -> None:
    book = book_with()
    for day in ("20", "18"):
        parcel = Delivery("1", instant(f"2026-06-{day}T10:00:00Z"))
        book.settle(instant("2026-07-01T06:00:00+02:00"), deliveries=[parcel])
    assert book.positions["1", 1].rows[0].payable_on == date(2026, 7, 21)


def test_c2_a_parcel_does_not_call_back_what_is_approved() -> None:
    book = book_with()
    settle(book, "2026-07-21T06:00:00+02:00")
    parcel = Delivery("1", instant("2026-07-20T10:00:00Z"))
    book.settle(instant("2026-07-22T06:00:00+02:00"), deliveries=[parcel])
    assert rows(book) == [("sale", 1000, "approved")]
    assert book.positions["1", 1].rows[0].payable_on == date(2026, 7, 21)


def test_d8_a_row_is_approved_on_its_day_in_the_shops_time_zone() -> None:
    book = book_with()
    settle(book, "2026-07-20T23:59:59+02:00")
    assert rows(book) == [("sale", 1000, "pending")]
    settle(book, "2026-07-21T00:00:00+02:00")
    assert rows(book) == [("sale", 1000, "approved")]


def test_m4_a_zero_leaves_no_row() -> None:
    book = book_with(("RED", 1, 4))
    assert book.verdicts[0].creator == "lea"
    assert rows(book) == []


def test_c4_a_pending_sale_is_reduced_and_both_are_approved_on_one_day() -> None:
    book = book_with()
    settle(book, "2026-07-01T06:00:00+02:00", refund(3333))
    assert rows(book) == [("sale", 1000, "pending"), ("reversal", -333, "pending")]
    settle(book, "2026-07-21T06:00:00+02:00")
    assert rows(book) == [("sale", 1000, "approved"), ("reversal", -333, "approved")]


def test_c4_a_pending_sale_that_is_taken_back_is_void_with_its_corrections() -> None:
    book = book_with()
    settle(book, "2026-07-01T06:00:00+02:00", refund(3333))
    settle(book, "2026-07-02T06:00:00+02:00", refund(6667))
    voided = [("sale", 1000), ("reversal", -333), ("reversal", -667)]
    assert rows(book) == [(*row, "void") for row in voided]


def test_c4_an_approved_sale_gets_a_negative_sibling_of_the_same_run() -> None:
    book = book_with()
    settle(book, "2026-07-21T06:00:00+02:00")
    settle(book, "2026-07-25T06:00:00+02:00", refund(5000))
    assert rows(book)[1:] == [("reversal", -500, "approved")]
    assert book.positions["1", 1].rows[1].payable_on == date(2026, 7, 25)


def test_c4_a_paid_sale_is_clawed_back_and_ends_at_exactly_zero() -> None:
    # 2.9 % of 5.00 is 14.5 = 15 cents; of 3.33 9.657 = 10; of 1.66 4.814 = 5.
    book = book_with(("RED", 3, 500), ("BLUE", 1, 90000), rate_bp=290)
    settle(book, "2026-07-21T06:00:00+02:00")
    paid = pay(book, JULY, AUGUST, "2026-08-02T06:00:00+02:00")
    assert paid == {"lea": 2625}
    for day, cents in enumerate((167, 167, 166), 1):
        settle(book, f"2026-08-0{day + 2}T06:00:00+02:00", refund(cents))
    assert rows(book) == [
        ("sale", 15, "paid"),
        ("clawback", -5, "approved"),
        ("clawback", -5, "approved"),
        ("clawback", -5, "approved"),
    ]


def test_d7_several_refunds_between_two_settles_are_one_correction() -> None:
    book = book_with()
    first, second = refund(1), refund(2504)
    settle(book, "2026-07-01T06:00:00+02:00", first, second)
    # 10 % of 74.95 is 749.5 = 750: 250 less.
    assert rows(book)[1:] == [("reversal", -250, "pending")]


def test_d7_what_came_back_before_the_first_settle_was_never_earned() -> None:
    book = Book(market(creator("lea")))
    touched = {"1": Touches(codes=("LEA",))}
    bought = order(("RED", 1, 10000), ("BLUE", 1, 5000))
    at = instant("2026-07-01T06:00:00+02:00")
    book.settle(at, [bought], touched, [refund(4000), refund(5000, line=2)])
    assert rows(book) == [("sale", 600, "pending")]
    assert rows(book, line=2) == []
    assert book.steps[0].cents["lea"]["refunded_before_accrual_cents"] == -900


def test_c5_a_refund_of_a_line_that_earned_nothing_changes_nothing() -> None:
    book = Book(market(creator("lea")))
    book.settle(instant("2026-06-16T06:00:00+02:00"), [order()])
    settle(book, "2026-07-01T06:00:00+02:00", refund(10000))
    assert book.positions == {}


def test_a_refund_of_more_than_was_paid_stops_the_oracle() -> None:
    book = book_with()
    with pytest.raises(ValueError, match="More than was paid"):
        settle(book, "2026-07-01T06:00:00+02:00", refund(10001))


def test_d8_a_run_takes_what_is_due_before_the_end_of_its_period() -> None:
    book = book_with()
    settle(book, "2026-08-02T06:00:00+02:00")
    assert pay(book, JUNE, JULY, "2026-08-02T06:00:00+02:00") == {}
    assert pay(book, JULY, date(2026, 7, 21), "2026-08-02T06:00:00+02:00") == {}
    assert pay(book, JULY, date(2026, 7, 22), "2026-08-02T06:00:00+02:00") == {
        "lea": 1000
    }
    assert pay(book, JULY, AUGUST, "2026-08-02T06:00:00+02:00") == {}


@pytest.mark.parametrize(
    ("net_cents", "outcome"),
    [(10000, 1000), (9990, ("below_threshold", 999))],
)
def test_y3_the_threshold_is_inclusive(net_cents: int, outcome: object) -> None:
    book = book_with(("RED", 1, net_cents))
    settle(book, "2026-08-02T06:00:00+02:00")
    paid = pay(book, JULY, AUGUST, "2026-08-02T06:00:00+02:00")
    assert paid == {"lea": outcome}


NO_TAX: dict[str, Any] = {"tax": None}
NO_BANK: dict[str, Any] = {"bank_account": None}
ON_HOLD = {"bank_account": {"verified": True, "hold_until": "2026-08-02T04:00:01Z"}}
HELD_UNTIL_NOW = {
    "bank_account": {"verified": True, "hold_until": "2026-08-02T04:00:00Z"}
}


@pytest.mark.parametrize(
    ("lea", "outcome"),
    [
        (NO_TAX | NO_BANK, ("no_tax_data", 999)),
        (NO_BANK, ("no_bank_account", 999)),
        ({"bank_account": {"verified": False}}, ("no_bank_account", 999)),
        (ON_HOLD, ("bank_account_on_hold", 999)),
        (HELD_UNTIL_NOW, ("below_threshold", 999)),
        ({}, ("below_threshold", 999)),
    ],
)
def test_y3_the_first_reason_is_named_and_the_money_stays(
    lea: dict[str, Any], outcome: object
) -> None:
    book = book_with(("RED", 1, 9990), **lea)
    settle(book, "2026-08-02T06:00:00+02:00")
    paid = pay(book, JULY, AUGUST, "2026-08-02T06:00:00+02:00")
    assert paid == {"lea": outcome}
    assert rows(book) == [("sale", 999, "approved")]


def test_y3_a_debt_is_carried_until_later_sales_cover_it() -> None:
    book = book_with()
    settle(book, "2026-08-02T06:00:00+02:00")
    pay(book, JULY, AUGUST, "2026-08-02T06:00:00+02:00")
    settle(book, "2026-08-10T06:00:00+02:00", refund(10000))
    end = date(2026, 9, 1)
    skipped = pay(book, AUGUST, end, "2026-09-02T06:00:00+02:00")
    assert skipped == {"lea": ("negative_balance", -1000)}
    later = order(("RED", 1, 35000), invoice="2", at="2026-08-15T12:00:00Z")
    touched = {"2": Touches(codes=("LEA",))}
    book.settle(instant("2026-09-30T06:00:00+02:00"), [later], touched)
    paid = pay(book, end, date(2026, 10, 1), "2026-10-02T06:00:00+02:00")
    assert paid == {"lea": 2500}
