"""What holds on the admin's pages alone: their script policy and their shop's clock."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from shops.admin.scope import reach

Handler = Callable[[HttpRequest], HttpResponse]


class AdminPages:
    """Sends the admin's own policy; reads and writes dates as the shop does (R4)."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass every other page on as it is."""
        with timezone.override(None):  # ends what `process_view` begins
            response = self.get_response(request)
        if _is_admins(request):
            response.headers.setdefault(
                "Content-Security-Policy",
                build_policy(config=settings.ADMIN_CONTENT_SECURITY_POLICY),
            )
        return response

    def process_view(self, request: HttpRequest, *_: object) -> None:
        """Set the clock of the shop, once it is known whose page this is."""
        if _is_admins(request) and (zone := _zone(request)):
            timezone.activate(zone)


def _is_admins(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.app_name.split(":")[0] == "admin"


def _zone(request: HttpRequest) -> ZoneInfo | None:
    """Return the one time zone of all of a member's shops, else the platform's."""
    zones = {shop.time_zone for shop in reach(request).shops.values()}
    return ZoneInfo(zones.pop()) if len(zones) == 1 else None
