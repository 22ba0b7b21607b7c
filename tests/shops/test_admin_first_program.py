"""The wizard for a first program through its pages."""

import re

import pytest
from django.urls import reverse

from affiliate import staff
from shops import first_program
from shops.models import Boost, Program, ProgramStatus, Role
from tests.factories import CategoryFactory, ProductFactory, ShopFactory
from tests.factories.shops import MOMENT
from tests.shops.backoffice import member_browser, staff_browser, text

pytestmark = pytest.mark.django_db
TERMS = {
    "name": "Friends",
    "rate_bp": "10",
    "enrollment": "open",
    "countries": "FR",
}
GOODS = {"products": "", "notice": ""}
LAUNCH = {"multiplier_pct": "200", "name": "Launch", "days": "7"}


@pytest.fixture
def shop():
    return ShopFactory()


@pytest.fixture
def browser(shop):
    return member_browser(shop)


@pytest.fixture
def program(shop):
    facts = {"name": "Friends", "rate_bp": 1000, "countries": ["FR"]}
    return first_program.begin(shop, facts, at=MOMENT)


def step(program, name):
    return reverse("admin:first_program_step", args=[program.pk, name])


def test_five_steps_lead_to_an_active_program_with_a_boost(browser, shop):
    start = reverse("admin:first_program")
    answer = browser.post(start, {"shop": shop.pk, **TERMS})
    program = Program.objects.get()
    assert answer["Location"] == step(program, "goods")
    for name, sent in (("goods", GOODS), ("launch", LAUNCH), ("text", {"text": "Ok."})):
        assert browser.post(step(program, name), sent).status_code == 302

    answer = browser.post(step(program, "look"))

    assert answer["Location"] == f"/admin/shops/program/{program.pk}/change/"
    program.refresh_from_db()
    assert program.status == ProgramStatus.ACTIVE
    assert Boost.objects.get().multiplier_pct == 200


@pytest.mark.parametrize("name", first_program.STEPS)
def test_every_step_can_be_left_and_come_back_to(browser, program, name):
    page = browser.get(step(program, name))

    assert page.status_code == 200
    assert f"Step {first_program.STEPS.index(name) + 1} of 5" in text(page)


def test_a_sku_may_have_blanks_within(browser, program):
    ProductFactory(shop=program.shop, sku="BLUE SOAP")
    ProductFactory(shop=program.shop, sku="SERUM")
    sent = {**GOODS, "products": " BLUE SOAP \r\n\r\nSERUM\r\nSERUM"}

    answer = browser.post(step(program, "goods"), sent)

    assert answer.status_code == 302
    held = program.exclusions.order_by("product__sku")
    assert [each.product.sku for each in held] == ["BLUE SOAP", "SERUM"]


def test_a_draft_is_found_again(browser, program):
    page = browser.get(reverse("admin:first_program"))

    assert step(program, "goods") in text(page)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rate_bp": "90"}, "A rate lies between"),
        ({"rate_bp": "ten"}, "Write a number such as"),
        ({"name": ""}, "This field is required."),
        ({"countries": "France"}, "at most 2 characters"),
    ],
)
def test_terms_that_cannot_be_are_refused_in_words(browser, shop, wrong, said):
    page = browser.post(
        reverse("admin:first_program"), {"shop": shop.pk, **TERMS, **wrong}
    )

    assert said in text(page)
    assert not Program.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"days": "0"}, "From 1 to 365."),
        ({"product": "NO-SUCH"}, "This is not in the shop"),
        ({"budget_cents": "a lot"}, "Write an amount such as"),
        ({"starts_at_0": "2020-01-01", "starts_at_1": "00:00"}, "starts in the future"),
    ],
)
def test_a_launch_that_cannot_be_is_refused_in_words(browser, program, wrong, said):
    page = browser.post(step(program, "launch"), {**LAUNCH, **wrong})

    assert said in text(page)
    program.plan.refresh_from_db()
    assert program.plan.launch is None


def test_a_closed_gate_says_what_why_and_the_way_out(browser, program):
    browser.post(step(program, "goods"), {**GOODS, "codes": ["NICOTINE"]})

    page = browser.post(step(program, "look"), follow=True)

    said = text(page)
    assert "The program cannot open yet" in said
    assert said.count("Tobacco, vapes and nicotine: may not be promoted here") == 1
    assert "Restricted goods: something is missing." in said
    assert "L3512-4" in said
    assert "Take these goods out" in said
    program.refresh_from_db()
    assert program.status == ProgramStatus.DRAFT


@pytest.mark.parametrize(
    ("code", "is_offered"), [("NICOTINE", False), ("LHF", False), ("CRYPTO", True)]
)
def test_a_proof_is_offered_only_where_it_opens_the_gate(
    browser, program, code, is_offered
):
    browser.post(step(program, "goods"), {**GOODS, "codes": [code]})

    said = text(browser.get(step(program, "look")))

    link = f"/admin/shops/licence/add/?shop={program.shop_id}&amp;code={code}"
    assert "The program cannot open yet" in said
    assert (link in said) == is_offered
    assert ("Enter a licence or a proof" in said) == is_offered


def test_a_gate_is_said_to_who_opens_without_the_step_of_goods(browser, program):
    CategoryFactory(shop=program.shop, gate_codes=["NICOTINE"])

    said = text(browser.post(step(program, "look"), follow=True))

    assert said.count("Tobacco, vapes and nicotine: may not be promoted here") == 1


def test_a_closed_gate_leads_to_the_goods(browser, program):
    browser.post(step(program, "goods"), {**GOODS, "codes": ["NICOTINE"]})

    words = "Change goods, platforms or notice"
    assert words in text(browser.get(step(program, "look")))
    assert words not in text(browser.get(step(program, "goods")))


def test_platforms_that_are_named_leave_the_others_rules_out(browser, program):
    goods = {**GOODS, "codes": ["WEIGHT_LOSS"], "platforms": ["youtube"]}
    browser.post(step(program, "goods"), goods)

    said = text(browser.get(step(program, "goods")))

    assert program.restriction.platforms == ["youtube"]
    assert "TikTok branded content policy" not in said
    assert re.search(r'value="youtube"[^>]* checked', said)


def test_another_shop_reaches_no_draft_and_sees_none(program):
    stranger = member_browser(ShopFactory())

    for name in first_program.STEPS:
        assert stranger.get(step(program, name)).status_code == 404
        assert stranger.post(step(program, name), TERMS).status_code == 404
    page = stranger.get(reverse("admin:first_program"))
    assert step(program, "goods") not in text(page)


def test_another_shop_is_not_a_choice(program, shop):
    stranger = member_browser(ShopFactory())

    page = stranger.post(reverse("admin:first_program"), {"shop": shop.pk, **TERMS})

    assert page.status_code == 200
    assert Program.objects.get() == program


def test_who_only_reads_makes_no_program(shop, program):
    analyst = member_browser(shop, Role.ANALYST)

    assert analyst.get(reverse("admin:first_program")).status_code == 403
    assert analyst.get(step(program, "goods")).status_code == 403


def test_an_unknown_step_is_missing(browser, program):
    assert browser.get(step(program, "x")).status_code == 404


def test_staff_choose_the_shop(shop):
    ShopFactory()

    page = staff_browser(staff.ADMINISTRATOR).get(reverse("admin:first_program"))

    assert shop.name in text(page)
