"""Announcements and conditions of rates in the admin (R6, C6)."""

from typing import Any

import pytest
from django.test import Client

from shops.models import Program, Rate
from tests.factories import ProgramFactory, RateFactory
from tests.shops.backoffice import add, member_browser, page_of, text

pytestmark = pytest.mark.django_db

ADD = "/admin/shops/rate/add/"


@pytest.fixture
def program() -> Program:
    return ProgramFactory(active=True)


@pytest.fixture
def browser(program: Program) -> Client:
    return member_browser(program.shop)


def rate(program: Program, **fields: Any) -> dict[str, Any]:
    return {"program": program.pk, "rate_bp": "12.5", "flat_cents": "", **fields}


def test_a_merchant_makes_a_rate_with_conditions(browser, program):
    conditions = {
        "is_first_purchase_only": "on",
        "most_sales": "5",
        "most_sales_per": "month",
    }

    add(browser, ADD, rate(program, **conditions))

    made = Rate.objects.get()
    assert made.is_first_purchase_only is True
    assert (made.most_sales, made.most_sales_per) == (5, "month")
    assert made.announced_at is not None


@pytest.mark.parametrize(
    "cap", [{"most_sales": "5"}, {"most_sales_per": "month"}, {"most_sales": "0"}]
)
def test_half_a_cap_is_refused_beside_its_field(browser, program, cap):
    page = add(browser, ADD, rate(program, **cap))

    assert "most_sales" in page.context["adminform"].form.errors
    assert not Rate.objects.exists()


def test_the_form_says_what_a_lower_rate_does(browser):
    assert "What pays less is announced" in text(browser.get(ADD))


def test_a_rate_that_is_there_shows_its_conditions(browser, program):
    made = RateFactory(program=program, most_sales=5, most_sales_per="week")

    page = text(browser.get(page_of(made)))

    assert "at most 5 sales (a week)" in page
