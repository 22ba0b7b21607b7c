from django.urls import path

from shops.api import orders, products

urlpatterns = [
    path("orders", orders.RecordOrder.as_view()),
    path("orders/batch", orders.RecordOrders.as_view()),
    path("orders/<str:external_id>/refunds", orders.RefundOrder.as_view()),
    path("orders/<str:external_id>/cancel", orders.CancelOrder.as_view()),
    path("orders/<str:external_id>/deliveries", orders.DeliverOrder.as_view()),
    path("products/batch", products.PutProducts.as_view()),
    path("products/<str:sku>", products.PutProduct.as_view()),
]
