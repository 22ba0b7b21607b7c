"""The outbox: what must happen after a commit, and happens though a process dies.

A verb leaves a message in its own transaction; `sweep` hands it to the topic's
subscribers. The queue only wakes the sweep up: losing it costs seconds.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from affiliate.common import errors, locks
from affiliate.common.models import OutboxMessage

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
SENT_IS_KEPT = timedelta(days=30)
_AT_ONCE = 1_000
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)

Handler = Callable[..., None]
_subscribers: dict[str, list[Handler]] = {}


class UnknownTopic(LookupError):  # noqa: N818  named for the state, as the house does
    """Nobody subscribes to this topic: is it misspelt, or its module not imported?"""


def subscribe(topic: str) -> Callable[[Handler], Handler]:
    """Register a handler for a topic; the floor's AppConfig.ready imports its module.

    The handler is called with the ids and `at`, inside a transaction that also marks
    the message as done. What it does to the database happens once; what it does
    elsewhere may happen again after a crash.
    """

    def register(handler: Handler) -> Handler:
        handlers = _subscribers.setdefault(topic, [])
        if handler not in handlers:
            handlers.append(handler)
        return handler

    return register


def leave(topic: str, **ids: int | str) -> OutboxMessage:
    """Leave a message in the caller's transaction; it is due as soon as that commits.

    Only ids: what they name is read again by the handler. Leaving it twice has it done
    twice. Raises UnknownTopic, and TransactionManagementError outside a transaction.
    """
    _demand_reader_and_cause(topic)
    message = OutboxMessage.objects.create(topic=topic, payload=ids)
    _nudge_on_commit()
    return message


def leave_many(topic: str, payloads: Iterable[Mapping[str, int | str]]) -> int:
    """Leave a message for each of these ids in one statement; return how many.

    Like `leave` in everything else; of none it leaves none.
    """
    _demand_reader_and_cause(topic)
    rows = [OutboxMessage(topic=topic, payload=dict(ids)) for ids in payloads]
    OutboxMessage.objects.bulk_create(rows, batch_size=_AT_ONCE)
    if rows:
        _nudge_on_commit()
    return len(rows)


def _demand_reader_and_cause(topic: str) -> None:
    if topic not in _subscribers:
        raise UnknownTopic(topic)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A message is left with its cause: inside atomic()."
        )


def _nudge_on_commit() -> None:
    if not any(entry is _nudge for _, entry, *_ in connection.run_on_commit):
        transaction.on_commit(_nudge, robust=True)


def _nudge() -> None:
    # Without retries: when the broker is away, the timer finds the message.
    current_app.send_task("common.sweep_outbox", retry=False, expires=60)


@dataclass
class Swept:
    """What one sweep did, in messages."""

    sent: int = 0
    failed: int = 0
    parked: int = 0


def sweep(limit: int, *, at: datetime) -> Swept:
    """Hand up to `limit` messages that are due at `at` to their subscribers.

    Any number of sweeps may run at once; each message has one of them. A message that
    fails comes again after a growing pause and is parked after MAX_ATTEMPTS. Must not
    be called inside a transaction: the attempt has to be counted for good before the
    handler runs, so that a message that kills its worker is parked as well.
    """
    swept = Swept()
    for _ in range(limit):
        message = _claim(at)
        if message is None:
            break
        if message.parked_at:
            swept.parked += 1
        elif error := _deliver(message, at):
            swept.failed += 1
            swept.parked += _note(message, error, at)
        else:
            swept.sent += 1
    return swept


def waiting(at: datetime) -> "QuerySet[OutboxMessage]":
    """Return the messages that a sweep at this instant would take.

    A message never tried is due whatever the clock of the sweep says.
    """
    is_due = Q(attempts=0) | Q(due_at__lte=at)
    return OutboxMessage.objects.filter(is_due, sent_at=None, parked_at=None)


def parked() -> "QuerySet[OutboxMessage]":
    """Return what was given up and waits for a person, the latest first."""
    return OutboxMessage.objects.filter(parked_at__isnull=False).order_by("-parked_at")


def retry(message_id: int, *, at: datetime) -> bool:
    """Make a parked message due again with all its attempts; say whether it was parked.

    The second call finds it no longer parked and changes nothing.
    """
    parked = OutboxMessage.objects.filter(pk=message_id, parked_at__isnull=False)
    return bool(parked.update(parked_at=None, attempts=0, due_at=at))


def purge(*, at: datetime) -> int:
    """Delete what was done more than 30 days ago and return how many that were."""
    old = OutboxMessage.objects.filter(sent_at__lt=at - SENT_IS_KEPT)
    return old.delete()[0]


@transaction.atomic(durable=True)
def _claim(at: datetime) -> OutboxMessage | None:
    """Count an attempt at the oldest message that is due, for good.

    It becomes due again later, should this worker die. One whose attempts are used up
    without an error being noted has killed its workers: it comes back parked.
    """
    due = waiting(at).order_by("due_at", "pk").select_for_update(skip_locked=True)
    message = due.first()
    if message is None:
        return None
    if message.attempts >= MAX_ATTEMPTS:
        message.parked_at = at
        message.last_error = message.last_error or "The worker died every time."
        message.save(update_fields=["parked_at", "last_error"])
        logger.error("outbox message %s is parked", message.pk)
        return message
    message.attempts += 1
    message.due_at = at + _pause(message.attempts)
    message.save(update_fields=["attempts", "due_at"])
    return message


def _deliver(message: OutboxMessage, at: datetime) -> str:
    """Call the handlers and mark the message as done, together; return the error."""
    try:
        with transaction.atomic():
            if not _is_still_ours(message):
                return ""
            handlers = _subscribers.get(message.topic)
            if not handlers:
                raise UnknownTopic(message.topic)
            for handler in handlers:
                handler(**message.payload, at=at)
            OutboxMessage.objects.filter(pk=message.pk).update(sent_at=at)
    except Exception as error:  # one message must not stop the others
        logger.exception("outbox message %s failed", message.pk)
        return errors.place(error)
    return ""


def _is_still_ours(message: OutboxMessage) -> bool:
    """Lock the message, unless it was due again before we came and another took it."""
    same = OutboxMessage.objects.filter(
        pk=message.pk, attempts=message.attempts, sent_at=None, parked_at=None
    )
    return bool(locks.rows(same))


def _note(message: OutboxMessage, error: str, at: datetime) -> bool:
    """Keep the error; park the message and return True if it was the last attempt."""
    is_last = message.attempts >= MAX_ATTEMPTS
    same = OutboxMessage.objects.filter(pk=message.pk, attempts=message.attempts)
    same.update(last_error=error[:500], parked_at=at if is_last else None)
    return is_last


def _pause(attempts: int) -> timedelta:
    doubled: int = 2 ** (attempts - 1)
    return min(_FIRST_PAUSE * doubled, _LONGEST_PAUSE)
