"""Clicks and codes that an order carries, wherever its shop system keeps them.

What is no click id of ours does not attribute, so that what does not fit is left.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from shops import orders
from shops.intake._events import Event, Ordered
from shops.intake._files import Options

CLICK = "cid"
_LONGEST_ADDRESS = 8000
_MOST_FIELDS = 200


def clicks_in(address: object) -> list[str]:
    """Return the click ids in the query of an address."""
    if not isinstance(address, str):
        return []
    try:
        query = urlsplit(address[:_LONGEST_ADDRESS]).query
        return parse_qs(query, max_num_fields=_MOST_FIELDS).get(CLICK, [])
    except ValueError:
        return []  # an address that no browser would make either


def clicks(found: Iterable[Any]) -> list[str]:
    """Return what may be click ids, each once, as many as an order may have."""
    return _fitting(found, orders.MOST_CLICKS)


def codes(found: Iterable[Any]) -> list[str]:
    """Return what may be codes, each once, as many as an order may have."""
    return _fitting(found, orders.MOST_CODES)


def added(event: Event, options: Options) -> Event:
    """Return the event with the touches that the caller gives beside the file."""
    if not isinstance(event, Ordered):
        return event
    facts, more = event.facts, options.touches(event.facts.external_id)
    return Ordered(
        replace(
            facts,
            clicks=tuple(clicks([*facts.clicks, *more["clicks"]])),
            codes=tuple(codes([*facts.codes, *more["codes"]])),
        )
    )


def _fitting(found: Iterable[Any], most: int) -> list[str]:
    fit = [
        each.strip()
        for each in found
        if isinstance(each, str)
        and 0 < len(each.strip()) <= orders.LONGEST
        and orders.is_fit(each.strip())
    ]
    return list(dict.fromkeys(fit))[:most]
