"""First purchases, and caps for a day, a week, a month or ever (C6)."""

from datetime import UTC, datetime, timedelta

import pytest

from payouts import commissions
from payouts.models import CappedSale
from tests.factories.shops import (
    CategoryFactory,
    OrderFactory,
    ProductFactory,
    RateFactory,
    ShopFactory,
)
from tests.payouts.earning import (
    LATER,
    PLACED,
    amounts,
    cancel,
    change,
    earn,
    enrolled,
    program,
    refund,
    rows,
    sell,
    sweep,
    undo_refunds,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]

TICK = timedelta(microseconds=1)
BUYER, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def lea():
    return enrolled(program(rate_bp=500))


# ------------------------------------------------------------------ first purchase


@pytest.fixture
def first(lea):
    return RateFactory(program=lea.program, rate_bp=2000, is_first_purchase_only=True)


def buys(lea, at=PLACED, buyer=BUYER, **order):
    return earn(lea, 10_000, placed_at=at, buyer_hash=buyer, **order).amount_cents


def bought(lea, at, buyer=BUYER, **order):
    shop = order.pop("shop", lea.program.shop)
    return OrderFactory(shop=shop, placed_at=at, buyer_hash=buyer, **order)


@pytest.mark.usefixtures("first")
def test_a_first_purchase_has_the_rate_and_a_second_the_next(lea):
    assert buys(lea) == 2000
    assert buys(lea, PLACED + TICK) == 500


@pytest.mark.usefixtures("first")
def test_an_earlier_order_of_the_same_buyer_counts(lea):
    bought(lea, PLACED - TICK)

    assert buys(lea) == 500


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    "other",
    [
        {"at": PLACED + TICK},
        {"at": PLACED - TICK, "buyer": OTHER},
        {"at": PLACED - TICK, "cancelled": True},
        {"at": PLACED - TICK, "shop": ShopFactory},
    ],
    ids=["later", "someone_else", "cancelled", "another_shop"],
)
def test_what_is_not_an_earlier_purchase(lea, other):
    made = {k: v() if v is ShopFactory else v for k, v in other.items()}
    bought(lea, **made)

    assert buys(lea) == 2000


@pytest.mark.usefixtures("first")
def test_an_earlier_order_that_is_not_paid_yet_counts(lea):
    bought(lea, PLACED - TICK, pending=True)

    assert buys(lea) == 500


@pytest.mark.usefixtures("first")
def test_of_two_orders_of_one_instant_the_one_that_came_first_is_first(lea):
    assert buys(lea) == 2000
    assert buys(lea) == 500


@pytest.mark.usefixtures("first")
def test_an_unknown_buyer_is_not_a_first_buyer(lea):
    assert buys(lea, buyer="") == 500


@pytest.mark.usefixtures("first")
def test_all_lines_of_a_first_order_are_first(lea):
    sale = earn(lea, 10_000, buyer_hash=BUYER)
    beside = sell(lea, 4000, external_id="x", buyer_hash=OTHER)
    type(beside).objects.filter(pk=beside.pk).update(order=sale.line.order)
    sweep()

    assert rows(beside) == [("sale", "pending", 800)]


def test_who_lost_by_a_condition_is_kept_with_it(lea, first):
    bought(lea, PLACED - TICK)

    sale = earn(lea, 10_000, buyer_hash=BUYER)

    assert (sale.rate, sale.rate_bp) == (None, 500)
    assert sale.snapshot["lost_rates"] == [
        {"id": first.pk, "bp": 2000, "rank": 8, "why": "not_first_purchase"}
    ]


def test_what_happens_later_changes_nothing(lea, first):
    sale = earn(lea, 10_000, buyer_hash=BUYER)
    bought(lea, PLACED - TICK)

    refund(sale.line, 5000)

    assert rows(sale.line)[1] == ("reversal", "pending", -1000)
    assert sale.snapshot["conditions"] == {"first_purchase": True}
    assert sale.rate == first


# ------------------------------------------------------------------ caps


def capped(lea, most=2, per="ever", **terms):
    return RateFactory(
        program=lea.program,
        **{"rate_bp": 2000, "most_sales": most, "most_sales_per": per, **terms},
    )


