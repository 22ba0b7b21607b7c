"""Nothing of another shop, by any way that names a row."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from shops.admin.scope import MerchantScopedAdmin
from shops.models import Role, Shop, TableImport
from tests import factories
from tests.factories import (
    AudienceFactory,
    CategoryFactory,
    CommissionFactory,
    EnrollmentFactory,
    ProductFactory,
    ProgramFactory,
    ShopFactory,
)
from tests.shops.backoffice import (
    address,
    browser_of,
    member,
    member_browser,
    page_of,
    staff_member,
    text,
)

pytestmark = pytest.mark.django_db

PAGES = {
    row.opts.label: row
    for row in admin.site._registry.values()
    if isinstance(row, MerchantScopedAdmin)
}
SHOPS_OWN = {label: row for label, row in PAGES.items() if row.shop_path}
PLATFORMS = {label: row for label, row in PAGES.items() if not row.shop_path}
each_of_a_shop = pytest.mark.parametrize("label", sorted(SHOPS_OWN))
MISSING = 10**9


@pytest.fixture
def shop() -> Shop:
    return ShopFactory()


@pytest.fixture
def browser(shop: Shop) -> Client:
    return member_browser(shop)


def made(label: str) -> Any:
    return getattr(factories, f"{PAGES[label].model.__name__}Factory")()


def shop_of(row: Any, label: str) -> Shop:
    return Shop.objects.get(pk=SHOPS_OWN[label].shop_of(row))


def owner_browser(row: Any, label: str) -> Client:
    """Return a browser of an owner of the row's shop, who brought it if a table."""
    person = member(shop_of(row, label))
    if isinstance(row, TableImport):
        row.by = person
        row.save()
    return browser_of(person)


def listed(client: Client, page: MerchantScopedAdmin) -> list[Any] | None:
    """Return the rows of a list, or None where it does not open."""
    answer = client.get(address(page, "changelist"))
    return list(answer.context["cl"].result_list) if answer.status_code == 200 else None


def test_every_page_of_the_admin_is_scoped() -> None:
    assert set(PAGES) == {row.opts.label for row in admin.site._registry.values()}
    assert len(SHOPS_OWN) > 15


@each_of_a_shop
def test_an_owner_sees_the_rows_of_the_own_shop(label: str) -> None:
    row = made(label)

    rows = listed(owner_browser(row, label), PAGES[label])

    assert row in (rows or [])


@each_of_a_shop
def test_an_owner_sees_no_row_of_another_shop(browser: Client, label: str) -> None:
    row = made(label)

    rows = listed(browser, PAGES[label])

    assert rows is None or row not in rows


@pytest.mark.parametrize("label", sorted(PLATFORMS.keys() - {"common.AuditEntry"}))
def test_the_platforms_own_lists_do_not_open_for_members(
    browser: Client, label: str
) -> None:
    made(label)

    assert listed(browser, PAGES[label]) is None


@each_of_a_shop
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_foreign_id_is_answered_like_a_missing_one(
    browser: Client, label: str, method: str
) -> None:
    page, row = PAGES[label], made(label)
    pages = ("change", "history", "delete", *page.actions_detail)

    def answers(pk: Any) -> list[tuple[int, str]]:
        found = (getattr(browser, method)(address(page, each, pk)) for each in pages)
        return [(each.status_code, each.get("Location", "")) for each in found]

    foreign, missing = answers(row.pk), answers(MISSING)

    assert foreign == missing
    assert {status for status, _ in foreign} <= {403, 404, 405}


@each_of_a_shop
def test_the_own_row_opens(label: str) -> None:
    row = made(label)

    answer = owner_browser(row, label).get(page_of(row))

    assert answer.status_code == 200


CHOICES = [
    ("rate", "product", ProductFactory),
    ("rate", "category", CategoryFactory),
    ("rate", "audience", AudienceFactory),
    ("boost", "product", ProductFactory),
    ("exclusion", "category", CategoryFactory),
    ("product", "category", CategoryFactory),
]


@pytest.mark.parametrize(("model", "field", "factory"), CHOICES)
def test_what_is_found_by_typing_is_the_own_shops(
    shop: Shop, browser: Client, model: str, field: str, factory: Any
) -> None:
    where = {"program": ProgramFactory(shop=shop)}
    own = factory(**(where if factory is AudienceFactory else {"shop": shop}))
    foreign = factory()

    answer = browser.get(
        "/admin/autocomplete/",
        {"app_label": "shops", "model_name": model, "field_name": field, "term": ""},
    )

    found = {int(row["id"]) for row in answer.json()["results"]}
    assert own.pk in found
    assert foreign.pk not in found


