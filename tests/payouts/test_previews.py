"""Which lines a preview counts, and who gains or loses by it (R8)."""

from datetime import UTC, datetime

import pytest

from payouts import commissions, previews
from payouts.models import DeclineReason
from shops.models import Product
from tests.factories.common import UserFactory
from tests.factories.creators import GroupMemberFactory
from tests.factories.shops import (
    AudienceFactory,
    CategoryFactory,
    ProductFactory,
    RateFactory,
)
from tests.payouts.earning import (
    NOW,
    cancel,
    earn,
    enrolled,
    program,
    refund,
    sell,
    sweep,
)
from tests.payouts.previewing import DAY, TICK, boost, figures, rate, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]


@pytest.fixture
def lea():
    """Return a creator's enrollment in a program that pays 10 %."""
    return enrolled(program(rate_bp=1000), creator__handle="lea")


def test_a_rate_costs_what_it_would_have(lea):
    earn(lea, 4000)

    found = rate(lea)

    assert figures(found) == (400, 600)
    assert found.costs[0].difference_cents == 200
    assert (found.costs[0].currency, found.lines, found.orders) == ("EUR", 1, 1)


def test_a_rate_that_pays_less_says_who_loses_first(lea):
    mia = enrolled(lea.program, creator__handle="mia")
    zoe = enrolled(lea.program, creator__handle="zoe")
    RateFactory(program=lea.program, audience=zoe.audience, rate_bp=500)
    red = ProductFactory(shop=lea.program.shop, sku="RED", name="Red")
    RateFactory(program=lea.program, product=red, rate_bp=2000)
    earn(lea, 4000, product=red)
    earn(mia, 1000, product=red)
    earn(zoe, 4000, product=red)

    # For red things Léa and Mia had 20 %, and Zoé 5 % of everything.
    found = rate(lea, rate_bp=800, product=red, audience=lea.audience)
    assert rows(found.costs[0].creators) == [("lea", -480)]
    assert rows(found.costs[0].products) == [("RED", -480)]
    assert found.costs[0].products.rows[0].title == "Red"


def test_the_largest_losses_come_first_and_then_the_largest_gains(lea):
    gold = AudienceFactory(program=lea.program)
    for handle, before, cents in (
        ("mia", 2000, 1000),
        ("zoe", 3000, 4000),
        ("ida", 500, 8000),
        ("eva", 600, 9000),
    ):
        each = enrolled(lea.program, creator__handle=handle)
        GroupMemberFactory(enrollment=each, audience=gold)
        silver = AudienceFactory(program=lea.program)
        GroupMemberFactory(enrollment=each, audience=silver)
        RateFactory(program=lea.program, audience=silver, rate_bp=before)
        earn(each, cents, product=ProductFactory(shop=lea.program.shop, sku=handle))
    whole = CategoryFactory(shop=lea.program.shop)
    Product.objects.filter(shop=lea.program.shop).update(category=whole)

    found = rate(lea, rate_bp=1000, audience=gold, category=whole)

    gone = [("zoe", -800), ("mia", -100), ("ida", 400), ("eva", 360)]
    assert rows(found.costs[0].creators) == gone
    assert rows(found.costs[0].products) == gone


def test_small_differences_are_counted_and_added_up(lea, monkeypatch):
    monkeypatch.setattr(previews, "ROWS", 1)
    for handle, cents in (("mia", 1000), ("zoe", 4000), ("ida", 2000)):
        earn(enrolled(lea.program, creator__handle=handle), cents)

    creators = rate(lea).costs[0].creators

    assert rows(creators) == [("zoe", 200)]
    assert (creators.others, creators.others_cents) == (2, 150)


def test_who_would_have_had_the_same_is_not_named(lea):
    mia = enrolled(lea.program)
    RateFactory(program=lea.program, audience=mia.audience, rate_bp=2000)
    earn(lea, 4000)
    earn(mia, 4000)

    creators = rate(lea).costs[0].creators

    assert rows(creators) == [("lea", 200)]
    assert (creators.others, creators.others_cents) == (0, 0)


