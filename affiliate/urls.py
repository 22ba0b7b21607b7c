from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from affiliate import health, notices
from affiliate.common import api
from affiliate.home import choose_language, home

# One sign-in for everyone: with its limits, second factors and re-authentication.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as its manual says

urlpatterns = [
    path("", home, name="home"),
    path("portal/notices/", include(notices.urlpatterns)),
    path("portal/", include("creators.web.urls")),
    path("portal/", include("payouts.web.urls")),
    path("i18n/setlang/", choose_language, name="set_language"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("affiliate.api")),
    path("hooks/", include("shops.api.hooks_urls")),
    path("healthz", health.alive),
    path("readyz", health.ready),
]

handler400 = api.handler400
handler403 = api.handler403
handler404 = api.handler404
handler500 = api.handler500
