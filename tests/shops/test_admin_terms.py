"""Programs, rates, boosts and exclusions through the forms of the admin."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from shops.models import Boost, Exclusion, Program, Rate, Shop
from tests.factories import (
    AudienceFactory,
    BoostFactory,
    CategoryFactory,
    ExclusionFactory,
    MemberFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
    ShopFactory,
)
from tests.shops.backoffice import (
    ADD_BOOST,
    ADD_EXCLUSION,
    ADD_RATE,
    add,
    boost_form,
    browser_of,
    member,
    member_browser,
    moment,
    page_of,
    rate_form,
    text,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def program(shop: Shop) -> Program:
    return ProgramFactory(shop=shop, active=True)


@pytest.fixture
def browser(shop: Shop) -> Client:
    return member_browser(shop)


# ------------------------------------------------------------------ rates


@pytest.mark.parametrize("typed", ["12.5", "12,5", "12.50 %", " 12,50"])
def test_a_rate_is_written_in_percent(
    browser: Client, program: Program, typed: str
) -> None:
    answer = add(browser, ADD_RATE, rate_form(program, rate_bp=typed))

    assert answer.status_code == 302
    assert Rate.objects.get().rate_bp == 1250


def test_a_flat_amount_is_written_in_the_programs_currency(shop: Shop) -> None:
    yen = ProgramFactory(shop=shop, currency="JPY")
    form = rate_form(yen, rate_bp="", flat_cents="250")
    answer = add(member_browser(shop), ADD_RATE, form)

    assert answer.status_code == 302
    assert Rate.objects.get().flat_cents == 250


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"rate_bp": "0.99"}, "1 % to 80 %"),
        ({"rate_bp": "80.01"}, "1 % to 80 %"),
        ({"rate_bp": "a tenth"}, "Write a number such as 12.5."),
        ({"rate_bp": "12.345"}, "At most two decimals."),
        ({"rate_bp": "NaN"}, "Write a number such as 12.5."),
        ({"rate_bp": ""}, "Give a rate or a flat amount, not both."),
        ({"flat_cents": "2.50"}, "Give a rate or a flat amount, not both."),
        ({"rate_bp": "", "flat_cents": "2.505"}, "Write an amount such as 12.50."),
        (moment("ends_at", "1999-01-01", "00:00"), "It must end after it starts."),
    ],
)
def test_a_rate_that_cannot_be_is_refused_beside_its_field(
    browser: Client, program: Program, typed: dict[str, str], said: str
) -> None:
    start = moment("starts_at", "2026-01-01", "00:00")

    page = add(browser, ADD_RATE, rate_form(program, **start, **typed))

    assert page.status_code == 200
    assert said in text(page)
    assert not Rate.objects.exists()


def test_the_example_of_an_amount_has_the_decimals_of_its_currency(shop: Shop) -> None:
    yen = ProgramFactory(shop=shop, currency="JPY")

    page = member_browser(shop).post(
        ADD_RATE, rate_form(yen, rate_bp="", flat_cents="2.50")
    )

    assert "Write an amount such as 1250." in text(page)


def test_a_rate_that_overlaps_another_is_refused_on_the_form(
    browser: Client, program: Program
) -> None:
    RateFactory(program=program)

    page = add(browser, ADD_RATE, rate_form(program))

    assert page.status_code == 200
    assert "overlaps in time" in text(page)
    assert Rate.objects.count() == 1


FOREIGN = {
    "program": ProgramFactory,
    "product": ProductFactory,
    "category": CategoryFactory,
    "audience": AudienceFactory,
}


@pytest.mark.parametrize("field", FOREIGN)
def test_a_rate_cannot_name_another_shops_rows(
    browser: Client, program: Program, field: str
) -> None:
    page = add(browser, ADD_RATE, {**rate_form(program), field: FOREIGN[field]().pk})

    assert "Select a valid choice" in text(page)
    assert not Rate.objects.exists()


def test_the_two_shops_of_one_owner_do_not_mix(shop: Shop, program: Program) -> None:
    owner, other = member(shop), ShopFactory()
    MemberFactory(shop=other, user=owner)
    product = ProductFactory(shop=other)

    page = browser_of(owner).post(ADD_RATE, rate_form(program, product=product.pk))

    assert "This product is of another shop." in text(page)
    assert not Rate.objects.exists()


def test_a_rate_is_not_edited_but_ended(browser: Client, program: Program) -> None:
    row = RateFactory(program=program)

    assert (
        browser.post(page_of(row), rate_form(program, rate_bp="20")).status_code == 403
    )
    browser.post(page_of(row, "end"), moment("ends_at", "2100-01-01", "00:00"))

    row.refresh_from_db()
    assert (row.rate_bp, row.ends_at) == (1200, datetime(2099, 12, 31, 23, tzinfo=UTC))


def test_an_end_in_the_past_is_refused_politely(
    browser: Client, program: Program
) -> None:
    row = RateFactory(program=program)

    page = browser.post(
        page_of(row, "end"), moment("ends_at", "2020-01-01", "00:00"), follow=True
    )

    assert "This has passed already." in text(page)
    row.refresh_from_db()
    assert row.ends_at is None


# ------------------------------------------------------------------ boosts, exclusions


def test_a_boost_is_written_as_people_say_it(browser: Client, program: Program) -> None:
    add(browser, ADD_BOOST, boost_form(program, multiplier_pct="1,5"))

    assert Boost.objects.get().multiplier_pct == 150


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"multiplier_pct": "1"}, "From 1.01 to 10: 2 doubles the rate."),
        ({"multiplier_pct": "11"}, "From 1.01 to 10: 2 doubles the rate."),
        (moment("starts_at", "2020-01-01", "00:00"), "A boost starts in the future."),
        (moment("ends_at", "", ""), "This field is required."),
    ],
)
def test_a_boost_that_cannot_be_is_refused_beside_its_field(
    browser: Client, program: Program, typed: dict[str, str], said: str
) -> None:
    page = add(browser, ADD_BOOST, boost_form(program, **typed))

    assert page.status_code == 200
    assert said in text(page)
    assert not Boost.objects.exists()


def test_a_merchant_cannot_boost_another_shops_program(browser: Client) -> None:
    page = add(browser, ADD_BOOST, boost_form(ProgramFactory()))

    assert "Select a valid choice" in text(page)
    assert not Boost.objects.exists()


def test_moments_are_those_of_the_shops_clock() -> None:
    shop = ShopFactory(time_zone="America/New_York")
    program = ProgramFactory(shop=shop)

    add(member_browser(shop), ADD_BOOST, boost_form(program))

    assert Boost.objects.get().starts_at == datetime(2100, 1, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [(-9, -2, "over"), (-2, 9, "8 days"), (2, 9, "planned")],
)
def test_the_list_says_how_long_a_boost_still_runs(
    browser: Client, program: Program, starts: int, ends: int, said: str
) -> None:
    soon = now() + timedelta(hours=-1)
    BoostFactory(
        program=program,
        starts_at=soon + timedelta(days=starts),
        ends_at=soon + timedelta(days=ends),
    )

    assert said in text(browser.get("/admin/shops/boost/"))


def test_a_product_is_excluded_and_let_in_again(
    browser: Client, program: Program
) -> None:
    product = ProductFactory(shop=program.shop)
    add(browser, ADD_EXCLUSION, {"program": program.pk, "product": product.pk})

    row = Exclusion.objects.get()
    browser.post(page_of(row, "end"), moment("ends_at", "2100-01-01", "00:00"))

    row.refresh_from_db()
    assert (row.product, row.ends_at.year if row.ends_at else None) == (product, 2099)


def test_an_exclusion_that_is_over_has_no_end_to_set(
    browser: Client, program: Program
) -> None:
    product = ProductFactory(shop=program.shop)
    row = ExclusionFactory(
        program=program, product=product, ends_at=datetime(2026, 1, 1, tzinfo=UTC)
    )

    page = browser.post(
        page_of(row, "end"), moment("ends_at", "2100-01-01", "00:00"), follow=True
    )

    assert "This has passed already." in text(page)
    assert "Set its end" not in text(browser.get(page_of(row)))
