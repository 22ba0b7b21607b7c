from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from affiliate.marketplace.places import Place


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
