from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from affiliate.marketplace.creators import write_clicks, write_creators
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


class Maker:
    """Finds or makes rows; counts what it made and turns refusals into faults."""

    def __init__(self, made: dict[str, int], at: datetime) -> None:
        """Count into `made`."""
        self.made = made
        self.at = at

    def row(
        self,
        place: Place,
        model: type[models.Model],
        known_by: dict[str, Any],
        **fields: Any,
    ) -> Any:
        """Return the row known by these fields, made now if it was not there.

        Returns None, with a fault at the place, when the database refuses it, or when
        what is there differs from the file in one of `fields`.
        """
        found = model._default_manager.filter(**known_by).first()
        if found is not None:
            self._compare(place, found, fields)
            return found
        row = model(**known_by, **fields)
        try:
            with transaction.atomic():
                row.full_clean()
                row.save()
        except ValidationError as refusal:
            for key, messages in refusal.message_dict.items():
                place.fault(" ".join(messages), "" if key == "__all__" else key)
            return None
        except IntegrityError as refusal:
            place.fault(str(refusal).split("\n", 1)[0])
            return None
        self.count(model)
        return row

    def count(self, model: type[models.Model], rows: int = 1) -> None:
        """Add to what was made."""
        name = model.__name__
        if rows:
            self.made[name] = self.made.get(name, 0) + rows

    @staticmethod
    def _compare(place: Place, found: models.Model, fields: dict[str, Any]) -> None:
        for key, wanted in fields.items():
            if getattr(found, key) != wanted:
                place.fault(
                    "Is already there with another value; change it there.", key
                )
