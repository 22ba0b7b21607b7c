"""Fields of a shop system's JSON, read one by one: every fault names its place."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from affiliate.common import money
from shops import orders
from shops.intake._events import NotUnderstood

Raw = Mapping[str, Any]

_COUNTRY = re.compile(r"[A-Z]{2}")
_MOST_SECONDS = 10**11


def list_of(raw: Raw, name: str) -> list[Any]:
    """Return the list under this name, empty where there is none.

    PHP writes a list with gaps as an object with numbers for names: it is a list.
    Raises NotUnderstood.
    """
    value = raw.get(name)
    if value is None:
        return []
    if isinstance(value, dict) and value and all(key.isdecimal() for key in value):
        return list(value.values())
    if not isinstance(value, list):
        raise NotUnderstood("Expected a list.", name)
    return value


def objects_of(raw: Raw, name: str) -> list[Raw]:
    """Return the objects listed under this name. Raises NotUnderstood."""
    found = list_of(raw, name)
    for i, each in enumerate(found):
        if not isinstance(each, dict):
            raise NotUnderstood("Expected an object.", f"{name}[{i}]")
    return found


def loose_objects_of(raw: Raw, name: str) -> list[Raw]:
    """Return the objects under this name; plug-ins write anything there."""
    try:
        found = list_of(raw, name)
    except NotUnderstood:
        return []
    return [each for each in found if isinstance(each, dict)]


def signed(value: object, currency: str, where: str, *, rounding: bool = False) -> int:
    """Return the cents of an amount such as "-12.50".

    With `rounding`, decimals beyond those of the currency are rounded half up; without,
    they are refused. Raises NotUnderstood.
    """
    text = str(value) if type(value) is int else value
    expected = NotUnderstood(f"Expected an amount in {currency}.", where)
    if not isinstance(text, str):
        raise expected
    try:
        return money.cents_from_decimal(text, currency, rounding=rounding)
    except ValueError as error:
        raise expected from error


def amount(value: object, currency: str, where: str, *, rounding: bool = False) -> int:
    """Return the cents of an amount such as "12.50", not below zero. See `signed`."""
    cents = signed(value, currency, where, rounding=rounding)
    if cents < 0:
        raise NotUnderstood("An amount cannot be negative.", where)
    return cents


def seconds(value: object, where: str) -> datetime:
    """Return an instant given in seconds since 1970. Raises NotUnderstood."""
    if type(value) is not int or not 0 < value < _MOST_SECONDS:
        raise NotUnderstood("Expected seconds since 1970.", where)
    return datetime.fromtimestamp(value, UTC)


def words(value: object) -> str:
    """Return the reason that people wrote, as long as a refund's may be; else none."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text[: orders.LONGEST_REASON] if orders.is_fit(text) else ""


def country_in(address: object, name: str) -> str | None:
    """Return the country code under this name of an address, if there is one."""
    code = address.get(name) if isinstance(address, dict) else None
    return code if isinstance(code, str) and _COUNTRY.fullmatch(code) else None


def number(value: object, where: str) -> str:
    """Return the number by which the shop knows something. Raises NotUnderstood."""
    if type(value) is int or type(value) is str:
        text = str(value)
        if orders.is_number(text):
            return text
    raise NotUnderstood("Expected the shop system's number.", where)


def currency_of(value: object, where: str = "currency") -> str:
    """Return the currency if it is one in use. Raises NotUnderstood."""
    if type(value) is str and money.is_currency(value):
        return value
    raise NotUnderstood("Expected an ISO 4217 code.", where)
