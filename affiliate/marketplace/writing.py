from datetime import datetime
from typing import Any

from django.db import transaction

from affiliate.marketplace.creators import write_clicks, write_creators
from affiliate.marketplace.making import Maker
from affiliate.marketplace.places import BadFile, Place
from affiliate.marketplace.shops import write_shops
from affiliate.marketplace.terms import write_terms


def load(document: Any, *, at: datetime) -> dict[str, int]:
    """Write a marketplace file and return how many rows of each kind it made.

    Everything or nothing: with any fault nothing is changed and BadFile lists every
    one with its place. What is there already stays as it is, so the second time makes
    nothing. `at` is the moment of whatever the file gives no moment for.
    """
    root = Place(document if isinstance(document, dict) else {})
    if not isinstance(document, dict):
        root.fault("Must be an object with shops, creators and clicks.")
        raise BadFile(errors=root.faults)
    made: dict[str, int] = {}
    with transaction.atomic():
        for write in (write_shops, write_creators, write_terms, write_clicks):
            write(root, Maker(made, at))
        if root.faults:
            raise BadFile(
                f"{len(root.faults)} places need mending.", errors=root.faults
            )
    return made
