"""Puts figures of the roof on a page of a floor below it."""

from django import template
from django.utils.timezone import now

from affiliate.dashboards import uplift
from affiliate.dashboards.uplift import Uplift
from shops.models import Boost

register = template.Library()


@register.simple_tag
def uplift_of(boost: Boost) -> Uplift | None:
    """Return what a boost brought so far; None before it begins."""
    found = uplift.of([boost], now())
    return found[0] if found else None
