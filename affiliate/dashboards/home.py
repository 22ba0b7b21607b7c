"""The admin's first page: for members their shops, for finance the desk."""

from typing import Any

from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _

from affiliate.dashboards import desk, merchant, pages
from payouts.models import Commission, Run
from shops.admin.scope import MANAGERS, may, reach


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what this person's work begins with."""
    context["title"] = _("Overview")
    at = now()
    mine = pages.own(request)
    if mine is not None:
        context["merchant"] = merchant.figures(mine.shops, mine.zone, at)
        context["can_decide"] = bool(reach(request).of(MANAGERS)) or may(
            request, "change", Commission
        )
    if may(request, "view", Run):
        context["desk"] = desk.figures(at)
    return context