def test_so_many_sales_have_the_rate_and_the_others_the_next(lea):
    rate = capped(lea, 2)

    sales = [earn(lea, 10_000) for _ in range(4)]

    assert amounts(*sales) == [2000, 2000, 500, 500]
    assert [sale.rate for sale in sales] == [rate, rate, None, None]
    assert sales[2].snapshot["lost_rates"] == [
        {"id": rate.pk, "bp": 2000, "rank": 8, "why": "cap_reached"}
    ]
    assert sales[0].snapshot["conditions"] == {"most_sales": 2, "per": "ever"}


def test_in_one_batch_the_orders_that_were_placed_first_have_the_places(lea):
    capped(lea, 2)
    lines = [
        sell(lea, 10_000, placed_at=PLACED + timedelta(minutes=minute))
        for minute in (4, 1, 3, 2)
    ]

    sweep()

    assert [rows(line)[0][2] for line in lines] == [500, 2000, 500, 2000]


def test_a_cap_counts_for_each_creator_alone(lea):
    capped(lea, 1)
    zoe = enrolled(lea.program)

    sales = [earn(each, 10_000) for each in (lea, zoe, lea, zoe)]

    assert amounts(*sales) == [2000, 2000, 500, 500]


@pytest.mark.parametrize(
    ("per", "last", "then"),
    [
        ("day", "2026-11-03T22:59:59.999999Z", "2026-11-03T23:00:00Z"),
        ("day", "2026-07-03T21:59:59.999999Z", "2026-07-03T22:00:00Z"),
        ("week", "2026-11-08T22:59:59.999999Z", "2026-11-08T23:00:00Z"),
        ("month", "2026-11-30T22:59:59.999999Z", "2026-11-30T23:00:00Z"),
        # 29 March has 23 hours in Paris, 25 October has 25.
        ("day", "2026-03-29T21:59:59.999999Z", "2026-03-29T22:00:00Z"),
        ("day", "2026-10-25T22:59:59.999999Z", "2026-10-25T23:00:00Z"),
        ("month", "2026-03-31T21:59:59.999999Z", "2026-03-31T22:00:00Z"),
    ],
)
def test_a_period_ends_at_midnight_in_paris(lea, per, last, then):
    capped(lea, 1, per)
    last, then = datetime.fromisoformat(last), datetime.fromisoformat(then)

    sales = [
        earn(lea, 10_000, placed_at=at)
        for at in (last - timedelta(hours=1), last, then, then + TICK)
    ]

    assert amounts(*sales) == [2000, 500, 2000, 500]


@pytest.mark.parametrize(
    ("per", "begins", "before"),
    [
        ("day", "2026-10-24T22:00:00Z", "2026-10-24T21:59:59.999999Z"),
        ("week", "2026-11-01T23:00:00Z", "2026-11-01T22:59:59.999999Z"),
        ("month", "2026-10-31T23:00:00Z", "2026-10-31T22:59:59.999999Z"),
    ],
)
def test_a_period_begins_at_midnight_in_paris(lea, per, begins, before):
    capped(lea, 1, per)
    begins, before = datetime.fromisoformat(begins), datetime.fromisoformat(before)

    sales = [earn(lea, 10_000, placed_at=at) for at in (before, begins)]

    assert amounts(*sales) == [2000, 2000]


def test_in_tokyo_the_day_is_tokyos():
    shop = ShopFactory(time_zone="Asia/Tokyo")
    lea = enrolled(program(rate_bp=500, shop=shop))
    capped(lea, 1, "day")
    day = [
        datetime(2026, 11, 2, 15, 0, tzinfo=UTC),
        datetime(2026, 11, 3, 14, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 3, 15, 0, tzinfo=UTC),
    ]

    assert amounts(*(earn(lea, 10_000, placed_at=at) for at in day)) == [
        2000, 500, 2000,
    ]  # fmt: skip


# ------------------------------------------------------------------ only live ones


@pytest.mark.parametrize("undone", [cancel, lambda line: refund(line, 10_000)])
def test_a_sale_that_is_taken_back_frees_its_place(lea, undone):
    capped(lea, 1)
    sale, beyond = earn(lea, 10_000), earn(lea, 10_000)

    undone(sale.line)

    assert amounts(earn(lea, 10_000), earn(lea, 10_000)) == [2000, 500]
    assert rows(beyond.line) == [("sale", "pending", 500)]  # nothing priced changes


