"""Lower rates are told when they are announced and two days before they bind (R6)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from affiliate.common import notify, outbox
from creators.announcing import people
from shops import changes, terms
from shops.changes import Change
from shops.models import Exclusion, Rate

AHEAD = timedelta(days=2)
# More changes of one program at one moment, such as a file's, are told as one.
MOST_APART = 5
# A term, and whether it is its end that was announced.
_Part = tuple[Rate | Exclusion, bool]
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
    together = _together(change)
    if len(together) > MOST_APART:
        if (change.term, change.is_of_end) == together[0]:
            _tell_of_many(change, together, "rates_changed", at)
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
    found: list[_Part] = []
    for model in (Exclusion, Rate):
        rows = model.objects.filter(program=change.term.program_id).order_by("pk")
        new = rows.filter(announced_at=change.announced_at)
        moved = rows.filter(end_announced_at=change.announced_at)
        found += [*((each, False) for each in new), *((each, True) for each in moved)]
    return found


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
