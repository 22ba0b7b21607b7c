"""What moves money or opens doors asks for the password again (safety.md §4)."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from payouts.models import RunStatus
from tests.factories import PayoutFactory, RunFactory, ShopFactory
from tests.factories.shops import MOMENT
from tests.shops.backoffice import browser_of, member, page_of, staff_member

pytestmark = pytest.mark.django_db

PASSWORD = "long enough for anybody"
WINDOW = timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def with_password(user) -> Client:
    user.set_password(PASSWORD)
    user.save()
    return browser_of(user, gave_password=False)


def asks_for_password(answer) -> bool:
    is_away = answer.status_code == 302
    return is_away and answer["Location"].startswith("/accounts/reauthenticate/?next=")


@pytest.fixture
def clock():
    with time_machine.travel(MOMENT, tick=False) as clock:
        yield clock


@pytest.fixture
def finance(clock) -> Client:
    return with_password(staff_member("finance"))


@pytest.mark.parametrize("step", ["approve", "send", "file"])
def test_money_asks_for_the_password(finance, step):
    run = RunFactory(status=RunStatus.DRAFT)

    assert asks_for_password(finance.get(page_of(run, step)))
    assert asks_for_password(finance.post(page_of(run, step)))
    run.refresh_from_db()
    assert run.status == RunStatus.DRAFT


def test_looking_does_not(finance):
    run = RunFactory(status=RunStatus.DRAFT)

    assert finance.get(page_of(run)).status_code == 200
    assert finance.get(page_of(run, "drop")).status_code == 200


def test_a_return_asks_for_the_password(finance):
    assert asks_for_password(
        finance.get(page_of(PayoutFactory(sent=True), "mark_returned"))
    )


@pytest.mark.parametrize("model", ["apikey", "webhooksecret"])
def test_new_secrets_ask_for_the_password(model, clock):
    owner = with_password(member(ShopFactory()))

    assert asks_for_password(owner.get(f"/admin/shops/{model}/add/"))


def test_once_given_it_holds_for_fifteen_minutes_and_leads_back(finance, clock):
    run = RunFactory(status=RunStatus.DRAFT)
    there = page_of(run, "approve")
    asked = finance.get(there)["Location"]
    back = finance.post(asked, {"password": PASSWORD})

    assert back["Location"] == there
    clock.shift(WINDOW - timedelta(seconds=1))
    assert finance.get(there).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert asks_for_password(finance.get(there))


def test_a_wrong_password_opens_nothing(finance):
    there = page_of(RunFactory(status=RunStatus.DRAFT), "approve")
    asked = finance.get(there)["Location"]

    answer = finance.post(asked, {"password": PASSWORD + "!"})

    assert answer.status_code == 200
    assert asks_for_password(finance.get(there))
