"""What the database refuses of shops, their people and keys, and their catalogue."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.factories.common import UserFactory
from tests.factories.shops import (
    MOMENT,
    ApiKeyFactory,
    AudienceFactory,
    CategoryFactory,
    MemberFactory,
    ProductFactory,
    ProgramFactory,
    ShopFactory,
    WebhookSecretFactory,
)
from tests.shops.refusals import is_refused, make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("factory", "base", "fault"),
    [
        pytest.param(
            ShopFactory,
            {"currency": "EUR"},
            {"currency": "eur"},
            marks=pytest.mark.breaks("shop_currency_is_iso"),
        ),
        pytest.param(
            ShopFactory,
            {"country": "FR"},
            {"country": "F1"},
            marks=pytest.mark.breaks("shop_country_is_iso"),
        ),
        pytest.param(
            MemberFactory,
            {"role": "owner"},
            {"role": "king"},
            marks=pytest.mark.breaks("member_role_is_known"),
        ),
        pytest.param(
            ApiKeyFactory,
            {"created_at": MOMENT, "expires_at": MOMENT + DAY},
            {"expires_at": MOMENT},
            marks=pytest.mark.breaks("api_key_expires_after_it_is_made"),
        ),
        pytest.param(
            ProductFactory,
            {"price_cents": 0},
            {"price_cents": -1},
            marks=pytest.mark.breaks("product_price_is_not_negative"),
        ),
        pytest.param(
            WebhookSecretFactory,
            {"system": "tiktok_shop", "secret": "6f4k3y:s3cret"},
            {"secret": "s3cret"},
            marks=pytest.mark.breaks("tiktok_shop_secret_has_its_app_key"),
        ),
    ],
)
def test_a_row_is_refused_for_one_difference(factory, base, fault):
    is_refused(factory, base, fault)


# ------------------------------------------------------------------ two alike


@pytest.mark.parametrize(
    ("factory", "same", "other"),
    [
        pytest.param(
            ShopFactory,
            {"slug": "lune"},
            {"slug": "mars"},
            marks=pytest.mark.breaks("shop_slug_is_unique"),
        ),
        pytest.param(
            ProgramFactory,
            {"slug": "main"},
            {"slug": "other"},
            marks=pytest.mark.breaks("program_slug_is_unique"),
        ),
        pytest.param(
            ApiKeyFactory,
            {"secret_hash": "a" * 64},
            {"secret_hash": "b" * 64},
            marks=pytest.mark.breaks("api_key_is_unique"),
        ),
    ],
)
def test_two_rows_cannot_be_alike(factory, same, other):
    make(factory, same)

    is_refused(factory, other, same)


@pytest.mark.parametrize(
    ("factory", "owner", "owner_factory", "same", "other"),
    [
        pytest.param(
            MemberFactory,
            "shop",
            ShopFactory,
            "user",
            (UserFactory, UserFactory),
            marks=pytest.mark.breaks("member_once_per_shop"),
        ),
        pytest.param(
            WebhookSecretFactory,
            "shop",
            ShopFactory,
            "secret",
            ("a", "b"),
            marks=pytest.mark.breaks("webhook_secret_once"),
        ),
        pytest.param(
            CategoryFactory,
            "shop",
            ShopFactory,
            "slug",
            ("care", "hair"),
            marks=pytest.mark.breaks("category_slug_is_unique_in_shop"),
        ),
        pytest.param(
            ProductFactory,
            "shop",
            ShopFactory,
            "sku",
            ("A", "B"),
            marks=pytest.mark.breaks("product_sku_is_unique_in_shop"),
        ),
        pytest.param(
            AudienceFactory,
            "program",
            ProgramFactory,
            "slug",
            ("gold", "silver"),
            marks=pytest.mark.breaks("audience_slug_is_unique_in_program"),
        ),
    ],
)
def test_two_rows_of_one_owner_cannot_be_alike(
    factory, owner, owner_factory, same, other
):
    its = owner_factory()
    taken, free = (each() if callable(each) else each for each in other)
    make(factory, {owner: its, same: taken})

    is_refused(factory, {owner: its, same: free}, {same: taken})
    make(factory, {same: taken})  # of another owner


@pytest.mark.breaks("product_category_is_of_its_shop")
def test_a_products_category_is_of_its_shop():
    shop = ShopFactory()

    is_refused(
        ProductFactory,
        {"shop": shop, "category": CategoryFactory(shop=shop)},
        {"category": CategoryFactory()},
    )


# ------------------------------------------------------------------ categories


@pytest.mark.breaks("category_parent_is_of_its_shop")
def test_a_category_is_below_one_of_its_shop():
    shop = ShopFactory()

    is_refused(
        CategoryFactory,
        {"shop": shop, "parent": CategoryFactory(shop=shop)},
        {"parent": CategoryFactory()},
    )


@pytest.mark.breaks("category_is_not_its_own_parent")
def test_a_category_is_not_below_itself():
    category = CategoryFactory()

    is_refused(
        CategoryFactory,
        {"id": category.pk + 1000, "shop": category.shop, "parent": category},
        {"parent_id": category.pk + 1000, "parent": None},
    )


@pytest.mark.breaks("category_is_a_tree")
def test_a_category_is_not_below_its_own_branch():
    top = CategoryFactory()
    middle = CategoryFactory(shop=top.shop, parent=top)
    leaf = CategoryFactory(shop=top.shop, parent=middle)
    middle.parent = None
    middle.save(update_fields=["parent"])
    middle.parent = top
    middle.save(update_fields=["parent"])
    top.parent = leaf

    with pytest.raises(IntegrityError), transaction.atomic():
        top.save(update_fields=["parent"])
