"""Programs, rates, boosts and exclusions through the forms of the admin."""

from typing import Any

import pytest
from django.test import Client

from affiliate.common.models import AuditEntry
from shops.models import Boost, Program, ProgramStatus, Role, Shop
from tests.factories import (
    ProgramFactory,
    RateFactory,
    ShopFactory,
)
from tests.shops.backoffice import (
    ADD_BOOST,
    ADD_PROGRAM,
    ADD_RATE,
    add,
    boost_form,
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


# ------------------------------------------------------------------ programs


def program_form(shop: Shop, **fields: Any) -> dict[str, Any]:
    return {
        "shop": shop.pk,
        "name": "Friends",
        "slug": "friends",
        "enrollment": "open",
        "rate_bp": "10",
        "cap_bp": "80",
        "code_policy": "always",
        "window_days": 30,
        "hold_days": 30,
        "shipping_days": 5,
        "rate_lock_days": 30,
        "least_age": 18,
        "halo": "on",
        **fields,
    }


def test_a_program_is_made_as_a_draft_in_the_shops_currency() -> None:
    shop = ShopFactory(currency="CHF")

    member_browser(shop).post(ADD_PROGRAM, program_form(shop))

    made = Program.objects.get()
    assert (made.status, made.currency, made.rate_bp) == ("draft", "CHF", 1000)
    assert AuditEntry.objects.get(action="program.added").chain == f"shop:{shop.pk}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"rate_bp": "0.5"}, "A rate lies between 1 % and 80 %."),
        ({"window_days": 91}, "From 1 to 90 days."),
        ({"hold_days": 61}, "At most 60 days."),
    ],
)
def test_a_program_outside_its_bounds_is_refused(
    browser: Client, shop: Shop, typed: dict[str, Any], said: str
) -> None:
    page = browser.post(ADD_PROGRAM, program_form(shop, **typed))

    assert said in text(page)
    assert not Program.objects.exists()


def test_a_program_cannot_be_made_in_another_shop(browser: Client) -> None:
    page = browser.post(ADD_PROGRAM, program_form(ShopFactory()))

    assert "Select a valid choice" in text(page)
    assert not Program.objects.exists()


def test_a_programs_rates_are_fixed_once_it_is_active(
    browser: Client, program: Program
) -> None:
    browser.post(
        page_of(program), program_form(program.shop, name="New name", rate_bp="50")
    )

    program.refresh_from_db()
    assert (program.name, program.rate_bp) == ("New name", 1000)
    entry = AuditEntry.objects.get(action="program.changed")
    assert entry.after == {"name": "New name"}


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        ("draft", "activate", "active"),
        ("active", "pause", "paused"),
        ("paused", "activate", "active"),
        ("active", "end", "ended"),
    ],
)
def test_a_program_lives_by_its_buttons(
    browser: Client, shop: Shop, before: str, step: str, after: str
) -> None:
    program = ProgramFactory(shop=shop, status=before)
    where = page_of(program, step)

    asked = browser.get(where)
    program.refresh_from_db()
    assert (asked.status_code, program.status) == (200, before)
    browser.post(where)

    program.refresh_from_db()
    assert program.status == after


def test_an_ended_program_says_why_it_stays_ended(browser: Client, shop: Shop) -> None:
    program = ProgramFactory(shop=shop, status=ProgramStatus.ENDED)

    page = browser.post(page_of(program, "activate"), follow=True)

    assert "This program has ended." in text(page)
    assert "Make a new program." in text(page)


# ------------------------------------------------------------------ roles


def test_an_analyst_looks(shop: Shop, program: Program) -> None:
    browser = member_browser(shop, Role.ANALYST)
    row = RateFactory(program=program)

    statuses = [browser.get(page_of(each)).status_code for each in (program, row)]

    assert statuses == [200, 200]
    assert "Pause" not in text(browser.get(page_of(program)))


@pytest.mark.parametrize("role", [Role.ANALYST, Role.MANAGER])
def test_only_those_who_manage_write(shop: Shop, program: Program, role: Role) -> None:
    browser, row = member_browser(shop, role), RateFactory(program=program)
    running = moment("ends_at", "2100-01-01", "00:00")

    statuses = {
        add(browser, ADD_RATE, rate_form(program, **running)).status_code,
        add(browser, ADD_BOOST, boost_form(program)).status_code,
        browser.post(page_of(program), program_form(shop)).status_code,
        browser.post(page_of(program, "pause")).status_code,
        browser.post(page_of(row, "end"), running).status_code,
    }

    program.refresh_from_db()
    if role == Role.ANALYST:
        assert statuses == {403}
        assert (Boost.objects.count(), program.status) == (0, "active")
    else:
        assert statuses <= {200, 302}
        assert (Boost.objects.count(), program.status) == (1, "paused")
