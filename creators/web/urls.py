from django.urls import path

from creators.web import portal

urlpatterns = [
    path("links/<int:link_id>/qr.svg", portal.link_qr, name="portal_link_qr"),
    path("programs/<int:program_id>/terms/", portal.show_terms, name="portal_terms"),
]
