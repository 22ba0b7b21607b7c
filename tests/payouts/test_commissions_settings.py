"""Hold and shipping days are those at the order (R4, C2), whenever it is accrued."""

from datetime import UTC, datetime, timedelta

import pytest

from payouts.models import Commission
from shops import drafting
from tests.payouts.earning import PLACED, change, earn, enrolled, program, refund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]

MICROSECOND = timedelta(microseconds=1)
NOTICE = timedelta(hours=360)


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def dates(sale):
    sale.refresh_from_db()
    return str(sale.hold_starts_on), str(sale.payable_on)


@pytest.mark.parametrize("is_better", [True, False])
@pytest.mark.parametrize(
    ("border", "is_before"),
    [
        (PLACED + timedelta(seconds=1), True),
        (PLACED + MICROSECOND, True),
        (PLACED, False),
        (PLACED - MICROSECOND, False),
    ],
)
def test_the_days_at_the_order_count(is_better, border, is_before):
    short, long = (
        {"hold_days": 30, "shipping_days": 5},
        {
            "hold_days": 60,
            "shipping_days": 20,
        },
    )
    first, then = (long, short) if is_better else (short, long)
    lea = enrolled(program(**first))
    at = border if is_better else border - NOTICE
    drafting.change(lea.program, then, at=at)

    sale = earn(lea)

    # 3 November and 5 days, held 30; or and 20 days, held 60.
    is_short = is_before != is_better
    assert dates(sale) == (
        ("2026-11-08", "2026-12-09") if is_short else ("2026-11-23", "2027-01-23")
    )
    days = (sale.snapshot["hold_days"], sale.snapshot["shipping_days"])
    assert days == ((30, 5) if is_short else (60, 20))


@pytest.mark.parametrize(
    ("placed_at", "starts_on"),
    [
        # The border is 29 March, 00:30 in Paris; that night the clocks go forward.
        ("2026-03-28T22:59:59.999999", "2026-04-02"),
        ("2026-03-28T23:00:00", "2026-04-03"),
        ("2026-03-28T23:29:59.999999", "2026-04-03"),
        ("2026-03-28T23:30:00", "2026-04-08"),
        ("2026-03-29T21:59:59.999999", "2026-04-08"),
        ("2026-03-29T22:00:00", "2026-04-09"),
    ],
)
def test_the_border_is_an_instant_and_the_days_are_the_shops(placed_at, starts_on):
    lea = enrolled(program(shipping_days=5))
    said = instant("2026-03-28T23:30:00") - NOTICE
    drafting.change(lea.program, {"shipping_days": 10}, at=said)

    assert dates(earn(lea, placed_at=instant(placed_at)))[0] == starts_on


@pytest.mark.parametrize(
    ("placed_at", "starts_on"),
    [
        # 25 October, 02:30 in Paris comes twice; the notice ends at the second one.
        ("2026-10-25T00:30:00", "2026-10-30"),
        ("2026-10-25T01:29:59.999999", "2026-10-30"),
        ("2026-10-25T01:30:00", "2026-11-04"),
        ("2026-10-25T22:59:59.999999", "2026-11-04"),
        ("2026-10-25T23:00:00", "2026-11-05"),
    ],
)
def test_an_hour_that_comes_twice_has_one_border(placed_at, starts_on):
    lea = enrolled(program(shipping_days=5))
    said = instant("2026-10-10T01:30:00")
    drafting.change(lea.program, {"shipping_days": 10}, at=said)

    assert dates(earn(lea, placed_at=instant(placed_at)))[0] == starts_on


def test_a_refund_and_a_delivery_after_the_change_keep_the_hold_of_the_sale():
    lea = enrolled(program(hold_days=30))
    sale = earn(lea)
    drafting.change(lea.program, {"hold_days": 0, "shipping_days": 0}, at=PLACED)

    refund(sale.line, 1000)
    assert dates(Commission.objects.get(number=1)) == ("2026-11-08", "2026-12-09")
    change(sale.line, delivered_at=instant("2026-12-18T10:00"))

    assert dates(sale) == ("2026-12-18", "2027-01-18")


def test_an_order_that_comes_late_has_the_hold_of_its_moment():
    lea = enrolled(program(hold_days=60))
    drafting.change(lea.program, {"hold_days": 30}, at=PLACED + MICROSECOND)
    drafting.change(lea.program, {"hold_days": 14}, at=PLACED + timedelta(days=9))

    sale = earn(lea, delivered_at=instant("2026-12-09T12:00"))

    assert dates(sale) == ("2026-12-09", "2027-02-08")