def test_a_sale_that_is_partly_taken_back_keeps_its_place(lea):
    capped(lea, 1)
    refund(earn(lea, 10_000).line, 9_990)

    assert earn(lea, 10_000).amount_cents == 500


def test_a_place_that_is_freed_in_the_same_sweep_is_taken(lea):
    capped(lea, 1)
    sale = earn(lea, 10_000)
    line = sell(lea, 10_000)

    cancel(sale.line)

    assert rows(line) == [("sale", "pending", 2000)]


def test_an_approved_sale_that_is_taken_back_frees_its_place(lea):
    capped(lea, 1)
    sale = earn(lea, 10_000)
    commissions.approve(at=LATER)

    cancel(sale.line, at=LATER)

    assert rows(sale.line) == [
        ("sale", "approved", 2000),
        ("reversal", "approved", -2000),
    ]
    assert earn(lea, 10_000).amount_cents == 2000


def test_a_sale_given_back_takes_its_place_again(lea):
    capped(lea, 1)
    sale = earn(lea, 10_000)
    refund(sale.line, 10_000)
    undo_refunds(sale.line)

    assert earn(lea, 10_000).amount_cents == 500


def test_a_sale_given_back_too_late_for_a_place_counts_all_the_same(lea):
    capped(lea, 2)
    sale = earn(lea, 10_000)
    refund(sale.line, 10_000)
    others = [earn(lea, 10_000), earn(lea, 10_000)]
    undo_refunds(sale.line)
    assert CappedSale.objects.filter(place=None).get().commission == sale

    refund(others[0].line, 10_000)

    # Two stand by the rate, of the two that it is for.
    assert earn(lea, 10_000).amount_cents == 500


def test_a_line_that_earns_nothing_takes_no_place(lea):
    capped(lea, 1)
    zero = sell(lea, 10_000)
    refund(zero, 10_000)

    assert rows(zero) == [("sale", "void", 0)]
    assert earn(lea, 10_000).amount_cents == 2000


def test_an_order_that_is_paid_later_is_asked_then(lea):
    capped(lea, 1)
    early = sell(lea, 10_000, placed_at=PLACED - TICK, pending=True)
    assert earn(lea, 10_000).amount_cents == 2000

    change(early, status="paid")

    assert rows(early) == [("sale", "pending", 500)]


# ------------------------------------------------------------------ one after the other


def test_who_is_beyond_one_cap_has_the_next_rate_with_its_own(lea):
    own = capped(lea, 1, audience=lea.audience, rate_bp=3000)
    shared = capped(lea, 2)

    sales = [earn(lea, 10_000) for _ in range(4)]

    assert [sale.rate for sale in sales] == [own, shared, shared, None]


def test_in_one_batch_caps_fall_back_as_if_one_after_the_other(lea):
    shop = lea.program.shop
    care = CategoryFactory(shop=shop)
    soap, balm = ProductFactory.create_batch(2, shop=shop, category=care)
    capped(lea, 1, product=soap, rate_bp=4000)
    capped(lea, 2, category=care, rate_bp=3000)
    capped(lea, 1)
    minutes = iter(range(10))
    lines = [
        sell(
            lea,
            10_000,
            product=product,
            placed_at=PLACED + timedelta(minutes=next(minutes)),
        )
        for product in (soap, soap, balm, soap, balm)
    ]

    sweep()

    assert [rows(line)[0][2] for line in lines] == [4000, 3000, 3000, 2000, 500]


def test_a_capped_first_purchase_needs_both(lea):
    rate = capped(lea, 1, is_first_purchase_only=True)
    bought(lea, PLACED - TICK)

    sales = [earn(lea, 10_000, buyer_hash=buyer) for buyer in (BUYER, OTHER, "c" * 64)]

    assert [sale.rate for sale in sales] == [None, rate, None]
    assert [sale.snapshot["lost_rates"][0].get("why") for sale in sales] == [
        "not_first_purchase",
        None,
        "cap_reached",
    ]
