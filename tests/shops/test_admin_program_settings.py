"""The settings of a program in its form: what holds now, and what is planned (P3)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from affiliate.common.models import AuditEntry
from shops import program_settings
from shops.models import EarlierSettings, Program, Role, Shop
from tests.factories import ProgramFactory, ShopFactory
from tests.shops.backoffice import member_browser, page_of, text

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def program(shop: Shop) -> Program:
    return ProgramFactory(shop=shop, active=True)


@pytest.fixture
def browser(shop: Shop) -> Client:
    return member_browser(shop)


def save(browser: Client, program: Program, **typed: Any) -> Any:
    """Send the form as it stood when it was opened, but for what is typed."""
    form = browser.get(page_of(program)).context["adminform"].form
    shown = {
        name: form.get_initial_for_field(field, name)
        for name, field in form.fields.items()
    }
    sent = {name: "" if value is None else value for name, value in shown.items()}
    checked = {
        name: value for name, value in {**sent, **typed}.items() if value is not False
    }
    return browser.post(page_of(program), checked, follow=True)


def held(program: Program, *, at: Any = None) -> Any:
    fresh = Program.objects.get(pk=program.pk)
    return program_settings.in_force(fresh, at=at or now())


def test_a_form_sent_as_it_was_shown_changes_nothing(
    browser: Client, program: Program
) -> None:
    save(browser, program)

    assert not EarlierSettings.objects.exists()
    assert not AuditEntry.objects.exists()


def test_what_is_worse_is_told_with_its_day(browser: Client, program: Program) -> None:
    page = text(save(browser, program, window_days=7, halo=False))

    assert "on: attribution window in days: 7" in page
    assert "on: a click credits other products too: no" in page
    assert held(program)["window_days"] == 30
    assert held(program, at=now() + 15 * DAY)["window_days"] == 7
    assert "on: attribution window in days: 7" in text(browser.get(page_of(program)))


def test_what_is_better_holds_at_once(browser: Client, program: Program) -> None:
    page = text(save(browser, program, window_days=60))

    assert "on: attribution window" not in page
    assert held(program)["window_days"] == 60


def test_the_form_shows_what_holds_and_saving_it_leaves_the_plan(
    browser: Client, program: Program
) -> None:
    save(browser, program, window_days=7)

    form = browser.get(page_of(program)).context["adminform"].form
    assert form.initial["window_days"] == 30
    save(browser, program, name="New")

    assert Program.objects.get().name == "New"
    assert held(program, at=now() + 15 * DAY)["window_days"] == 7


def test_a_plan_is_taken_back_by_its_button(browser: Client, program: Program) -> None:
    where = page_of(program, "withdraw")
    assert where not in text(browser.get(page_of(program)))
    save(browser, program, window_days=7)
    assert where in text(browser.get(page_of(program)))

    asked = text(browser.get(where))
    assert "attribution window in days: 7" in asked
    browser.post(where)

    assert held(program, at=now() + 99 * DAY)["window_days"] == 30
    assert where not in text(browser.get(page_of(program)))


@pytest.mark.parametrize(("role", "status"), [(Role.ANALYST, 403), (Role.MANAGER, 302)])
def test_only_those_who_manage_take_a_plan_back(
    shop: Shop, program: Program, role: Role, status: int
) -> None:
    program_settings.change(program, {"window_days": 7}, at=now())

    answer = member_browser(shop, role).post(page_of(program, "withdraw"))

    assert answer.status_code == status
    is_planned = held(program, at=now() + 15 * DAY)["window_days"] == 7
    assert is_planned is (role == Role.ANALYST)


def test_a_draft_changes_at_once(browser: Client, shop: Shop) -> None:
    draft = ProgramFactory(shop=shop)

    save(browser, draft, window_days=7, rate_bp="12", cap_bp="80")

    draft.refresh_from_db()
    assert (draft.window_days, draft.rate_bp) == (7, 1200)
    assert not EarlierSettings.objects.exists()


def test_a_shorter_notice_of_lower_rates_is_refused_beside_its_field(
    browser: Client, program: Program
) -> None:
    page = save(browser, program, rate_lock_days=29)

    assert "creators joined on their word" in text(page)
    assert Program.objects.get().rate_lock_days == 30
