from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminURLInputWidget

from shops import catalogue
from shops.admin.columns import column
from shops.admin.filters import OwnRelatedFilter
from shops.admin.forms import MoneyField, RefusableForm
from shops.admin.imports import Imports
from shops.admin.pages import shown
from shops.admin.scope import MANAGERS, MerchantScopedAdmin
from shops.models import Category, Product
from shops.tables import export


@admin.register(Category)
class CategoryAdmin(MerchantScopedAdmin):
    """Branches of the catalogue: rates reach a branch and all below it."""

    writers = MANAGERS
    audited = True
    list_display = ("title", "slug", "parent", "shop")
    list_filter = (("shop", OwnRelatedFilter),)
    list_select_related = ("parent", "shop")
    search_fields = ("name", "slug")
    ordering = ("shop__name", "slug")
    fields = ("shop", ("name", "slug"), "parent")
    fixed_fields = ("shop",)

    @column(_("name"), ordering="name")
    def title(self, category: Category) -> str:
        """Show the name, or the slug that stands for it."""
        return str(category)


def _address(label: Any) -> forms.URLField:
    return forms.URLField(
        label=label,
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget(),
    )


class ProductForm(RefusableForm):
    """A product's price is written as people write it."""

    url = _address(_("address"))
    image_url = _address(_("picture"))
    price = MoneyField(
        label=_("price"), required=False, help_text=_("Shown to creators.")
    )

    class Meta:
        model = Product
        fields = ("shop", "sku", "name", "url", "category", "image_url", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with the price that is kept."""
        super().__init__(*args, **kwargs)
        if self.instance.pk and "price" in self.fields:
            self.initial["price"] = MoneyField.write(
                self.instance.price_cents, self.instance.currency
            )

    def clean_price(self) -> int | None:
        """Return minor units of the product's currency."""
        text = self.cleaned_data["price"]
        shop = self.cleaned_data.get("shop")
        currency = self.instance.currency or (shop.currency if shop else "EUR")
        cents = MoneyField.read(text, currency) if text else None
        if cents is not None and cents < 0:
            raise forms.ValidationError(_("A price cannot be negative."))
        return cents


@admin.register(Product)
class ProductAdmin(Imports):
    """What the shop sells, by SKU, as the API writes it too."""

    table_kind = "products"
    exported = export.PRODUCTS
    writers = MANAGERS
    form = ProductForm
    list_display = ("picture", "name", "sku", "category", "price", "shop", "is_active")
    list_display_links = ("name",)
    list_filter = (
        ("shop", OwnRelatedFilter),
        ("category", OwnRelatedFilter),
        "is_active",
    )
    list_select_related = ("category", "shop")
    search_fields = ("sku", "name")
    ordering = ("name", "pk")
    autocomplete_fields = ("category",)
    fields = (
        "shop",
        ("sku", "name"),
        ("category", "price"),
        "url",
        "image_url",
        "is_active",
    )
    fixed_fields = ("shop", "sku")

    @column("")
    def picture(self, product: Product) -> SafeString | str:
        """Show the first sign of the name: pictures of other hosts are not loaded."""
        return format_html(
            '<span class="admin-initial" aria-hidden="true">{}</span>',
            product.name[:1].upper(),
        )

    @column(_("price"), ordering="price_cents")
    def price(self, product: Product) -> str:
        """Show the price in its currency."""
        return shown(product.price_cents, product.currency)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Call the verb."""
        values = form.cleaned_data
        product, _written = catalogue.put(
            obj.shop,
            {
                "sku": obj.sku,
                "name": values["name"],
                "url": values["url"] or None,
                "image_url": values["image_url"] or None,
                "category": values["category"].slug if values["category"] else None,
                "price_cents": values["price"],
                "currency": obj.currency or obj.shop.currency,
                "active": values["is_active"],
            },
        )
        obj.pk = product.pk
        obj.refresh_from_db()