def test_members_of_a_group_are_found_among_own_enrollments(
    shop: Shop, browser: Client
) -> None:
    own = EnrollmentFactory(program__shop=shop)
    foreign = EnrollmentFactory()

    answer = browser.get(
        "/admin/autocomplete/",
        {
            "app_label": "creators",
            "model_name": "groupmember",
            "field_name": "enrollment",
            "term": "",
        },
    )

    found = {int(row["id"]) for row in answer.json()["results"]}
    assert (own.pk in found, foreign.pk in found) == (True, False)


def test_a_filter_offers_own_rows_only(shop: Shop, browser: Client) -> None:
    own = [ProgramFactory(shop=shop) for _ in range(2)]
    foreign = ProgramFactory(name="Foreign-canary")
    CommissionFactory(enrollment__program=own[0])

    page = browser.get("/admin/payouts/commission/")

    assert own[1].name in text(page)
    assert foreign.name not in text(page)


@pytest.mark.parametrize("own", [True, False])
def test_a_filter_put_into_the_address_finds_own_rows_only(
    shop: Shop, browser: Client, own: bool
) -> None:
    sale = CommissionFactory(**({"enrollment__program__shop": shop} if own else {}))

    page = browser.get(
        f"/admin/payouts/commission/?program__id__exact={sale.program_id}"
    )

    assert list(page.context["cl"].result_list) == ([sale] if own else [])
    assert own or sale.program.name not in text(page)


def test_a_form_offers_own_rows_only(shop: Shop, browser: Client) -> None:
    own, foreign = ProgramFactory(shop=shop), ProgramFactory()

    page = browser.get("/admin/shops/rate/add/")

    offered = page.context["adminform"].form.fields["program"].queryset
    assert list(offered) == [own]
    assert foreign.name not in text(page)


@pytest.mark.parametrize("field", ["program", "product", "audience"])
def test_an_id_put_into_the_address_of_a_form_names_nothing_foreign(
    browser: Client, shop: Shop, field: str
) -> None:
    foreign = {
        "program": ProgramFactory,
        "product": ProductFactory,
        "audience": AudienceFactory,
    }[field](name="Foreign-canary")

    page = browser.get(f"/admin/shops/rate/add/?{field}={foreign.pk}")

    assert page.status_code == 200
    assert foreign.name not in text(page)


def test_an_analyst_of_one_shop_who_owns_another_writes_in_that_one_only() -> None:
    looks_at, owns = ShopFactory(), ShopFactory()
    person = member(owns)
    factories.MemberFactory(shop=looks_at, user=person, role=Role.ANALYST)
    browser = browser_of(person)
    mine, theirs = ProgramFactory(shop=owns), ProgramFactory(shop=looks_at)

    page = browser.get("/admin/shops/rate/add/")

    assert list(page.context["adminform"].form.fields["program"].queryset) == [mine]
    assert browser.get(page_of(theirs)).status_code == 200
    assert browser.post(page_of(theirs, "pause")).status_code == 403


def test_who_works_for_nobody_finds_nothing() -> None:
    person = factories.UserFactory(is_staff=True)
    made("shops.Order")

    browser = browser_of(person)

    assert browser.get("/admin/shops/order/").status_code == 403
    assert browser.get("/admin/").status_code == 200


def test_a_creator_does_not_enter() -> None:
    creator = factories.CreatorFactory()

    answer = browser_of(creator.user).get("/admin/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_members_read_their_own_audit_trail_only(shop: Shop, browser: Client) -> None:
    own = factories.AuditEntryFactory(chain=f"shop:{shop.pk}")
    factories.AuditEntryFactory(chain=f"shop:{ShopFactory().pk}")
    factories.AuditEntryFactory()

    assert listed(browser, PAGES["common.AuditEntry"]) == [own]


def test_the_trail_names_colleagues_and_hides_the_platforms_people(
    shop: Shop, browser: Client
) -> None:
    colleague, ours = member(shop, Role.MANAGER), staff_member("finance")
    for actor in (colleague, ours):
        factories.AuditEntryFactory(
            chain=f"shop:{shop.pk}", actor=actor, actor_label=f"user:{actor.pk}"
        )

    page = text(browser.get("/admin/common/auditentry/"))

    assert str(colleague) in page
    assert "the platform" in page
    assert ours.email not in page
