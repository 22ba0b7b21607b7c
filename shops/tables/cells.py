"""What people write into cells: amounts, percentages, moments, yes and no.

Every reader raises BadCell with words for who wrote the cell. Nothing is guessed:
what could be two numbers is refused.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from affiliate.common import money

# Spreadsheets run cells that begin with one of these.
RUNNING = ("=", "+", "-", "@", "\t", "\r")
_QUOTE = "'"
# Where a cell may start: a spreadsheet set to semicolons splits our commas' file there,
# also within quotation marks, which it takes for marks only where a cell begins.
_SIGN = r"(?=[=+\-@\t\r])"
_START = re.compile(rf"(?:^|[;\r\n]\"*){_QUOTE}*{_SIGN}")
_DEFUSED = re.compile(rf"((?:^|[;\r\n]\"*){_QUOTE}*){_QUOTE}{_SIGN}")
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009]+")
_SIGNS = {
    "€": {"EUR"},
    "£": {"GBP"},
    "$": {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"},
    "¥": {"JPY", "CNY"},
}
_LETTERS = re.compile(r"[A-Za-z]{3}")
_FIGURE = re.compile(r"[0-9][0-9.,'\u2019]*")
_GROUPS = re.compile(r"[0-9]{1,3}(?:[.,'\u2019][0-9]{3})+")
_LONGEST_FIGURE = 40
_YES = frozenset(
    [
        "1",
        "yes",
        "y",
        "true",
        "x",
        "oui",
        "o",
        "vrai",
        "ja",
        "wahr",
        "j",
        "sí",
        "si",
        "s",
        "verdadero",
        "vero",
        "on",
        "active",
        "actif",
    ]
)
_NO = frozenset(
    [
        "0",
        "no",
        "n",
        "false",
        "non",
        "faux",
        "nein",
        "falsch",
        "falso",
        "off",
        "inactive",
        "inactif",
    ]
)
_DAY_FIRST = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)


class BadCell(Exception):  # noqa: N818  named for the state, as the house does
    """A cell that cannot be read; its text says why, and how it could be."""


def amount(text: str, currency: str) -> int:
    """Return minor units of "1.250,00", "1,250.00", "1 250,00 €" or "1250".

    Raises BadCell for "1.250", which is two numbers, for another currency's sign, and
    for more decimals than the currency has.
    """
    bare = _without_currency(_BLANKS.sub("", text), currency)
    if bare.startswith("-"):
        raise BadCell(_("An amount cannot be negative."))
    if not _FIGURE.fullmatch(bare) or len(bare) > _LONGEST_FIGURE:
        raise BadCell(_not_an_amount())
    decimal = _decimal(bare)
    try:
        return money.cents_from_decimal(decimal, currency)
    except ValueError as error:
        words = _("%(currency)s has %(count)d decimals: write no more of them.")
        places = {"currency": currency, "count": money.exponent(currency)}
        raise BadCell(words % places) from error


def percent(text: str) -> int:
    """Return basis points of "12,5 %", "12.5" or "12": a figure is a percentage."""
    bare = _BLANKS.sub("", text).removesuffix("%").replace(",", ".")
    if bare.count(".") > 1 or not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", bare):
        raise BadCell(_("Write a percentage such as 12.5 %."))
    hundredths = Decimal(bare).scaleb(2)
    if hundredths != hundredths.to_integral_value():
        raise BadCell(_("A percentage has at most two decimals: 12.5 is 12.5 %."))
    return int(hundredths)


def whole(text: str) -> int:
    """Return a number without decimals, such as basis points or minor units."""
    bare = _BLANKS.sub("", text)
    if not re.fullmatch(r"[0-9]{1,18}", bare):
        raise BadCell(_("Write a whole number, only digits."))
    return int(bare)


def yes(text: str) -> bool:
    """Return whether a cell says yes, in any of the languages of our headers."""
    word = text.strip().casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise BadCell(_("Write yes or no."))


def instant(text: str, zone: ZoneInfo) -> datetime:
    """Return a moment; one without an offset is of `zone`, a mere day its beginning.

    Reads 2026-11-28, 28/11/2026 and 28.11.2026, each with a time behind it or not.
    Raises BadCell for what could be the month or the day, and for a skipped hour.
    """
    found = _DAY_FIRST.fullmatch(text.strip())
    try:
        moment = _day_first(found) if found else datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        local = moment.replace(tzinfo=zone)
        at = local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadCell(_("Write a day such as 2026-11-28, or 2026-11-28 18:00.")) from (
            error
        )
    if at.astimezone(zone).replace(tzinfo=None) != moment:
        raise BadCell(_("The clocks skip this hour: write another one."))
    return at


def defused(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula, nor a part of it.

    `plain` takes the apostrophes away again; a text that has apostrophes before such a
    sign gets one more, so that the two are each other's opposite.
    """
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return _START.sub(rf"\g<0>{_QUOTE}", clean)


def plain(text: str) -> str:
    """Return what `defused` was given."""
    return _DEFUSED.sub(r"\1", text)


def written_amount(cents: int, currency: str) -> Decimal:
    """Return minor units as a decimal that `amount` reads back, whatever it reads.

    Three decimals look like a thousand: a fourth says that they are none.
    """
    places = money.exponent(currency)
    extra = 1 if places == 3 else 0
    return Decimal(cents * 10**extra).scaleb(-(places + extra))


def _decimal(figure: str) -> str:
    """Return a figure with a point, or nothing, before its decimals."""
    signs = [sign for sign in figure if sign in ".,'\u2019"]
    kinds = set(signs)
    if not signs:
        return figure
    last = signs[-1]
    head, _sign, tail = figure.rpartition(last)
    if len(kinds) == 1 and (len(signs) > 1 or last in "'\u2019"):
        head, tail = figure, ""
    elif len(kinds) == 1 and len(tail) == 3 and re.fullmatch("[1-9][0-9]{0,2}", head):
        words = _(
            "%(cell)s can be read as %(one)s and as %(other)s: write one of them."
        )
        both = {
            "one": head + tail,
            "other": f"{head}.{tail}".rstrip("0"),
            "cell": figure,
        }
        raise BadCell(words % both)
    if (
        len(kinds) > 2
        or (tail and last in head)
        or (head != figure and not tail)
        or not (head.isdecimal() or _GROUPS.fullmatch(head))
    ):
        raise BadCell(_not_an_amount())
    whole = re.sub(r"[^0-9]", "", head)
    return f"{whole}.{tail}" if tail else whole


def _without_currency(bare: str, currency: str) -> str:
    found = _LETTERS.search(bare)
    sign = next((sign for sign in _SIGNS if sign in bare), "")
    if sign and currency in _SIGNS[sign]:
        return bare.replace(sign, "", 1)
    if not sign and (found is None or found[0].upper() == currency):
        return _LETTERS.sub("", bare, count=1)
    words = _("This is another currency: amounts are in %(currency)s here.")
    raise BadCell(words % {"currency": currency})


def _not_an_amount() -> str:
    return _("Write an amount such as 1250.00 or 1 250,00.")


def _day_first(found: re.Match[str]) -> datetime:
    day, month, year = int(found[1]), int(found[2]), int(found[3])
    if day <= 12 and month <= 12 and day != month and "." not in found[0].split()[0]:
        words = _(
            "Day and month can be taken for each other: write %(one)s or %(other)s."
        )
        both = {
            "one": f"{year}-{month:02}-{day:02}",
            "other": f"{year}-{day:02}-{month:02}",
        }
        raise BadCell(words % both)
    hour, minute, second = (int(found[place] or 0) for place in (4, 5, 6))
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  its zone is the caller's
