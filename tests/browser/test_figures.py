"""The merchant's first page and the figures in a real browser: whole at any width."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.browser.conftest import PASSWORD
from tests.factories import (
    BoostFactory,
    BudgetFactory,
    CommissionFactory,
    EnrollmentFactory,
    InboundEventFactory,
    OrderLineFactory,
    ProgramFactory,
    ShopFactory,
    VerdictFactory,
)
from tests.shops.backoffice import member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, NARROW = 1400, 390
FIGURES = "/admin/common/user/figures/"


@pytest.fixture
def owner():
    """The owner of a shop with sales, a boost, a budget, and things that wait."""
    program = ProgramFactory(shop=ShopFactory(), active=True, name="Friends")
    at = timezone.now()
    boost = BoostFactory(
        program=program,
        starts_at=at - timedelta(days=3),
        ends_at=at + timedelta(days=4),
    )
    BudgetFactory(program=program, boost=boost)
    BudgetFactory(program=program, boost=None)
    enrollment = EnrollmentFactory(program=program, creator__handle="lea")
    for days in (1, 9):
        line = OrderLineFactory(
            order__shop=program.shop, order__placed_at=at - timedelta(days=days)
        )
        VerdictFactory(line=line, attributed=True, enrollment=enrollment)
        CommissionFactory(line=line, enrollment=enrollment)
    EnrollmentFactory(program=program, status="applied", since=None, asked_at=at)
    InboundEventFactory(shop=program.shop, status="failed", reason="No currency.")
    return _with_password(member(program.shop))


def _with_password(user):
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pages_of_figures_are_whole(visit, owner, language):
    window = visit(language)
    window.sign_in(owner.email, path="/admin/")

    assert window.faults(WIDE, NARROW) == []
    for query in ("", "?by=creator", "?by=boost&period=month"):
        window.go(FIGURES + query)
        assert window.faults(WIDE, NARROW) == []


def test_a_table_is_opened_and_sorted_by_the_keyboard(visit, owner):
    window = visit("en")
    window.sign_in(owner.email, path="/admin/")
    page = window.page

    page.locator("summary").first.press("Enter")
    assert page.locator("details[open] tbody tr").count() == 30
    window.go(FIGURES + "?by=creator")
    page.get_by_role("link", name="Commissions", exact=True).last.press("Enter")
    page.wait_for_url("**sort=-cost**")

    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Comm")


def test_a_new_merchants_page_is_whole(visit):
    window = visit("fr")
    window.sign_in(_with_password(member(ShopFactory())).email, path="/admin/")

    assert window.faults(WIDE, NARROW) == []
