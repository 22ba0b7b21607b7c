"""How figures look: money, instants, days and rates, in the reader's language."""

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_percent
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from affiliate.common import money as amounts

register = template.Library()

# The same order of words in both languages; CLDR's own for "en" is the American one.
_DAY = "d MMM y"
_MINUTE = "d MMM y, HH:mm"


def _language() -> str:
    return (get_language() or "fr").replace("-", "_")


@register.filter
def money(cents: int | None, currency: str) -> str:
    """Write minor units as people do: `{{ payout.amount_cents|money:"EUR" }}`."""
    return "" if cents is None else amounts.show(cents, currency, _language())


@register.filter
def percent_bp(rate_bp: int | None) -> str:
    """Write basis points as a percentage: 1250 is 12,5 % in French."""
    if rate_bp is None:
        return ""
    share = Decimal(rate_bp).scaleb(-4)
    return str(format_percent(share, locale=_language(), decimal_quantization=False))


@register.filter
def instant(at: datetime | None) -> SafeString:
    """Write an instant in the reader's time zone, with the exact one beside it."""
    if at is None:
        return SafeString("")
    here = timezone.localtime(at)
    words = format_datetime(here, _MINUTE, locale=_language())
    return format_html('<time datetime="{}">{}</time>', here.isoformat(), words)


@register.filter
def day(on: date | None) -> SafeString:
    """Write a date; an instant is a day in the reader's time zone."""
    if on is None:
        return SafeString("")
    if isinstance(on, datetime):
        on = timezone.localtime(on).date()
    words = format_date(on, _DAY, locale=_language())
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), words)
