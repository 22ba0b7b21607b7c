"""Who waits for a shop's decision, and the buttons that decide."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from creators.models import Enrollment
from shops.models import Role, Shop
from tests.factories import (
    EnrollmentFactory,
    ShopFactory,
    TermsAcceptanceFactory,
    TermsVersionFactory,
)
from tests.factories.shops import MOMENT
from tests.shops.backoffice import member_browser, page_of, text

pytestmark = pytest.mark.django_db
NO = {"reason": "Too few videos.", "may_apply_again": "later", "after_days": "90"}


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def browser(shop: Shop) -> Client:
    return member_browser(shop)


def enrolled(shop: Shop, **fields: Any) -> Enrollment:
    made: Enrollment = EnrollmentFactory(
        program__shop=shop, creator__eligible=True, **fields
    )
    return made


def test_an_applicant_is_taken_in_once_confirmed(browser: Client, shop: Shop) -> None:
    waiting = enrolled(shop, applied=True)
    where = page_of(waiting, "approve")

    assert "Take this creator into the program?" in text(browser.get(where))
    waiting.refresh_from_db()
    assert waiting.status == "applied"
    assert "The creator is in." in text(browser.post(where, follow=True))

    waiting.refresh_from_db()
    assert waiting.status == "active"


def test_a_rejection_asks_for_words_and_for_the_next_time(
    browser: Client, shop: Shop
) -> None:
    waiting = enrolled(shop, applied=True)
    where = page_of(waiting, "reject")

    for fault in ({"reason": ""}, {"after_days": ""}, {"after_days": "0"}):
        assert browser.post(where, {**NO, **fault}).status_code == 200
    waiting.refresh_from_db()
    assert waiting.status == "applied"
    browser.post(where, NO)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason) == ("rejected", "Too few videos.")
    assert waiting.again_at is not None


def test_a_creator_is_let_go_with_words(browser: Client, shop: Shop) -> None:
    enrollment = enrolled(shop)

    browser.post(page_of(enrollment, "end"), {"reason": "Bye."})

    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.reason) == ("ended", "Bye.")


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("applied", {"approve", "reject"}),
        ("invited", {"reject"}),
        ("active", {"end"}),
        ("rejected", set()),
        ("ended", set()),
    ],
)
def test_the_page_shows_the_buttons_of_its_state(
    browser: Client, shop: Shop, state: str, buttons: set[str]
) -> None:
    row = enrolled(shop, **({} if state == "active" else {state: True}))

    page = text(browser.get(page_of(row)))

    shown = {name for name in ("approve", "reject", "end") if f"/{name}" in page}
    assert shown == buttons


@pytest.mark.parametrize("step", ["approve", "reject", "end"])
def test_another_shops_applicants_are_not_there(browser: Client, step: str) -> None:
    row = EnrollmentFactory(applied=True)

    assert browser.post(page_of(row, step), NO).status_code == 404

    row.refresh_from_db()
    assert row.status == "applied"


def test_an_analyst_does_not_decide(shop: Shop) -> None:
    row = enrolled(shop, applied=True)
    browser = member_browser(shop, Role.ANALYST)

    assert browser.post(page_of(row, "approve")).status_code == 403
    assert "/approve" not in text(browser.get(page_of(row)))

    row.refresh_from_db()
    assert row.status == "applied"


def test_who_has_yet_to_accept_the_terms_is_marked(browser: Client, shop: Shop) -> None:
    row = enrolled(shop)
    assert "not accepted yet" not in text(browser.get(page_of(row)))

    TermsVersionFactory(program=row.program)

    assert "not accepted yet" in text(browser.get(page_of(row)))


@pytest.mark.parametrize("accepted", [1, 2])
def test_whose_yes_is_to_an_older_text_is_told_before_and_after_the_approval(
    browser: Client, shop: Shop, accepted: int
) -> None:
    waiting = enrolled(shop, applied=True)
    first = TermsVersionFactory(program=waiting.program)
    second = TermsVersionFactory(
        program=waiting.program,
        number=2,
        published_at=MOMENT - timedelta(days=15),
        in_force_from=MOMENT,
    )
    version = {1: first, 2: second}[accepted]
    TermsAcceptanceFactory(enrollment=waiting, version=version)
    where = page_of(waiting, "approve")

    asked = text(browser.get(where))
    browser.post(where)
    taken_in = text(browser.get(page_of(waiting)))

    is_waiting = accepted == 1
    assert ("not accepted yet" in asked) is is_waiting
    assert ("not accepted yet" in taken_in) is is_waiting
    waiting.refresh_from_db()
    assert waiting.status == "active"
