"""Fields of a shop system's JSON, read one by one: every fault names its place."""

from collections.abc import Mapping
from typing import Any

from affiliate.common import money
from shops import orders
from shops.intake._events import NotUnderstood

Raw = Mapping[str, Any]


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
