from django.urls import path

from shops.api import hooks

urlpatterns = [
    path("shopify/<slug:shop>", hooks.Receive.as_view(), {"system": "shopify"}),
    path("woocommerce/<slug:shop>", hooks.Receive.as_view(), {"system": "woocommerce"}),
    path("tiktok-shop/<slug:shop>", hooks.Receive.as_view(), {"system": "tiktok_shop"}),
]
