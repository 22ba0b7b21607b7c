from django.urls import path

from shops.api import hooks

urlpatterns = [
    path("shopify/<slug:shop>", hooks.Receive.as_view(), {"system": "shopify"}),
]
