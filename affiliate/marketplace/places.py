"""Values with their place in the file, so that every fault can be pointed at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from affiliate.common.errors import Refusal

_MISSING = object()
_MOST = 10**13


class BadFile(Refusal):
    """The file has faults; `errors` maps each place to what is wrong there."""

    code = "bad_marketplace_file"
    title = "The marketplace file has faults; nothing was changed."
    way_out = "Mend the places named and load it again."
    status = 422


@dataclass
class Place:
    """One object of the file. Readers return a default and note a fault instead of
    raising, so that one pass finds them all."""

    value: Any
    path: str = ""
    faults: dict[str, list[str]] = field(default_factory=dict)

    def fault(self, problem: str, key: str = "") -> None:
        """Note what is wrong here, or at `key` of this object."""
        at = f"{self.path}.{key}" if self.path and key else self.path or key or "file"
        self.faults.setdefault(at, []).append(problem)

    def at(self, key: str) -> "Place":
        """Return the object at `key`; an empty one with a fault if it is none."""
        value = self.value.get(key, {})
        if not isinstance(value, dict):
            self.fault("Must be an object.", key)
            value = {}
        return Place(value, f"{self.path}.{key}" if self.path else key, self.faults)

    def each(self, key: str) -> Iterator["Place"]:
        """Yield the objects of the list at `key`; an absent list is empty."""
        rows = self.value.get(key) or []
        if not isinstance(rows, list):
            self.fault("Must be a list.", key)
            return
        for number, row in enumerate(rows):
            path = f"{self.path}.{key}[{number}]" if self.path else f"{key}[{number}]"
            place = Place(row if isinstance(row, dict) else {}, path, self.faults)
            if not isinstance(row, dict):
                place.fault("Must be an object.")
            yield place

    def has(self, key: str) -> bool:
        """Say whether `key` is given and not null."""
        return self.value.get(key) is not None

    def text(self, key: str, default: Any = _MISSING, *, most: int = 200) -> str:
        """Return a text of at most `most` signs."""
        value: Any = self._value(key, default)
        if value is _MISSING:
            return ""
        if value is default:
            return value  # type: ignore[no-any-return]  # whatever the caller gave
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            self.fault("Must be a text that is not empty.", key)
            return ""
        if len(value) > most:
            self.fault(f"Must have at most {most} signs.", key)
            return ""
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts; absent is empty."""
        value = self.value.get(key) or []
        if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
            self.fault("Must be a list of texts.", key)
            return []
        return value

    def whole(
        self, key: str, default: Any = _MISSING, *, least: int = 0, most: int = _MOST
    ) -> Any:
        """Return a whole number within the bounds, or the default."""
        value = self._value(key, default)
        if value is default or value is _MISSING:
            return 0 if value is _MISSING else value
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault("Must be a whole number.", key)
            return least
        if not least <= value <= most:
            self.fault(f"Must lie between {least} and {most}.", key)
            return least
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.value.get(key, default)
        if not isinstance(value, bool):
            self.fault("Must be true or false.", key)
            return default
        return value

    def one_of(self, key: str, words: list[str], default: Any = _MISSING) -> str:
        """Return one of the words."""
        value = self.text(key, default)
        if value and value not in words:
            self.fault(f"Must be one of: {', '.join(words)}.", key)
            return words[0]
        return value

    def instant(self, key: str, default: Any = _MISSING) -> Any:
        """Return an instant with its offset, or the default."""
        value = self._value(key, default)
        if value is default or value is _MISSING:
            return None if value is _MISSING else value
        found: datetime | None = None
        if isinstance(value, str):
            try:
                found = parse_datetime(value)
            except ValueError:
                found = None
        if found is None or not is_aware(found):
            self.fault("Must be an instant such as 2026-01-31T08:00:00+01:00.", key)
            return None
        return found

    def _value(self, key: str, default: Any) -> Any:
        value = self.value.get(key)
        if value is not None:
            return value
        if default is _MISSING:
            self.fault("Is missing.", key)
        return default
