"""Budgets in the merchant's admin (rules B4, P4)."""

import pytest

from shops.models import Boost, Budget
from tests.factories import BoostFactory, ProgramFactory
from tests.factories.shops import BudgetFactory
from tests.shops.backoffice import (
    ADD_BOOST,
    add,
    boost_form,
    member_browser,
    page_of,
    text,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return ProgramFactory(active=True, shop__currency="EUR")


@pytest.fixture
def browser(program):
    return member_browser(program.shop)


def set_budget(browser, row, amount):
    address = page_of(row, "limit")
    return browser.post(address, {"amount": amount}, follow=True)


def coming(program):
    # Far ahead: the pages ask the clock.
    return BoostFactory(
        program=program,
        starts_at="2100-01-01T00:00:00+00:00",
        ends_at="2100-01-08T00:00:00+00:00",
    )


def test_a_merchant_limits_a_boost_as_it_is_made(browser, program):
    add(browser, ADD_BOOST, boost_form(program, budget_cents="250,50"))

    assert Boost.objects.get().budget.amount_cents == 25_050


def test_an_amount_that_is_none_is_refused_beside_its_field(browser, program):
    page = add(browser, ADD_BOOST, boost_form(program, budget_cents="much"))

    assert "budget_cents" in page.context["adminform"].form.errors
    assert not Boost.objects.exists()


def test_a_merchant_limits_a_boost_that_is_there(browser, program):
    boost = coming(program)

    page = set_budget(browser, boost, "100")

    assert "€100.00 of €100.00 left" in text(page)
    assert Budget.objects.get().boost == boost


def test_a_merchant_limits_the_program(browser, program):
    page = set_budget(browser, program, "1000.00")

    assert "€1,000.00 of €1,000.00 left" in text(page)
    assert Budget.objects.get().boost is None


def test_a_budget_below_what_is_spent_is_refused_with_words(browser, program):
    BudgetFactory(program=program, boost=None, amount_cents=700, spent_cents=300)

    page = set_budget(browser, program, "2.99")

    assert "This budget is less than what is spent already." in text(page)
    assert Budget.objects.get().amount_cents == 700


def test_another_shops_boost_is_as_missing_as_an_unknown_one(browser):
    foreign = coming(ProgramFactory())

    assert browser.post(page_of(foreign, "limit"), {"amount": "1"}).status_code == 404
    assert not Budget.objects.exists()
