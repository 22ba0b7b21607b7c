"""A preview prices as a sale does: rates, conditions, boosts, budgets (R8)."""

from datetime import timedelta

import pytest

from payouts import previews
from shops import rates
from tests.factories.creators import GroupMemberFactory
from tests.factories.shops import (
    AudienceFactory,
    BoostFactory,
    BudgetFactory,
    CategoryFactory,
    ProductFactory,
    RateFactory,
)
from tests.payouts.earning import (
    NOW,
    PLACED,
    earn,
    enrolled,
    program,
)
from tests.payouts.previewing import DAY, boost, exclusion, figures, rate, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]


@pytest.fixture
def lea():
    """Return a creator's enrollment in a program that pays 10 %."""
    return enrolled(program(rate_bp=1000), creator__handle="lea")


def test_a_flat_amount_reaches_orders_in_the_programs_currency_only(lea):
    earn(lea, 4000, quantity=2)
    earn(lea, 9000, currency="JPY")

    found = rate(lea, rate_bp=None, flat_cents=300)

    assert [(cost.before_cents, cost.after_cents) for cost in found.costs] == [
        (400, 600),
        (900, 900),
    ]


def test_a_rate_for_later_is_counted_as_if_it_had_held_throughout(lea):
    earn(lea, 4000)

    found = rate(lea, starts_at=NOW + 90 * DAY, ends_at=NOW + 91 * DAY)

    assert figures(found) == (400, 600)


def test_a_rate_takes_the_place_of_the_one_it_follows(lea):
    old = RateFactory(program=lea.program, rate_bp=2500)
    earn(lea, 4000)

    found = previews.of(
        lambda: rates.replace(old, NOW + DAY, rate_bp=1500, at=NOW), at=NOW
    )

    assert figures(found) == (1000, 600)
    old.refresh_from_db()
    assert old.ends_at is None


def test_the_better_of_two_groups_is_the_same_as_when_it_is_sold(lea):
    for slug, bp in (("silver", 1200), ("gold", None)):
        group = AudienceFactory(program=lea.program, slug=slug)
        GroupMemberFactory(enrollment=lea, audience=group)
        if bp:
            RateFactory(program=lea.program, audience=group, rate_bp=bp)
    earn(lea, 4000)

    assert figures(rate(lea, rate_bp=1100, audience=group)) == (480, 480)
    assert figures(rate(lea, rate_bp=1300, audience=group)) == (480, 520)


def test_a_cap_holds_for_the_first_sales_of_its_period(lea):
    for hour in (1, 2, 3):
        earn(lea, 4000, placed_at=PLACED + timedelta(hours=hour))

    found = rate(lea, most_sales=2, most_sales_per="day")

    assert figures(found) == (1200, 600 + 600 + 400)


def test_places_that_are_freed_go_to_lines_that_the_term_does_not_reach(lea):
    red, blue = (ProductFactory(shop=lea.program.shop) for _ in range(2))
    RateFactory(program=lea.program, rate_bp=2000, most_sales=1, most_sales_per="month")
    earn(lea, 4000, product=red)
    earn(lea, 4000, product=blue, placed_at=PLACED + DAY)

    found = rate(lea, rate_bp=3000, product=red)

    assert (found.lines, figures(found)) == (2, (800 + 400, 1200 + 800))


def test_places_of_older_sales_stay_taken(lea):
    RateFactory(program=lea.program, rate_bp=2000, most_sales=1, most_sales_per="ever")
    earn(lea, 4000, placed_at=NOW - 40 * DAY)
    earn(lea, 4000)

    assert figures(rate(lea, audience=lea.audience)) == (400, 600)


def test_only_first_purchases_have_a_rate_for_them(lea):
    earn(lea, 4000, buyer_hash="a" * 64)
    earn(lea, 4000, buyer_hash="a" * 64, placed_at=PLACED + DAY)

    assert figures(rate(lea, is_first_purchase_only=True)) == (800, 600 + 400)


def test_a_promise_counts_before_and_a_new_term_is_as_if_always_known(lea):
    known = {"announced_at": PLACED - DAY, "binds_at": PLACED + 9 * DAY}
    RateFactory(program=lea.program, rate_bp=500, starts_at=PLACED - DAY, **known)
    earn(lea, 4000)

    # Announced to those who are there: until it binds they keep 10 %.
    assert figures(rate(lea, rate_bp=400, audience=lea.audience)) == (400, 160)


def test_a_boost_multiplies_and_the_best_one_counts(lea):
    BoostFactory(program=lea.program, multiplier_pct=150)
    earn(lea, 4000)

    assert figures(boost(lea)) == (600, 800)
    assert figures(boost(lea, 120)) == (600, 600)


def test_a_boost_grants_no_more_than_its_budget(lea):
    earn(lea, 4000)
    earn(lea, 4000, placed_at=PLACED + DAY)

    assert figures(boost(lea, budget_cents=500)) == (800, 800 + 500)


def test_what_older_sales_were_granted_stays_spent(lea):
    old = BoostFactory(program=lea.program, starts_at=NOW - 50 * DAY, ends_at=NOW + DAY)
    BudgetFactory(program=lea.program, boost=old, amount_cents=700)
    earn(lea, 4000, placed_at=NOW - 40 * DAY)
    earn(lea, 4000)
    old.refresh_from_db()

    # 400 of 700 are gone, 300 are left: before, and with a rate that asks for 600.
    assert figures(rate(lea)) == (400 + 300, 600 + 300)


def test_what_a_budget_of_the_program_grants_is_not_passed(lea):
    BudgetFactory(program=lea.program, boost=None, amount_cents=500)
    earn(lea, 4000)

    assert figures(rate(lea)) == (400, 500)


@pytest.mark.parametrize("named", ["product", "category"])
def test_an_exclusion_earns_nothing_on_what_it_reaches(lea, named):
    top = CategoryFactory(shop=lea.program.shop)
    below = CategoryFactory(shop=lea.program.shop, parent=top)
    red = ProductFactory(shop=lea.program.shop, category=below, sku="RED")
    earn(lea, 4000, product=red)
    earn(lea, 9000)
    what = {"product": red} if named == "product" else {"category": top}

    found = exclusion(lea, **what)

    assert (found.lines, figures(found)) == (1, (400, 0))
    assert rows(found.costs[0].creators) == [("lea", -400)]
