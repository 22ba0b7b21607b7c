"""Money: integers in minor units of an ISO 4217 currency, and the one rounding.

The SQL function `round_half_up` (migration 0002) is the twin of the one here, for
statements that work on sets; a test holds the two together.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies, parse_pattern

# CLDR says how many decimals people write (none for RSD or IQD); ISO 4217 says how
# many there are. Amounts are counted in ISO's; whatever is not here has two.
_NO_DECIMALS = {
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
    "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
}  # fmt: skip
_THREE_DECIMALS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
# A currency that left circulation before this day cannot be on an order of ours.
_SINCE = date(2020, 1, 1)
_UNTIL = date(2100, 1, 1)
_CODE_TOUCHES_FIGURE = re.compile(r"(?<=[A-Za-z])(?=[0-9])")
_DECIMAL = re.compile(r"([+-]?)([0-9]{1,20})(?:\.([0-9]{1,20}))?")


def round_half_up(numerator: int, denominator: int) -> int:
    """Return the fraction as a whole number; a half goes away from zero.

    So a reversal rounds to the exact opposite of what it reverses. This is the only
    rounding of money. Raises ZeroDivisionError.
    """
    whole = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    return whole if (numerator < 0) == (denominator < 0) else -whole


def share_of(amount_cents: int, rate_bp: int) -> int:
    """Return `rate_bp` of `amount_cents`, rounded half up to a whole cent.

    `amount_cents` is net of VAT and shipping, in minor units of one currency.
    `rate_bp` is in basis points: 1250 means 12.50 %.

    Raises ValueError if `amount_cents` is negative (reverse a commission instead of
    computing a negative one) or `rate_bp` is outside 0..10000.
    """
    if amount_cents < 0:
        raise ValueError("The amount is negative: reverse the commission instead.")
    if not 0 <= rate_bp <= 10_000:
        raise ValueError(f"A rate of {rate_bp} bp is outside 0..10000.")
    return round_half_up(amount_cents * rate_bp, 10_000)


@cache
def _currencies() -> frozenset[str]:
    return frozenset(
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, _SINCE, _UNTIL)
    )


def is_currency(code: str) -> bool:
    """Say whether `code` is legal tender somewhere, or was since 2020."""
    return code in _currencies()


def exponent(currency: str) -> int:
    """Return how many decimals ISO 4217 gives the currency: EUR 2, JPY 0, KWD 3.

    Raises ValueError for what is not a currency.
    """
    if not is_currency(currency):
        raise ValueError(f"{currency!r} is not a currency in use (ISO 4217).")
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def cents_from_decimal(text: str, currency: str, *, rounding: bool = False) -> int:
    """Return the minor units written as a decimal: "12.50" EUR is 1250.

    With `rounding`, more decimals than the currency has are rounded half up; without,
    they are refused unless they are zeros. Raises ValueError for anything but digits
    with an optional sign and one point, and TypeError for a float.
    """
    if not isinstance(text, str):
        raise TypeError("Money is read from text: a float has already lost cents.")
    places = exponent(currency)
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not an amount such as 12.50.")
    sign, whole, decimals = found[1], found[2], found[3] or ""
    if decimals[places:].strip("0") and not rounding:
        raise ValueError(f"{text!r} has more decimals than {currency} ({places}).")
    cents = round_half_up(int(whole + decimals) * 10**places, 10 ** len(decimals))
    return -cents if sign == "-" else cents


def largest_remainder(total: int, weights: Sequence[int], turn: int = 0) -> list[int]:
    """Split `total` by `weights` so that the parts add up to it exactly (M5).

    The odd cents go to the largest remainders; among equals it is the turn of the
    `turn`-th of them, then of those after it: 99 in two halves is [50, 49] at turn 0
    and [49, 50] at turn 1. A negative total splits to the opposite parts.

    Raises ValueError if a weight is negative or all are zero.
    """
    weight = sum(weights)
    if weight <= 0 or min(weights) < 0:
        raise ValueError("Weights must be zero or more, and not all zero.")
    shares = [divmod(abs(total) * each, weight) for each in weights]
    parts = [whole for whole, _ in shares]
    odd = abs(total) - sum(parts)
    for remainder in sorted({rest for _, rest in shares}, reverse=True):
        equals = [i for i, (_, rest) in enumerate(shares) if rest == remainder]
        start = turn % len(equals)
        for lucky in (equals[start:] + equals[:start])[:odd]:
            parts[lucky] += 1
        odd = max(0, odd - len(equals))
    return parts if total >= 0 else [-part for part in parts]


def show(cents: int, currency: str, language: str) -> str:
    """Return the amount as people write it: 123456 EUR is "1 234,56 €" in French."""
    places = exponent(currency)
    locale = Locale.parse(language.replace("-", "_"))
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (places, places)
    amount = Decimal(cents).scaleb(-places)
    words = pattern.apply(amount, locale, currency=currency, currency_digits=False)
    # CLDR parts a code from the figure it touches (KWD 1.234); babel does not.
    return _CODE_TOUCHES_FIGURE.sub("\u00a0", words)
