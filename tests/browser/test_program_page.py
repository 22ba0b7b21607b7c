"""The program page, its rates, and a boost's overlaps in a real browser."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from shops.models import Boost, Program
from tests.browser.conftest import PASSWORD
from tests.factories import (
    AudienceFactory,
    BoostFactory,
    CategoryFactory,
    EnrollmentFactory,
    ExclusionFactory,
    MemberFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
    ShopFactory,
    TermsVersionFactory,
    UserFactory,
)
from tests.shops.backoffice import ADD_BOOST, page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, NARROW = 1400, 390
DAY = timedelta(days=1)


@pytest.fixture
def owner():
    return MemberFactory(
        user__password=PASSWORD, user__is_staff=True, shop=ShopFactory(name="Lune")
    )


@pytest.fixture
def program(owner):
    """An active program with every kind of term."""
    at = timezone.now()
    shop = owner.shop
    program = ProgramFactory(shop=shop, active=True, name="Friends of Lune")
    skin = CategoryFactory(shop=shop, slug="skin", name="Skin")
    face = CategoryFactory(shop=shop, slug="face", name="Face", parent=skin)
    gold = AudienceFactory(program=program, name="Gold")
    lea = AudienceFactory(program=program, slug="lea", kind="creator")
    cream = ProductFactory(shop=shop, category=face, name="Night cream")
    RateFactory(program=program, category=skin)
    RateFactory(program=program, category=face, starts_at=at + DAY, rate_bp=1400)
    RateFactory(program=program, audience=gold, rate_bp=1500, ends_at=at + 20 * DAY)
    RateFactory(program=program, audience=lea, product=cream, flat=True)
    for number in range(8):
        product = ProductFactory(shop=shop, name=f"Soap {number}")
        RateFactory(program=program, audience=gold, product=product)
    ExclusionFactory(program=program, product__shop=shop, product__name="Gift card")
    for name, first, last, pct in (
        ("Spring", -50, -40, 150),
        ("Launch", -3, 6, 200),
        ("Gold week", 2, 9, 300),
    ):
        window = {"starts_at": at + first * DAY, "ends_at": at + last * DAY}
        BoostFactory(program=program, name=name, multiplier_pct=pct, **window)
    TermsVersionFactory(program=program)
    return program


def signed_in(visit, owner, path, language="en"):
    window = visit(language, WIDE)
    window.sign_in(owner.user.email, path=path)
    return window


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_program_page_is_whole_wide_and_narrow(visit, owner, program, language):
    window = signed_in(visit, owner, page_of(program), language)

    assert window.faults(WIDE, NARROW) == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_overlap_is_seen_before_it_is_saved(visit, owner, program, language):
    window = signed_in(visit, owner, f"{ADD_BOOST}?program={program.pk}", language)
    page = window.page
    soon = timezone.localtime() + 3 * DAY
    day = "%d/%m/%Y" if language == "fr" else "%Y-%m-%d"
    page.fill("[name=name]", "Flash")
    page.fill("[name=multiplier_pct]", "2")
    for field, moment in (("starts_at", soon), ("ends_at", soon + DAY)):
        page.fill(f"[name={field}_0]", moment.strftime(day))
        page.fill(f"[name={field}_1]", "10:00:00")
    faults = window.faults(WIDE, NARROW)
    page.locator("[name=name]").press("Enter")
    page.wait_for_selector("#overlaps")
    said = page.inner_text("main")
    faults += window.faults(WIDE, NARROW)

    assert "Gold week ×3" in said
    assert "Launch ×2" in said
    assert "Spring" not in said
    assert Boost.objects.count() == 3
    assert faults == []

    page.locator("[name=accepts_overlaps]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector("#preview-title")
    assert Boost.objects.count() == 3
    page.locator(".admin-preview button[name=_save]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/add/" not in url)
    assert Boost.objects.count() == 4


def test_another_shop_reaches_nothing_of_it(visit, owner, program):
    stranger = MemberFactory(user__password=PASSWORD, user__is_staff=True)
    window = signed_in(visit, stranger, "/admin/")
    secrets = ["Friends of Lune", "Gold week", "Night cream", "Skin"]
    boost = Boost.objects.filter(program=program).first()
    answers = []
    for path in (
        page_of(program),
        page_of(boost),
        f"/admin/shops/program/first/{program.pk}/look/",
        "/admin/shops/program/",
        f"/admin/shops/boost/?program__id__exact={program.pk}",
        f"/admin/shops/rate/?program__id__exact={program.pk}",
        "/admin/shops/product/?q=cream",
        "/admin/autocomplete/?app_label=shops&model_name=rate&field_name=product&term=",
        "/admin/autocomplete/?app_label=shops&model_name=boost&field_name=category&term=",
        f"{ADD_BOOST}?program={program.pk}",
    ):
        window.go(path)
        answers.append((path, window.page.content()))

    assert [
        (path, word) for path, said in answers for word in secrets if word in said
    ] == []
    assert Program.objects.count() == 1


@pytest.mark.parametrize("language", ["fr", "en"])
def test_creators_read_the_terms_wide_and_narrow(visit, program, language):
    enrollment = EnrollmentFactory(
        program=program, creator__user=UserFactory(password=PASSWORD)
    )
    path = reverse("portal_terms", args=[program.pk])
    window = signed_in(visit, enrollment.creator, path, language)
    said = window.page.inner_text("main")

    assert "Launch" in said
    assert "Gift card" in said
    assert "Night cream" not in said
    assert window.faults(WIDE, NARROW) == []
