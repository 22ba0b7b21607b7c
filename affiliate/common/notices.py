"""What people were told: read in their own language, counted, marked as read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.template import Context
from django.template.loader import get_template
from django.utils.dateparse import parse_datetime

from affiliate.common.models import Notice

KEPT = timedelta(days=730)


@dataclass(frozen=True)
class Words:
    """A notice in the language that is active: a line, and paragraphs of plain text."""

    subject: str
    paragraphs: Sequence[str]


def words(notice: Notice) -> Words:
    """Return what a notice says in the language that is active, as plain text.

    Nothing in it is escaped: a page does that. The subject is one line, whatever names
    are in it, so that it can head an e-mail.
    """
    name = f"emails/{notice.topic}"
    facts = _facts(notice.params)
    subject = " ".join(_plain(f"{name}.subject.txt", facts).split())
    body = _plain(f"{name}.txt", facts).replace("\r", "")
    paragraphs = [part.strip() for part in body.split("\n\n")]
    return Words(subject, [part for part in paragraphs if part])


def unread_count(user_id: int) -> int:
    """Return how many notices this person has not read."""
    return Notice.objects.filter(user=user_id, read_at=None).count()


def newest(user_id: int) -> int:
    """Return the highest id of what this person was told; 0 of nothing."""
    rows = Notice.objects.filter(user=user_id)
    return rows.aggregate(newest=Max("pk"))["newest"] or 0


def beyond(
    user_id: int, place: tuple[datetime, int] | None, *, is_upward: bool, limit: int
) -> list[Notice]:
    """Return at most `limit` notices of a person beyond a place, the nearest first.

    A place is instant and id of a notice; upward is newer. Without one, the latest.
    """
    rows = Notice.objects.filter(user=user_id)
    order = ("created_at", "pk") if is_upward else ("-created_at", "-pk")
    if place is not None:
        at, pk = place
        way = "gt" if is_upward else "lt"
        same = Q(created_at=at, **{f"pk__{way}": pk})
        rows = rows.filter(Q(**{f"created_at__{way}": at}) | same)
    return list(rows.order_by(*order)[:limit])


def mark_read(user_id: int, notice_id: int, *, at: datetime) -> bool:
    """Mark one's own notice as read; say whether there is such a one.

    Marked already, it keeps its first moment. Another's is as missing as an unknown.
    """
    own: QuerySet[Notice] = Notice.objects.filter(user=user_id, pk=notice_id)
    return bool(own.filter(read_at=None).update(read_at=at)) or own.exists()


def mark_all_read(user_id: int, *, up_to: int, at: datetime) -> int:
    """Mark as read what a person has, up to the notice they saw; return how many.

    What came since their page was made (a higher id than `up_to`) stays unread.
    """
    unread = Notice.objects.filter(user=user_id, read_at=None, pk__lte=up_to)
    return unread.update(read_at=at)


def purge(*, at: datetime) -> int:
    """Delete what was told more than two years ago and return how many that were."""
    return Notice.objects.filter(created_at__lt=at - KEPT).delete()[0]


def _facts(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params with instants (`*_at`) as such, and each text on one line.

    A name with line breaks in it would look like words of ours.
    """
    return {name: _fact(name, value) for name, value in params.items()}


def _fact(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    is_instant = name.endswith("_at") and value
    return parse_datetime(value) if is_instant else " ".join(value.split())


def _plain(name: str, facts: Mapping[str, Any]) -> str:
    # Text, not a page: an apostrophe in a name stays one.
    template = get_template(name).template  # type: ignore[attr-defined]  # Django's engine
    rendered: str = template.render(Context(dict(facts), autoescape=False))
    return rendered
