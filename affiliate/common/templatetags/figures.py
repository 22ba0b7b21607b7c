"""How figures look: money, instants, days and rates, in the reader's language."""

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from affiliate.common import money as amounts

register = template.Library()

# The same order of words in both languages; CLDR's own for "en" is the American one.
_DAY = "d MMM y"
_LONG_DAY = "d MMMM y"
_MINUTE = "d MMM y, HH:mm"
_LONG_MINUTE = "d MMMM y, HH:mm (ZZZZ)"


def _language() -> str:
    return (get_language() or "fr").replace("-", "_")


def _pattern(pattern: str, on: date) -> str:
    """French counts the first of a month apart: le 1er décembre."""
    is_first = on.day == 1 and _language().startswith("fr")
    return pattern.replace("d", "d'er'", 1) if is_first else pattern


def _day(on: date | None, pattern: str) -> SafeString:
    if on is None:
        return SafeString("")
    if isinstance(on, datetime):
        on = timezone.localtime(on).date()
    words = format_date(on, _pattern(pattern, on), locale=_language())
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), words)


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
    words = format_datetime(here, _pattern(_MINUTE, here), locale=_language())
    return format_html('<time datetime="{}">{}</time>', here.isoformat(), words)


@register.filter
def plain_instant(at: datetime | None) -> str:
    """Write an instant as text, with the whole name of its month and its offset."""
    if not at:
        return ""
    here = timezone.localtime(at)
    return format_datetime(here, _pattern(_LONG_MINUTE, here), locale=_language())


@register.simple_tag
def rate_words(rate_bp: int | None, flat_cents: int | None, currency: str) -> str:
    """Write what a sale earns: a percentage, or an amount per unit."""
    if flat_cents is not None:
        return _("%(amount)s per unit") % {"amount": money(flat_cents, currency)}
    return percent_bp(rate_bp)


@register.filter
def times(multiplier_pct: int | None) -> str:
    """Write a multiplier in percent: 150 is ×1,5 in French."""
    if not multiplier_pct:
        return ""
    factor = Decimal(multiplier_pct).scaleb(-2)
    return f"×{format_decimal(factor, locale=_language())}"


@register.filter
def day(on: date | None) -> SafeString:
    """Write a date; an instant is a day in the reader's time zone."""
    return _day(on, _DAY)


@register.filter
def long_day(on: date | None) -> SafeString:
    """Write a date with the whole name of its month."""
    return _day(on, _LONG_DAY)
