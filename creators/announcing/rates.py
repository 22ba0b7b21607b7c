"""Lower rates are told when they are announced and two days before they bind (R6)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from affiliate.common import notify, outbox
from creators.announcing import people
from shops import changes, terms
from shops.changes import Change
from shops.models import Exclusion, Rate

AHEAD = timedelta(days=2)
# More changes of one program at one moment, such as a file's, are told as one.
MOST_APART = 5
_Term = Rate | Exclusion
# A term, and whether it is its end that was announced; the same by the term's key.
_Part = tuple[_Term, bool]
_Named = tuple[type[_Term], int, bool]
_TOPICS = {"lower": "rate_lowered", "higher": "rate_raised", "unclear": "rate_changed"}


@outbox.subscribe("term.announced")
def announced(*, kind: str, term: int, at: datetime) -> None:
    """Tell of a new rate or exclusion those who were enrolled before it; once."""
    change = changes.of_start(terms.of(kind, term))
    if change is not None:
        _tell(change, at)


@outbox.subscribe("term.end_announced")
def end_announced(*, kind: str, term: int, at: datetime) -> None:
    """Tell of the move of a term's end; one that another follows, with that."""
    change = changes.of_end(terms.of(kind, term))
    if change is not None:
        _tell(change, at)


def remind(*, at: datetime) -> int:
    """Tell again what lowers a rate within two days of this moment; return how many.

    Not what was announced within those two days, nor what has bound already, nor what
    was taken back. Run late it tells what is still to come; run twice, nobody again.
    """
    told, done = 0, set()
    for change in _coming(at):
        where = change.term.program_id, change.announced_at
        if where in done or not _is_due(change, at):
            continue
        if len(together := _together(change)) > MOST_APART:
            done.add(where)
            told += _tell_of_many(change, together, "rates_soon", at)
        else:
            told += _tell_of(change, "rate_soon", at)
    return told


def _is_due(change: Change, at: datetime) -> bool:
    first = change.from_at - AHEAD
    return (
        first <= at < change.from_at
        and change.announced_at <= first
        and change.way != "higher"
        and _is_to_tell(change)
    )


def _is_to_tell(change: Change) -> bool:
    is_told_by_another = change.is_of_end and changes.is_followed(change.term)
    return change.is_felt and not is_told_by_another


def _tell(change: Change, at: datetime) -> None:
    """Tell what was announced; of many terms at once, the first tells of all."""
    first = _first_together(change)
    if len(first) > MOST_APART:
        if (type(change.term), change.term.pk, change.is_of_end) == first[0]:
            _tell_of_many(change, _together(change), "rates_changed", at)
    elif _is_to_tell(change):
        _tell_of(change, _TOPICS[change.way], at)


def _tell_of(change: Change, topic: str, at: datetime) -> int:
    term = change.term
    audiences = [getattr(term, "audience_id", None)]
    rows = people.enrolled(term.program_id, audiences, before=change.announced_at)
    if isinstance(term, Rate):
        rows = people.touched_by(rows, term, change.from_at)
    subject = f"{terms.kind_of(term)}:{term.pk}"
    if change.is_of_end:
        subject += f":end:{change.announced_at.isoformat()}"
    what = term.product or term.category
    return notify.tell(
        people.users(rows),
        f"creators/{topic}",
        f"{subject}:{'soon' if topic == 'rate_soon' else 'announced'}",
        path=people.path_of(term.program),
        at=at,
        params={
            **people.names(term.program),
            "what": what.name if what else "",
            "before_bp": change.before.rate_bp,
            "before_flat_cents": change.before.flat_cents,
            "after_bp": change.after.rate_bp,
            "after_flat_cents": change.after.flat_cents,
            "from_at": change.from_at,
            "until_at": change.until_at,
        },
    )


def _tell_of_many(
    change: Change, together: list[_Part], topic: str, at: datetime
) -> int:
    """Tell whom any of these reaches that several terms change, and from when."""
    term, said = change.term, change.announced_at
    audiences = {getattr(each, "audience_id", None) for each, _is_of_end in together}
    rows = people.enrolled(term.program_id, audiences, before=said)
    return notify.tell(
        people.users(rows),
        f"creators/{topic}",
        f"program:{term.program_id}:{topic}:{said.isoformat()}",
        path=people.path_of(term.program),
        at=at,
        params={
            **people.names(term.program),
            "from_at": term.end_binds_at if change.is_of_end else term.binds_at,
        },
    )


def _together(change: Change) -> list[_Part]:
    """Return all that was announced in the same program at the same moment."""
    return [
        (term, is_of_end)
        for _model, rows, is_of_end in _announced_with(change)
        for term in rows
    ]


def _first_together(change: Change) -> list[_Named]:
    """Name the first of them, one more than are told apart, without their rows.

    Each of a file's thousands asks this: reading them all for each is too much.
    """
    found: list[_Named] = []
    for model, rows, is_of_end in _announced_with(change):
        keys = rows.values_list("pk", flat=True)[: MOST_APART + 1 - len(found)]
        found += [(model, pk, is_of_end) for pk in keys]
    return found


def _announced_with(
    change: Change,
) -> Iterator[tuple[type[_Term], "QuerySet[Any]", bool]]:
    for model in (Exclusion, Rate):
        rows = model._default_manager.filter(program=change.term.program_id)
        ordered = rows.order_by("pk")
        yield model, ordered.filter(announced_at=change.announced_at), False
        yield model, ordered.filter(end_announced_at=change.announced_at), True


def _coming(at: datetime) -> Iterator[Change]:
    """Find what may take effect within two days, as it stands now."""
    soon = (at, at + AHEAD)
    for model in (Exclusion, Rate):
        rows = model.objects.select_related("program__shop", "product", "category")
        starts = Q(binds_at__range=soon) | Q(starts_at__range=soon)
        new = rows.filter(starts, announced_at__isnull=False)
        ends = Q(end_binds_at__range=soon) | Q(ends_at__range=soon)
        ends |= Q(promised_ends_at__range=soon)
        moved = rows.filter(ends, end_announced_at__isnull=False)
        found = [*map(changes.of_start, new), *map(changes.of_end, moved)]
        yield from filter(None, found)
