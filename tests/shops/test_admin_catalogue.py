"""Products, categories, groups and messages received, in the admin."""

import pytest
from django.test import Client
from django.utils.timezone import now

from creators.models import GroupMember
from shops.models import (
    Audience,
    Category,
    InboundEvent,
    InboundStatus,
    Product,
    Role,
    Shop,
)
from tests.factories import (
    AudienceFactory,
    CategoryFactory,
    EarlyEventFactory,
    EnrollmentFactory,
    GroupMemberFactory,
    InboundEventFactory,
    ProductFactory,
    ProgramFactory,
    ShopFactory,
)
from tests.shops.backoffice import address, member_browser, page_of, staff_browser, text

pytestmark = pytest.mark.django_db

ADD_PRODUCT = "/admin/shops/product/add/"


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def browser(shop: Shop) -> Client:
    return member_browser(shop)


# ------------------------------------------------------------------ products


def product(shop: Shop, **fields):
    return {"shop": shop.pk, "sku": "SERUM-30", "name": "Serum", **fields}


@pytest.mark.parametrize(
    ("typed", "cents"), [("24", 2400), ("24,90", 2490), ("1 024.5", 102450), ("", None)]
)
def test_a_price_is_written_as_people_write_it(
    browser: Client, shop: Shop, typed: str, cents: int | None
) -> None:
    browser.post(ADD_PRODUCT, product(shop, price=typed, is_active="on"))

    made = Product.objects.get()
    assert (made.price_cents, made.currency, made.is_active) == (cents, "EUR", True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"price": "-1"}, "A price cannot be negative."),
        ({"price": "24.999"}, "Write an amount such as 12.50."),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"sku": ""}, "This field is required."),
    ],
)
def test_a_product_that_cannot_be_is_refused(
    browser: Client, shop: Shop, typed: dict[str, str], said: str
) -> None:
    page = browser.post(ADD_PRODUCT, product(shop, **typed))

    assert said in text(page)
    assert not Product.objects.exists()


def test_a_sku_is_not_taken_twice(browser: Client, shop: Shop) -> None:
    there = ProductFactory(shop=shop, sku="SERUM-30", name="The first")

    page = browser.post(ADD_PRODUCT, product(shop))

    assert "This shop already has this SKU." in text(page)
    there.refresh_from_db()
    assert there.name == "The first"


def test_a_product_keeps_its_sku_and_shows_its_price(
    browser: Client, shop: Shop
) -> None:
    row = ProductFactory(shop=shop, sku="SERUM-30", price_cents=2490)

    assert 'value="24.90"' in text(browser.get(page_of(row)))
    browser.post(page_of(row), product(shop, sku="OTHER", name="Better", price="20"))

    row.refresh_from_db()
    assert (row.sku, row.name, row.price_cents) == ("SERUM-30", "Better", 2000)


# ------------------------------------------------------------------ categories


def test_a_category_cannot_stand_below_itself(browser: Client, shop: Shop) -> None:
    above = CategoryFactory(shop=shop)
    below = CategoryFactory(shop=shop, parent=above)

    page = browser.post(page_of(above), {"slug": above.slug, "parent": below.pk})

    assert page.status_code == 200
    assert "A category cannot stand below itself." in text(page)
    above.refresh_from_db()
    assert above.parent is None


def test_a_category_cannot_stand_below_another_shops(
    browser: Client, shop: Shop
) -> None:
    page = browser.post(
        "/admin/shops/category/add/",
        {"shop": shop.pk, "slug": "care", "parent": CategoryFactory().pk},
    )

    assert "Select a valid choice" in text(page)
    assert not Category.objects.filter(slug="care").exists()


# ------------------------------------------------------------------ groups


def test_a_group_gets_and_loses_creators(browser: Client, shop: Shop) -> None:
    program = ProgramFactory(shop=shop)
    stays = EnrollmentFactory(program=program)
    goes = GroupMemberFactory(
        audience=AudienceFactory(program=program), enrollment__program=program
    )

    answer = browser.post(
        page_of(goes.audience),
        {
            "name": "Gold",
            "members-TOTAL_FORMS": 2,
            "members-INITIAL_FORMS": 1,
            "members-0-id": goes.pk,
            "members-0-audience": goes.audience.pk,
            "members-0-enrollment": goes.enrollment.pk,
            "members-0-DELETE": "on",
            "members-1-audience": goes.audience.pk,
            "members-1-enrollment": stays.pk,
        },
    )

    assert answer.status_code == 302
    inside = GroupMember.objects.filter(GroupMember.inside(now()))
    assert [row.enrollment for row in inside] == [stays]
    page = text(browser.get(page_of(goes.audience)))
    assert str(stays) in page
    assert str(goes.enrollment) not in page


