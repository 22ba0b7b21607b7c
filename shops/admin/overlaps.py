"""Boosts that meet: shown on the form of a new one before it is saved (rule B5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from shops import boosts, timeline

_ASKED = ("multiplier_pct", "starts_at", "ends_at", "audience", "product", "category")


class OverlapForm(forms.Form):
    """Part of the form of a boost: finds what it meets, and asks to know of it."""

    overlaps: Sequence[boosts.Overlap] = ()
    picture: timeline.Timeline | None = None

    accepts_overlaps = forms.BooleanField(
        label=_("I have seen these boosts: save this one beside them."), required=False
    )


@dataclass(frozen=True)
class _New:
    """The boost that is not saved yet, as a row of the picture."""

    name: str
    starts_at: datetime
    ends_at: datetime
    is_new: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.name


def look(form: Any, values: Mapping[str, Any]) -> None:
    """Put what a new boost meets on its form, and refuse it until that was accepted.

    Nothing is looked for while its window cannot be: the verb says so.
    """
    program, starts_at, ends_at = (
        values.get(name) for name in ("program", "starts_at", "ends_at")
    )
    if form.errors or not (program and starts_at and ends_at):
        return
    if not now() < starts_at < ends_at:
        return
    asked: dict[str, Any] = {name: values.get(name) for name in _ASKED}
    form.overlaps = boosts.overlapping(program, **asked)
    if not form.overlaps:
        return
    new = _New(str(values["name"]), starts_at, ends_at)
    rows = [new, *(overlap.boost for overlap in form.overlaps)]
    form.picture = timeline.draw(rows, at=now())
    if not values.get("accepts_overlaps"):
        form.add_error(
            "accepts_overlaps", _("Look at the boosts above, then confirm or change.")
        )
