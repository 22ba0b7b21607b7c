"""A merchant plans the end of a program in the admin, with its notice (rule P1)."""

import pytest
import time_machine

from shops.models import Program
from tests.factories import ProgramFactory
from tests.shops.backoffice import member_browser, moment, page_of, text

pytestmark = [
    pytest.mark.django_db,
    # 10 in the morning in Paris, where the shop is.
    pytest.mark.usefixtures("_at_ten"),
]


@pytest.fixture
def _at_ten():
    with time_machine.travel("2026-11-28T09:00:00Z", tick=False):
        yield


@pytest.fixture
def program():
    return ProgramFactory(active=True, shop__time_zone="Europe/Paris")


def plan(program, day, time="10:00:00"):
    browser = member_browser(program.shop)
    return browser.post(
        page_of(program, "plan"), moment("ends_at", day, time), follow=True
    )


def test_an_end_is_planned_15_days_ahead_and_the_program_goes_on(program):
    page = plan(program, "2026-12-13")

    assert "Its end is planned; creators are told." in text(page)
    found = Program.objects.get()
    assert found.ends_at.isoformat() == "2026-12-13T09:00:00+00:00"
    assert found.status == "active"


def test_an_end_without_its_notice_is_refused_with_words(program):
    page = plan(program, "2026-12-13", "09:59:59")

    assert "The end of a program is announced 15 days before." in text(page)
    assert Program.objects.get().ends_at is None


def test_another_shops_program_is_not_there():
    browser = member_browser(ProgramFactory().shop)

    assert browser.get(page_of(ProgramFactory(), "plan")).status_code == 404
