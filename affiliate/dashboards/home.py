"""The admin's first page: for members their shops, for finance the desk."""

from typing import Any

from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _

from affiliate.dashboards import desk, merchant
from payouts.models import Commission, Run
from shops.admin.scope import may, reach


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what this person's work begins with."""
    context["title"] = _("Overview")
    shops = reach(request).shops
    at = now()
    if shops:
        context["merchant"] = merchant.figures(sorted(shops), _zone(shops), at)
    elif may(request, "view", Commission):
        context["merchant"] = merchant.figures(None, "Europe/Paris", at)
    if may(request, "view", Run):
        context["desk"] = desk.figures(at)
    return context


def _zone(shops: dict[int, Any]) -> str:
    """Return the shops' time zone; of several, the one opened first."""
    return str(shops[min(shops)].time_zone)
