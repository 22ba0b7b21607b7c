"""Members, API keys, webhook secrets and the shop itself in the admin."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from affiliate.common.models import AuditEntry, User
from shops import keys, merchants
from shops.models import ApiKey, Member, Role, Shop, WebhookSecret
from tests.factories import (
    ApiKeyFactory,
    CreatorFactory,
    MemberFactory,
    ShopFactory,
    WebhookSecretFactory,
)
from tests.factories.shops import MOMENT
from tests.shops.backoffice import (
    browser_of,
    member,
    member_browser,
    page_of,
    staff_browser,
    text,
)

pytestmark = pytest.mark.django_db

ADD_MEMBER, ADD_KEY = "/admin/shops/member/add/", "/admin/shops/apikey/add/"
ADD_SECRET = "/admin/shops/webhooksecret/add/"


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def browser(shop: Shop) -> Client:
    return member_browser(shop)


# ------------------------------------------------------------------ members


@pytest.mark.parametrize("known", [True, False])
def test_a_member_is_named_by_address_whoever_it_is(
    browser: Client, shop: Shop, known: bool
) -> None:
    email = CreatorFactory().user.email if known else "new@mail.example"

    answer = browser.post(
        ADD_MEMBER, {"shop": shop.pk, "email": email.upper(), "role": "analyst"}
    )

    made = Member.objects.get(user__email=email)
    assert answer.status_code == 302
    assert (made.shop, made.role, made.user.is_staff) == (shop, "analyst", True)
    assert known or not made.user.has_usable_password()


def test_a_member_cannot_be_put_into_another_shop(browser: Client) -> None:
    page = browser.post(
        ADD_MEMBER,
        {"shop": ShopFactory().pk, "email": "new@mail.example", "role": "owner"},
    )

    assert "Select a valid choice" in text(page)
    assert not User.objects.filter(email="new@mail.example").exists()


def test_a_member_twice_is_refused_beside_the_address(
    browser: Client, shop: Shop
) -> None:
    there = MemberFactory(shop=shop)

    page = browser.post(
        ADD_MEMBER, {"shop": shop.pk, "email": there.user.email, "role": "analyst"}
    )

    assert "This person is already a member." in text(page)
    assert shop.members.filter(user=there.user).count() == 1


def test_the_last_owner_stays(shop: Shop) -> None:
    owner = member(shop)
    own = Member.objects.get(user=owner)
    browser = browser_of(owner)

    demoted = browser.post(page_of(own), {"role": "analyst"})
    removed = browser.post(page_of(own, "remove"), follow=True)

    assert "last owner" in text(demoted)
    assert "last owner" in text(removed)
    own.refresh_from_db()
    assert own.role == Role.OWNER


def test_a_removed_member_no_longer_enters(browser: Client, shop: Shop) -> None:
    leaver = member(shop, Role.MANAGER)
    theirs = browser_of(leaver)
    assert theirs.get("/admin/shops/order/").status_code == 200

    browser.post(page_of(Member.objects.get(user=leaver), "remove"))

    assert theirs.get("/admin/shops/order/").status_code == 302
    leaver.refresh_from_db()
    assert not leaver.is_staff


def test_who_works_for_two_shops_stays_with_the_other(shop: Shop) -> None:
    leaver = member(shop, Role.MANAGER)
    MemberFactory(user=leaver)

    merchants.remove_member(
        Member.objects.get(user=leaver, shop=shop).pk, by=None, at=MOMENT
    )

    leaver.refresh_from_db()
    assert leaver.is_staff


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ANALYST])
def test_only_owners_change_who_works_there(shop: Shop, role: Role) -> None:
    other = MemberFactory(shop=shop, role=Role.ANALYST)
    browser = member_browser(shop, role)

    statuses = {
        browser.post(ADD_MEMBER, {"shop": shop.pk}).status_code,
        browser.post(page_of(other), {"role": "owner"}).status_code,
        browser.post(page_of(other, "remove")).status_code,
    }

    assert statuses <= {403, 404}
    other.refresh_from_db()
    assert other.role == Role.ANALYST


def test_the_members_list_shows_addresses_not_names(
    browser: Client, shop: Shop
) -> None:
    there = MemberFactory(shop=shop, user__name="A private name")

    page = text(browser.get("/admin/shops/member/"))

    assert there.user.email in page
    assert "A private name" not in page


# ------------------------------------------------------------------ API keys


def test_a_key_is_shown_once_and_works(browser: Client, shop: Shop) -> None:
    page = browser.post(
        ADD_KEY, {"shop": shop.pk, "name": "till", "scopes": ["orders:write"]}
    )

    secret = page.context["secret"]
    made = ApiKey.objects.get()
    assert secret in text(page)
    assert keys.authenticate(secret, at=made.created_at) == made
    later = [browser.get(page_of(made)), browser.get("/admin/shops/apikey/")]
    assert all(secret not in text(each) for each in later)
    assert not any(secret in str(row.get_decoded()) for row in Session.objects.all())


def test_a_key_without_scopes_is_refused(browser: Client, shop: Shop) -> None:
    page = browser.post(ADD_KEY, {"shop": shop.pk, "name": "till"})

    assert page.status_code == 200
    assert not ApiKey.objects.exists()


def test_a_member_cannot_make_a_key_of_the_platform(browser: Client) -> None:
    page = browser.post(ADD_KEY, {"shop": "", "scopes": ["orders:write"]})

    assert page.status_code == 200
    assert not ApiKey.objects.exists()


def test_a_revoked_key_opens_nothing(browser: Client, shop: Shop) -> None:
    key = ApiKeyFactory(shop=shop)

    browser.post(page_of(key, "revoke"))

    key.refresh_from_db()
    assert key.revoked_at is not None
    assert "Revoke" not in text(browser.get(page_of(key)))


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ANALYST])
@pytest.mark.parametrize("factory", [ApiKeyFactory, WebhookSecretFactory])
def test_keys_and_secrets_are_the_owners(shop: Shop, role: Role, factory) -> None:
    row = factory(shop=shop)
    browser = member_browser(shop, role)
    lists = page_of(row).rsplit("/", 3)[0] + "/"

    statuses = {
        browser.get(where).status_code
        for where in (lists, f"{lists}add/", page_of(row))
    }

    assert statuses == {403}


# ------------------------------------------------------------------ webhook secrets


def test_a_secret_goes_in_and_never_comes_out(browser: Client, shop: Shop) -> None:
    browser.post(
        ADD_SECRET, {"shop": shop.pk, "system": "shopify", "secret": "canary-s3cret"}
    )

    made = WebhookSecret.objects.get()
    assert made.secret == "canary-s3cret"
    pages = ("/admin/shops/webhooksecret/", page_of(made), page_of(made, "history"))
    assert all("canary-s3cret" not in text(browser.get(each)) for each in pages)
    assert "canary-s3cret" not in str(list(AuditEntry.objects.values()))


def test_a_secret_of_seven_signs_is_refused_and_not_repeated(
    browser: Client, shop: Shop
) -> None:
    page = browser.post(
        ADD_SECRET, {"shop": shop.pk, "system": "shopify", "secret": "seven77"}
    )

    assert "at least 8" in text(page)
    assert "seven77" not in text(page)
    assert not WebhookSecret.objects.exists()


def test_a_secret_of_tiktok_shop_needs_the_key_of_its_app(
    browser: Client, shop: Shop
) -> None:
    values = {"shop": shop.pk, "system": "tiktok_shop", "secret": "canary-s3cret"}
    page = browser.post(ADD_SECRET, values)

    assert "key:secret" in text(page)
    assert "canary-s3cret" not in text(page)
    assert not WebhookSecret.objects.exists()

    browser.post(ADD_SECRET, {**values, "secret": "6f4k3y:canary-s3cret"})

    assert WebhookSecret.objects.get().system == "tiktok_shop"


def test_an_ended_secret_is_no_longer_accepted(browser: Client, shop: Shop) -> None:
    row = WebhookSecretFactory(shop=shop)

    browser.post(page_of(row, "end"))

    row.refresh_from_db()
    assert row.ends_at is not None
    assert not merchants.live_webhook_secrets(shop, "shopify", at=row.ends_at)


# ------------------------------------------------------------------ the shop


def test_an_owner_renames_the_shop_and_cannot_move_its_books(
    browser: Client, shop: Shop
) -> None:
    browser.post(
        page_of(shop),
        {"name": "New name", "hosts": "new.example", "currency": "JPY", "slug": "x"},
    )

    shop.refresh_from_db()
    assert (shop.name, shop.hosts, shop.currency) == (
        "New name",
        ["new.example"],
        "EUR",
    )
    assert AuditEntry.objects.get(action="shop.changed").chain == f"shop:{shop.pk}"


def test_members_open_no_shops(browser: Client) -> None:
    assert browser.get("/admin/shops/shop/add/").status_code == 403
    assert (
        staff_browser("administrator").get("/admin/shops/shop/add/").status_code == 200
    )
