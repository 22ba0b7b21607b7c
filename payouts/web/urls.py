from django.urls import path

from payouts.web import portal

urlpatterns = [
    path("", portal.show_home, name="portal_home"),
    path("sales/", portal.list_sales, name="portal_sales"),
    path(
        "sales/<int:commission_id>/", portal.show_commission, name="portal_commission"
    ),
    path("links/", portal.list_links, name="portal_links"),
    path("payouts/", portal.list_payouts, name="portal_payouts"),
    path("payouts/<int:payout_id>/", portal.show_payout, name="portal_payout"),
]