@pytest.mark.parametrize("own_shop", [True, False])
def test_a_group_takes_no_creator_of_another_program(
    browser: Client, shop: Shop, own_shop: bool
) -> None:
    group = AudienceFactory(program__shop=shop)
    elsewhere = EnrollmentFactory(**({"program__shop": shop} if own_shop else {}))

    page = browser.post(
        page_of(group),
        {
            "name": "Gold",
            "members-TOTAL_FORMS": 1,
            "members-INITIAL_FORMS": 0,
            "members-0-audience": group.pk,
            "members-0-enrollment": elsewhere.pk,
        },
    )

    assert page.status_code == 200
    assert not GroupMember.objects.exists()


def test_what_is_made_is_a_group(browser: Client, shop: Shop) -> None:
    program = ProgramFactory(shop=shop)

    browser.post(
        "/admin/shops/audience/add/",
        {"program": program.pk, "name": "Gold", "slug": "gold", "kind": "creator"},
    )

    assert Audience.objects.get(slug="gold").kind == "group"


# ------------------------------------------------------------------ messages received


def failed(shop: Shop) -> InboundEvent:
    return InboundEventFactory(
        shop=shop,
        topic="shop/update",
        status=InboundStatus.FAILED,
        reason="canary",
        body=b'{"email": "buyer@mail.example"}',
    )


def test_a_message_is_tried_again(browser: Client, shop: Shop) -> None:
    event = failed(shop)
    where = page_of(event, "try_again")

    assert browser.get(where).status_code == 200
    event.refresh_from_db()
    assert event.status == InboundStatus.FAILED
    browser.post(where)

    event.refresh_from_db()
    assert event.status == InboundStatus.IGNORED


def test_what_is_still_not_understood_says_so(browser: Client, shop: Shop) -> None:
    event = InboundEventFactory(
        shop=shop, topic="orders/paid", body=b"{", status=InboundStatus.FAILED
    )

    page = browser.post(page_of(event, "try_again"), follow=True)

    assert "It is still not understood." in text(page)


@pytest.mark.parametrize("own", [True, False])
def test_many_messages_are_tried_again_in_the_own_shop(
    browser: Client, shop: Shop, own: bool
) -> None:
    event = failed(shop if own else ShopFactory())

    browser.post(
        "/admin/shops/inboundevent/",
        {"action": "try_many_again", "_selected_action": [event.pk]},
    )

    event.refresh_from_db()
    assert event.status == (InboundStatus.IGNORED if own else InboundStatus.FAILED)


def test_only_managers_try_again_and_read_the_content(shop: Shop) -> None:
    event = failed(shop)
    browsers = {
        "manager": member_browser(shop, Role.MANAGER),
        "analyst": member_browser(shop, Role.ANALYST),
        "support": staff_browser("support"),
    }

    read = {
        who: "buyer@mail.example" in text(each.get(page_of(event)))
        for who, each in browsers.items()
    }
    tried = {
        who: browsers[who].post(page_of(event, "try_again")).status_code
        for who in ("analyst", "support")
    }

    assert read == {"manager": True, "analyst": False, "support": False}
    assert tried == {"analyst": 403, "support": 403}


def test_a_message_is_shown_as_text(browser: Client, shop: Shop) -> None:
    event = InboundEventFactory(
        shop=shop, body=b'{"note": "<script>alert(1)</script>"}', reason="<b>bold</b>"
    )

    page = text(browser.get(page_of(event)))

    assert "&lt;script&gt;" in page
    assert "<script>alert(1)" not in page
    assert "<b>bold</b>" not in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The refund is larger than what is left of the line."),
        ("fr", "Le remboursement dépasse ce qui reste de la ligne."),
    ],
)
def test_why_an_event_waits_is_told_in_the_readers_language(
    browser: Client, shop: Shop, language: str, said: str
) -> None:
    event = EarlyEventFactory(shop=shop, refusal="refund_exceeds_paid")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language

    for page in (address(event, "changelist"), page_of(event)):
        assert said in text(browser.get(page))
