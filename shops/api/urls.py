from django.urls import path

from shops.api import orders, products, programs

# Numbers and SKUs may hold a slash: "2026/001" is one.
urlpatterns = [
    path("orders", orders.RecordOrder.as_view()),
    path("orders/batch", orders.RecordOrders.as_view()),
    path("orders/<path:external_id>/refunds", orders.RefundOrder.as_view()),
    path("orders/<path:external_id>/cancel", orders.CancelOrder.as_view()),
    path("orders/<path:external_id>/deliveries", orders.DeliverOrder.as_view()),
    path("products/batch", products.PutProducts.as_view()),
    path("products/<path:sku>", products.PutProduct.as_view()),
    path("programs", programs.Programs.as_view()),
    path("programs/<int:pk>", programs.OneProgram.as_view()),
]
