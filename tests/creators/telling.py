"""People who may be told, and what they were told."""

from datetime import UTC, datetime, timedelta

from django.utils import translation

from affiliate.common import notices, outbox
from affiliate.common.models import Notice
from tests.factories import EnrollmentFactory

SAID = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
BINDS = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def enroll(program, *, since=SAID - DAY, language="en", **fields):
    """Return an enrollment of someone who reads this language."""
    return EnrollmentFactory(
        program=program, since=since, creator__user__language=language, **fields
    )


def hand_out(at=SAID):
    """Let the real outbox do all that waits, and what that leaves; none may fail."""
    while outbox.waiting(at).exists():
        swept = outbox.sweep(200, at=at)
        assert (swept.failed, swept.parked) == (0, 0)


def told(enrollment):
    """Return the topics that the creator was told, in their order."""
    rows = Notice.objects.filter(user__creator__enrollments=enrollment).order_by("pk")
    return [notice.topic.partition("/")[2] for notice in rows]


def words(enrollment):
    """Return what the last notice of the creator says in English."""
    rows = Notice.objects.filter(user__creator__enrollments=enrollment).order_by("pk")
    with translation.override("en"):
        said = notices.words(rows.last())
    return "\n".join([said.subject, *said.paragraphs])
