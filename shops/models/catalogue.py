from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shops.models.merchants import Shop


class Category(models.Model):
    """A branch of a shop's catalogue; rates reach a branch and all below it."""

    shop = models.ForeignKey(
        Shop, models.PROTECT, related_name="categories", verbose_name=_("shop")
    )
    slug = models.CharField(_("slug"), max_length=60)
    name = models.CharField(_("name"), max_length=120, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    gate_codes = ArrayField(
        models.CharField(max_length=30),
        verbose_name=_("restricted goods"),
        default=list,
        blank=True,
        help_text=_("Programs that do not exclude it have to meet their gates."),
    )

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "slug"], name="category_slug_is_unique_in_shop"
            ),
            models.UniqueConstraint(
                fields=["id", "shop"], name="category_carries_its_shop"
            ),
            models.CheckConstraint(
                name="category_is_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.slug


class Product(models.Model):
    """Something a shop sells, known by its SKU."""

    shop = models.ForeignKey(
        Shop,
        models.PROTECT,
        related_name="products",
        # The SKU's key begins with it. With an index of its own, a planner without
        # statistics looked a line's product up among all products of the shop.
        db_index=False,
        verbose_name=_("shop"),
    )
    sku = models.CharField(_("SKU"), max_length=100)
    name = models.CharField(_("name"), max_length=200)
    url = models.URLField(_("address"), max_length=500, blank=True)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("category"),
    )
    price_cents = models.BigIntegerField(_("price"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    image_url = models.URLField(_("picture"), max_length=500, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "sku"],
                name="product_sku_is_unique_in_shop",
                violation_error_message=_("This shop already has this SKU."),
            ),
            models.UniqueConstraint(
                fields=["id", "shop"], name="product_carries_its_shop"
            ),
            models.CheckConstraint(
                name="product_price_is_not_negative",
                condition=Q(price_cents__isnull=True) | Q(price_cents__gte=0),
                violation_error_message=_("A price cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
