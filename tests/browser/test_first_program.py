"""A new merchant opens a program in a real browser, by hand and by keyboard."""

import sys

import pytest
from django.urls import reverse

from shops import first_program
from shops.models import Boost, Program, ProgramStatus
from tests.browser.conftest import PASSWORD
from tests.factories import CategoryFactory, MemberFactory, ShopFactory
from tests.factories.shops import MOMENT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, NARROW = 1400, 390
# A slow hand: a second to find and press a button, a fifth of one for each sign typed,
# and ten seconds to read each page that it has not seen before.
CLICK_S, SIGN_S, PAGE_S = 1.0, 0.2, 10.0
MOST_S = 120


@pytest.fixture
def owner():
    return MemberFactory(
        user__password=PASSWORD,
        user__is_staff=True,
        shop=ShopFactory(name="Lune", country="FR"),
    )


class Hand:
    """Fills a page as a person does, and counts what that takes."""

    def __init__(self, window):
        self.window, self.page = window, window.page
        self.clicks = self.signs = self.pages = 0

    @property
    def seconds(self):
        return self.clicks * CLICK_S + self.signs * SIGN_S + self.pages * PAGE_S

    def type(self, name, words):
        self.clicks += 1
        self.signs += len(words)
        self.page.fill(f"[name={name}]", words)

    def tick(self, name, value):
        self.clicks += 1
        self.page.check(f"[name={name}][value={value}]")

    def press(self, words):
        self.clicks += 1
        self.pages += 1
        self.page.get_by_role("button", name=words).click()
        self.page.wait_for_load_state()


def signed_in(visit, owner, language="en", width=WIDE, path="/admin/"):
    window = visit(language, width)
    window.sign_in(owner.user.email, path=path)
    return window


def test_a_new_merchant_opens_a_program_with_a_double_boost_in_two_minutes(
    visit, owner, capsys
):
    window = signed_in(visit, owner)
    hand = Hand(window)
    hand.clicks, hand.signs, hand.pages = 3, len(owner.user.email) + len(PASSWORD), 2
    window.page.get_by_role("link", name="Make your first program").click()
    hand.clicks, hand.pages = hand.clicks + 1, hand.pages + 1

    hand.type("name", "Friends of Lune")
    hand.type("countries", "FR")
    for _step in ("terms", "goods", "launch", "text"):
        hand.press("Save and go on")
    hand.press("Open the program")

    assert Program.objects.get().status == ProgramStatus.ACTIVE
    assert Boost.objects.get().multiplier_pct == 200
    with capsys.disabled():
        sys.stdout.write(
            f"\n{hand.clicks} clicks, {hand.signs} signs: {hand.seconds:.0f} s\n"
        )
    assert hand.seconds < MOST_S


def test_a_closed_gate_refuses_politely_and_keeps_the_draft(visit, owner):
    window = signed_in(visit, owner, path=reverse("admin:first_program"))
    hand = Hand(window)
    hand.type("name", "Clouds")
    hand.type("countries", "FR")
    hand.press("Save and go on")
    hand.tick("codes", "NICOTINE")
    for _step in ("goods", "launch", "text"):
        hand.press("Save and go on")
    hand.press("Open the program")

    said = window.page.inner_text("main")
    assert "Tobacco, vapes and nicotine: may not be promoted here" in said
    assert "Take these goods out" in said
    assert Program.objects.get().status == ProgramStatus.DRAFT
    assert window.faults(WIDE, NARROW) == []


def test_the_keyboard_alone_opens_a_program(visit, owner):
    window = signed_in(visit, owner, path=reverse("admin:first_program"))
    page = window.page
    page.locator("[name=name]").focus()
    page.keyboard.type("Friends")
    page.keyboard.press("Enter")
    for name in first_program.STEPS[1:]:
        page.wait_for_url(f"**/{name}/")
        page.get_by_role("button", name="Save and go on").or_(
            page.get_by_role("button", name="Open the program")
        ).focus()
        page.keyboard.press("Enter")
    page.wait_for_url("**/change/")

    assert Program.objects.get().status == ProgramStatus.ACTIVE


def test_the_back_button_finds_what_was_saved(visit, owner):
    window = signed_in(visit, owner, path=reverse("admin:first_program"))
    hand = Hand(window)
    hand.type("name", "Friends")
    hand.press("Save and go on")
    window.page.get_by_role("link", name="Back").click()

    assert window.page.input_value("[name=name]") == "Friends"
    hand.press("Save and go on")
    assert Program.objects.count() == 1


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_step_is_whole_wide_and_narrow(visit, owner, language):
    CategoryFactory(shop=owner.shop, slug="hair")
    window = signed_in(visit, owner, language)
    window.go(reverse("admin:first_program"))
    faults = window.faults(WIDE, NARROW)
    facts = {"name": "Friends", "rate_bp": 1000, "countries": ["FR"]}
    program = first_program.begin(owner.shop, facts, at=MOMENT)
    for name in first_program.STEPS:
        window.go(reverse("admin:first_program_step", args=[program.pk, name]))
        faults += window.faults(WIDE, NARROW)

    assert faults == []