# ------------------------------------------------------------------ which lines


@pytest.mark.parametrize(
    ("placed_at", "lines"),
    [
        (NOW - 30 * DAY - TICK, 0),
        (NOW - 30 * DAY, 1),
        (NOW - TICK, 1),
        (NOW, 0),
    ],
)
def test_only_orders_of_the_last_30_days_count(lea, placed_at, lines):
    sell(lea, placed_at=placed_at)
    sweep(at=NOW)

    found = rate(lea)

    assert (found.lines, found.days) == (lines, 30)


def test_a_program_without_orders_costs_nothing(lea):
    found = rate(lea)

    assert (found.lines, found.orders, found.costs) == (0, 0, ())


def test_of_too_many_lines_the_newest_count_and_the_days_are_said(lea, monkeypatch):
    monkeypatch.setattr(previews, "MOST_LINES", 2)
    for days in (9, 3, 1):
        earn(lea, 4000, placed_at=NOW - days * DAY)

    found = rate(lea)

    assert figures(found) == (800, 1200)
    assert (found.lines, found.days, found.is_whole) == (2, 3, False)
    assert found.since == NOW - 3 * DAY


@pytest.mark.parametrize("named", ["product", "category", "creator", "group"])
def test_only_what_the_term_reaches_is_looked_at(lea, named):
    top = CategoryFactory(shop=lea.program.shop)
    below = CategoryFactory(shop=lea.program.shop, parent=top)
    gold = AudienceFactory(program=lea.program)
    GroupMemberFactory(enrollment=lea, audience=gold)
    red = ProductFactory(shop=lea.program.shop, category=below)
    reach = {
        "product": {"product": red},
        "category": {"category": top},
        "creator": {"audience": lea.audience},
        "group": {"audience": gold},
    }
    earn(lea, 4000, product=red)
    other = lea if named in ("product", "category") else enrolled(lea.program)
    earn(other, 9000, product=ProductFactory(shop=lea.program.shop))

    found = rate(lea, **reach[named])

    assert (found.lines, figures(found)) == (1, (400, 600))


def test_other_programs_are_not_looked_at(lea):
    earn(lea, 4000)
    earn(enrolled(program(shop=lea.program.shop)), 9000)
    earn(enrolled(), 9000)

    assert rate(lea).lines == 1


def test_what_was_refunded_cancelled_or_declined_earns_nothing(lea):
    kept = earn(lea, 4000)
    refund(kept.line, 1000)
    cancel(earn(lea, 4000).line)
    fraud = earn(lea, 4000)
    commissions.decline(fraud.pk, DeclineReason.FRAUD, by=UserFactory(), at=NOW)

    found = rate(lea)

    assert (found.lines, figures(found)) == (1, (300, 450))


def test_each_currency_is_counted_for_itself(lea):
    earn(lea, 4000)
    earn(lea, 9000, currency="JPY")

    found = rate(lea)

    assert [
        (cost.currency, cost.before_cents, cost.after_cents) for cost in found.costs
    ] == [("EUR", 400, 600), ("JPY", 900, 1350)]


def test_it_says_from_when_it_binds_those_who_are_enrolled(lea):
    assert rate(lea).binds_at == NOW + 30 * DAY
    assert boost(lea).binds_at is None


def test_a_draft_has_promised_nothing(lea):
    lea.program.status = "draft"
    lea.program.save(update_fields=["status"])

    assert rate(lea).binds_at is None


def test_days_that_have_begun_count():
    at = datetime(2026, 11, 20, 8, tzinfo=UTC)

    days = [
        previews.Preview(None, at - since, at, True, 0, 0).days
        for since in (TICK, DAY, DAY + TICK, 30 * DAY)
    ]

    assert days == [1, 1, 2, 30]
