"""The audit trail: what was done, by whom, kept so that a change of it shows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from affiliate.common import locks
from affiliate.common.models import AuditEntry, User

# The chain of what belongs to no shop.
PLATFORM = "platform"
_SYSTEM = "system"
_acting: ContextVar[str] = ContextVar("acting", default="")

# Walks one chain: its place, its hash and its link to the one before must all fit.
_FIRST_BAD = """
    select id from (
        select entry.id, entry.number, entry.hash, entry.prev_hash,
               row_number() over by_place as place,
               coalesce(lag(entry.hash) over by_place, '') as before,
               audit_entry_hash(entry) as computed
          from audit_entry entry
         where entry.chain = %s
        window by_place as (order by entry.number, entry.id)
    ) walked
     where number <> place or prev_hash <> before or hash <> computed
     order by place
     limit 1
"""


@transaction.atomic(savepoint=False)
def record(
    chain: str,
    action: str,
    subject: models.Model | tuple[str, int | str],
    *,
    at: datetime,
    actor: User | None = None,
    actor_label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry at the end of a chain, in the caller's transaction.

    `subject` is the object, or its kind and id. `actor_label` names who is no user,
    such as an API key; without either it is the system. `before` and `after` hold the
    changed fields: ids and business facts, nothing personal, for entries outlive it.

    The chain is locked until the commit and is the last lock in the order: record at
    the end of a verb. Every call writes an entry, also for the same thing.
    """
    locks.hold(locks.AUDIT_CHAIN, chain)
    if isinstance(subject, models.Model):
        subject = (subject._meta.label_lower, subject.pk)
    kind, id = subject
    return AuditEntry.objects.create(
        chain=chain,
        at=at,
        actor=actor,
        actor_label=actor_label
        or (f"user:{actor.pk}" if actor else _acting.get() or _SYSTEM),
        action=action,
        object_type=kind,
        object_id=str(id),
        before=before,
        after=after,
    )


@contextmanager
def acting_as(label: str) -> Iterator[None]:
    """Let entries without an actor name this label, such as an API key's prefix.

    For doors whose caller is no user: the verbs below need not pass it on.
    """
    token = _acting.set(label)
    try:
        yield
    finally:
        _acting.reset(token)


def verify(chain: str) -> AuditEntry | None:
    """Return the first entry of a chain that is not as it was written, or None.

    Finds what was changed, removed, put in between or moved, by whatever role. That
    the end of a chain was cut off shows only against a `head` published before.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_BAD, [chain])
        row = cursor.fetchone()
    return AuditEntry.objects.get(pk=row[0]) if row else None


def head(chain: str) -> tuple[int, str]:
    """Return number and hash of the last entry, to publish; 0 and "" without one."""
    last = (
        AuditEntry.objects.filter(chain=chain)
        .order_by("-number")
        .values_list("number", "hash")
        .first()
    )
    return last or (0, "")


def chains() -> list[str]:
    """Return the names of all chains, for a check of each."""
    return list(
        AuditEntry.objects.order_by("chain").values_list("chain", flat=True).distinct()
    )
