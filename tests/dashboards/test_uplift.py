"""What a boost brought, beside the same weekdays before it (rule N2)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from affiliate.dashboards import uplift
from tests.dashboards.selling import NOW, boosted, sold
from tests.factories import BoostFactory, CategoryFactory, ProductFactory
from tests.factories.creators import GroupMemberFactory
from tests.factories.shops import AudienceFactory
from tests.payouts.earning import enrolled, program, refund

pytestmark = pytest.mark.django_db

DURING, BEFORE = NOW - timedelta(days=2), NOW - timedelta(days=9)


@pytest.fixture
def lea():
    return enrolled(program(rate_bp=1000), creator__handle="lea")


def doubled(enrollment, first=-3, last=0, **reach):
    return BoostFactory(program=enrollment.program, **boosted(first, last), **reach)


def of(boost, at=NOW):
    return uplift.of([boost], at)[0]


def clock(moment):
    """Return what the shop's clock shows."""
    return moment.astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None)


def figures(found):
    return [
        (figure.sales_cents, figure.cost_cents, figure.orders)
        for figure in (found.now, found.then)
    ]


def test_a_boost_is_held_beside_the_week_before(lea) -> None:
    boost = doubled(lea)
    sold(lea, 5000, at=BEFORE)
    for cents in (4000, 8000):
        sold(lea, cents, at=DURING)
    sold(lea, 9000, at=BEFORE - timedelta(days=7))

    found = of(boost)

    assert figures(found) == [(12_000, 2400, 2), (5000, 500, 1)]
    assert (found.more_sales_cents, found.more_cost_cents) == (7000, 1900)
    # 19.00 more for 70.00 more of sales: 0.2714 each.
    assert (found.cost_of_a_unit_cents, found.unit_cents) == (27, 100)
    assert found.extra_cents == 1200
    assert (found.sales_per_day_cents, found.earlier_per_day_cents) == (4000, 1666)


def test_what_the_boost_added_follows_refunds_and_caps(lea) -> None:
    boost = doubled(lea)
    half = sold(lea, 4000, at=DURING)
    refund(half, 2000, at=NOW)
    gone = sold(lea, 4000, at=DURING)
    refund(gone, 4000, at=NOW)

    found = of(boost)

    # 20 % of 20.00 instead of 10 %.
    assert (found.now.cost_cents, found.extra_cents) == (400, 200)


def test_sales_that_did_not_grow_have_no_price(lea) -> None:
    boost = doubled(lea)
    sold(lea, 4000, at=BEFORE)
    sold(lea, 4000, at=DURING)

    found = of(boost)

    assert (found.more_sales_cents, found.cost_of_a_unit_cents) == (0, None)


def test_only_what_the_boost_reaches_is_counted(lea) -> None:
    shop = lea.program.shop
    care = CategoryFactory(shop=shop)
    below = CategoryFactory(shop=shop, parent=care)
    cream = ProductFactory(shop=shop, category=below)
    soap = ProductFactory(shop=shop)
    tom = enrolled(lea.program, creator__handle="tom")
    group = AudienceFactory(program=lea.program, kind="group")
    GroupMemberFactory(audience=group, enrollment=tom, program=lea.program)
    boosts = {
        name: doubled(lea, **reach)
        for name, reach in {
            "all": {},
            "cream": {"product": cream},
            "care": {"category": care},
            "lea": {"audience": lea.audience},
            "group": {"audience": group},
        }.items()
    }
    sold(lea, 1000, product=cream, at=DURING)
    sold(lea, 200, product=soap, at=DURING)
    sold(tom, 30, at=DURING)
    sold(enrolled(program(shop=shop)), 7777, at=DURING)
    sold(enrolled(), 8888, at=DURING)
    sold(lea, 9999, currency="USD", at=DURING)

    found = {name: of(boost).now.sales_cents for name, boost in boosts.items()}

    assert found == {"all": 1230, "cream": 1000, "care": 1000, "lea": 1200, "group": 30}


@pytest.mark.parametrize(
    ("first", "last", "weeks"),
    [(-1, 0, 1), (-7, 0, 1), (-8, 0, 2), (-21, 0, 3), (-3, 5, 1)],
)
def test_the_time_before_is_whole_weeks_away_and_never_overlaps(
    lea, first, last, weeks
) -> None:
    found = of(doubled(lea, first, last))

    away = timedelta(weeks=weeks)
    assert clock(found.during.starts_at) - clock(found.before.starts_at) == away
    assert clock(found.during.ends_at) - clock(found.before.ends_at) == away
    assert found.before.ends_at <= found.during.starts_at


def test_the_same_hours_are_compared_across_a_change_of_the_clocks(lea) -> None:
    # Paris leaves summer time on the 25th of October, in between.
    boost = BoostFactory(
        program=lea.program,
        starts_at=datetime(2026, 10, 27, 9, 0, tzinfo=UTC),
        ends_at=datetime(2026, 10, 29, 9, 0, tzinfo=UTC),
    )

    found = of(boost)

    assert found.before.starts_at == datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
    assert found.before.ends_at == datetime(2026, 10, 22, 8, 0, tzinfo=UTC)


def test_a_running_boost_is_measured_so_far(lea) -> None:
    found = of(doubled(lea, -1, 4))

    assert (found.during.ends_at, found.is_running) == (NOW, True)


def test_a_boost_that_has_not_begun_brought_nothing(lea) -> None:
    assert uplift.of([doubled(lea, 1, 2)], NOW) == []


@pytest.mark.parametrize(("before", "is_few"), [(10, False), (9, True)])
def test_below_ten_orders_on_either_side_there_are_too_few(lea, before, is_few) -> None:
    boost = doubled(lea)
    for _ in range(10):
        sold(lea, 100, at=DURING)
    for _ in range(before):
        sold(lea, 100, at=BEFORE)

    assert of(boost).is_few is is_few
