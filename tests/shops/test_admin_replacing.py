"""A merchant changes a rate from a moment on, in one step (rule R6)."""

from datetime import UTC, datetime

import pytest
import time_machine

from shops.models import Rate
from tests.factories import ProgramFactory, RateFactory
from tests.shops.backoffice import member_browser, moment, page_of, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_ten")]
DECEMBER = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def _at_ten():
    # 10 in the morning in Paris, where the shop is.
    with time_machine.travel("2026-11-28T09:00:00Z", tick=False):
        yield


@pytest.fixture
def program():
    return ProgramFactory(active=True, shop__time_zone="Europe/Paris")


def replace(rate, **fields):
    browser = member_browser(rate.program.shop)
    sent = {**moment("starts_at", "2026-12-01", "10:00:00"), **fields}
    return browser.post(page_of(rate, "replace"), sent, follow=True)


def test_a_rate_is_another_from_a_moment_on(program):
    rate = RateFactory(program=program, rate_bp=1500)

    page = replace(rate, rate_bp="12.5")

    assert "The rate changes at that moment" in text(page)
    before, after = Rate.objects.order_by("pk")
    assert (before.rate_bp, before.ends_at) == (1500, DECEMBER)
    assert (after.rate_bp, after.starts_at, after.ends_at) == (1250, DECEMBER, None)
    assert after.announced_at == before.end_announced_at


def test_an_amount_stays_an_amount(program):
    rate = RateFactory(program=program, flat=True)

    replace(rate, flat_cents="2.50")

    assert Rate.objects.order_by("pk").last().flat_cents == 250


def test_what_cannot_be_changes_nothing(program):
    rate = RateFactory(program=program, rate_bp=1500)

    page = replace(rate, rate_bp="0.5")

    assert "This rate, exclusion or boost cannot be." in text(page)
    assert Rate.objects.get().ends_at is None


def test_another_shops_rate_is_not_there(program):
    browser = member_browser(program.shop)

    assert browser.get(page_of(RateFactory(), "replace")).status_code == 404
