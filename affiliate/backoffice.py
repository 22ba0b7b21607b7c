"""How the admin looks and what stands in its side bar: Unfold's settings."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _icon(_request: HttpRequest) -> str:
    return static("img/favicon.svg")


def _style(_request: HttpRequest) -> str:
    return static("css/admin.css")


def _script(_request: HttpRequest) -> str:
    return static("js/admin_names.js")


# The same greens and warm greys as the creators' portal (css/portal.css).
_COLORS = {
    "base": {
        "50": "#f7f6f2",
        "100": "#f0efea",
        "200": "#e5e3dc",
        "300": "#d2cfc6",
        "400": "#a3a59e",
        "500": "#666d67",
        "600": "#565d58",
        "700": "#3d443f",
        "800": "#2b302b",
        "900": "#1b1e1a",
        "950": "#131512",
    },
    "primary": {
        "50": "#f0f8f6",
        "100": "#e2f0ec",
        "200": "#c2e2da",
        "300": "#93cdc0",
        "400": "#62cdb9",
        "500": "#45b3a0",
        "600": "#0b5f55",
        "700": "#094f47",
        "800": "#083f39",
        "900": "#07332e",
        "950": "#041f1c",
    },
}


def unfold(name: str) -> dict[str, Any]:
    """Return the value of settings.UNFOLD for a platform of this name."""
    return {
        "SITE_TITLE": name,
        "SITE_HEADER": name,
        "SITE_SUBHEADER": "affiliate.dashboards.navigation.subheader",
        "SITE_URL": None,
        "SITE_ICON": _icon,
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
        "SHOW_HISTORY": True,
        "SHOW_VIEW_ON_SITE": False,
        "SHOW_LANGUAGES": True,
        "SHOW_BACK_BUTTON": True,
        "COLORS": _COLORS,
        "STYLES": [_style],
        "SCRIPTS": [_script],
        "DASHBOARD_CALLBACK": "affiliate.dashboards.home.context",
        "ACCOUNT": {
            "navigation": [
                {
                    "title": _("Change password"),
                    "link": reverse_lazy("account_change_password"),
                },
            ],
        },
        "SIDEBAR": {"navigation": "affiliate.dashboards.navigation.sidebar"},
    }
