from django.urls import path

from creators.web import portal

urlpatterns = [
    path("links/<int:link_id>/qr.svg", portal.link_qr, name="portal_link_qr"),
]
