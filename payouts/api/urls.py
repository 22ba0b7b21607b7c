from django.urls import path

from payouts.api import reading, terms

urlpatterns = [
    path("orders/<path:external_id>", reading.ReadOrder.as_view()),
    path("commissions", reading.ListCommissions.as_view()),
    path("commissions/<int:pk>", reading.ReadCommission.as_view()),
    path("programs/<int:pk>/rates", terms.Rates.as_view()),
    path("programs/<int:pk>/boosts", terms.Boosts.as_view()),
]
