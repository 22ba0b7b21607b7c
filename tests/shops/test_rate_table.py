"""A program's rates as a table (rules R1, R2, R6), and the page that shows it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from shops import history, rate_table
from shops.models import ProgramStatus, Rate, Role
from tests.factories import (
    AudienceFactory,
    BoostFactory,
    CategoryFactory,
    ExclusionFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
    ShopFactory,
    TermsVersionFactory,
)
from tests.factories.shops import MOMENT
from tests.shops.backoffice import member_browser, page_of, text

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def program():
    return ProgramFactory(active=True)


def table(program, at=MOMENT):
    return rate_table.of(program, history.of(program, at=at))


def test_a_program_without_rates_has_one_row_with_its_own(program):
    (row,) = table(program)

    assert row.audience is None
    assert row.has_default
    assert [*row.everything, *row.categories, *row.products] == []


def test_a_rate_for_everyone_takes_the_place_of_the_programs_own(program):
    RateFactory(program=program)

    (row,) = table(program)

    assert not row.has_default
    assert [term.entry.rate_bp for term in row.everything] == [1200]


@pytest.mark.parametrize(
    "less", [{"is_first_purchase_only": True}, {"starts_at": MOMENT + DAY}]
)
def test_the_programs_own_stays_beside_a_rate_for_some_sales(program, less):
    RateFactory(program=program, **less)

    assert table(program)[0].has_default


def test_everyone_comes_first_then_groups_then_creators(program):
    for name, kind in (("zoe", "creator"), ("gold", "group"), ("ann", "creator")):
        audience = AudienceFactory(program=program, slug=name, kind=kind)
        RateFactory(program=program, audience=audience)

    assert [str(row.audience) for row in table(program)] == [
        "None",
        "gold",
        "ann",
        "zoe",
    ]


def test_a_category_is_named_with_its_branch_and_products_stand_apart(program):
    skin = CategoryFactory(shop=program.shop, slug="skin")
    face = CategoryFactory(shop=program.shop, slug="face", parent=skin)
    RateFactory(program=program, category=face)
    RateFactory(program=program, product=ProductFactory(shop=program.shop, name="Soap"))
    ExclusionFactory(program=program, product__name="Card")

    (row,) = table(program)

    assert [term.goods for term in row.categories] == ["skin › face"]
    assert [(term.goods, term.entry.kind) for term in row.products] == [
        ("Card", "exclusion"),
        ("Soap", "rate"),
    ]


def test_what_comes_is_marked_and_what_is_over_is_left_out(program):
    RateFactory(program=program, ends_at=MOMENT)
    RateFactory(program=program, starts_at=MOMENT + DAY, rate_bp=1400)
    BoostFactory(program=program)

    (row,) = table(program)

    assert [(term.entry.rate_bp, term.is_now) for term in row.everything] == [
        (1400, False)
    ]


# ------------------------------------------------------------------ the page


def page(program, role=Role.OWNER):
    return text(member_browser(program.shop, role).get(page_of(program)))


def test_the_page_shows_rates_boosts_and_texts(program):
    RateFactory(program=program, rate_bp=1300)
    at = now()
    BoostFactory(program=program, name="Run", starts_at=at, ends_at=at + 2.5 * DAY)
    BoostFactory(
        program=program, name="Old", ends_at=at - 61 * DAY, starts_at=MOMENT - 90 * DAY
    )
    TermsVersionFactory(program=program)

    said = page(program)

    assert "13%" in said
    assert "Run ×2" in said
    assert "2 days left" in said
    assert "Old ×2" not in said
    assert "Version 1" in said


@pytest.mark.parametrize(("rate_bp", "is_said"), [(900, True), (1300, False)])
def test_the_page_says_that_a_rate_waits_only_where_it_is_lower(
    program, rate_bp, is_said
):
    at = now()
    known = {"starts_at": at, "announced_at": at, "binds_at": at + 30 * DAY}
    RateFactory(program=program, rate_bp=rate_bp, **known)

    assert ("where it is lower" in page(program)) is is_said


def test_a_creators_rate_is_compared_with_everyones(program):
    known = {"starts_at": MOMENT, "announced_at": MOMENT, "binds_at": MOMENT + DAY}
    RateFactory(program=program, rate_bp=1400)
    audience = AudienceFactory(program=program)
    RateFactory(program=program, audience=audience, rate_bp=1300, **known)

    _everyone, own = table(program)

    assert own.everything[0].entry.binds_at == MOMENT + DAY


def test_the_default_is_what_everyone_has_on_everything_now(program):
    def default():
        entries = history.of(program, at=MOMENT)
        return rate_table.default(program, rate_table.of(program, entries)[0])

    assert default().rate_bp == 1000
    RateFactory(program=program, rate_bp=1900, starts_at=MOMENT + DAY)
    RateFactory(
        program=program, rate_bp=1700, audience=AudienceFactory(program=program)
    )
    assert default().rate_bp == 1000
    RateFactory(program=program, flat=True, ends_at=MOMENT + DAY)
    assert default().flat_cents == 100


def test_the_tile_shows_the_rate_of_everyone(program):
    RateFactory(program=program, rate_bp=1750)

    assert "<strong>17.5%</strong>" in page(program)


def test_what_is_added_is_of_this_program(program):
    assert f"/admin/shops/boost/add/?program={program.pk}" in page(program)


def test_who_only_reads_sees_all_but_no_buttons(program):
    RateFactory(program=program, rate_bp=1300)

    said = page(program, Role.ANALYST)

    assert "13%" in said
    assert "add/?program=" not in said


def test_another_shop_has_no_such_page(program):
    stranger = member_browser(ShopFactory())

    assert stranger.get(page_of(program)).status_code == 404


def test_500_rates_cost_the_queries_of_one_and_come_in_pages(program):
    browser = member_browser(program.shop)
    RateFactory(program=program)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            browser.get(page_of(program))
        return len(captured)

    queries()
    few = queries()
    audiences = AudienceFactory.create_batch(50, program=program)
    products = ProductFactory.create_batch(10, shop=program.shop)
    Rate.objects.bulk_create(
        Rate(program=program, audience=audience, product=product, rate_bp=1500)
        for audience in audiences
        for product in products
    )

    assert queries() == few
    assert "Page 1 of 3" in page(program)


def test_a_draft_is_led_on_step_by_step(program):
    draft = ProgramFactory(shop=program.shop)
    assert draft.status == ProgramStatus.DRAFT

    assert f"/admin/shops/program/first/{draft.pk}/look/" in page(draft)
    assert "/admin/shops/program/first/" not in page(program)
