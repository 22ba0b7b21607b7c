"""Idempotency keys with Stripe's contract: a request sent again gets the first answer.

One transaction holds the key's lock, the work and the kept answer. So the work and
its answer are committed together, and a process that dies lets go of the key at once
with nothing done: there is no "running" row to be stale.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from affiliate.common import locks
from affiliate.common.errors import Refusal
from affiliate.common.models import IdempotencyKey

KEPT = timedelta(hours=24)
MAX_LENGTH = 255
# With these the endpoint's work never began (the request was not understood, not
# allowed or came at a bad time), so the same key may try again.
_NOT_KEPT = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.NOT_ACCEPTABLE,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)


class KeyInvalid(Refusal):
    """The header is not a key: empty, too long, or not printable ASCII."""

    code = "idempotency_key_invalid"
    status = 400
    title = _("This idempotency key cannot be used.")
    way_out = _("Send 1 to 255 printable ASCII characters, such as a UUID.")


class KeyInUse(Refusal):
    """The first request under this key has not ended: wait, then send it again."""

    code = "idempotency_key_in_use"
    title = _("A request with this idempotency key is still running.")
    way_out = _("Send it again in a moment.")
    retry_after_s = 1


class KeyReused(Refusal):
    """Another request was sent under this key before: use a new key for a new one."""

    code = "idempotency_key_reused"
    status = 422
    title = _("This idempotency key was used for another request.")
    way_out = _("Send the first request unchanged, or a new key.")


@dataclass(frozen=True)
class Answer:
    """What goes back to the client, byte for byte."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    is_replayed: bool = False


@dataclass(frozen=True)
class KeyedRequest:
    """One request under one key; keys of different owners have nothing in common."""

    owner: str
    key: str
    fingerprint: str


def keyed_request(owner: str, key: str, *parts: bytes) -> KeyedRequest:
    """Return the identity of a request; `parts` are its method, path, query and body.

    Raises KeyInvalid.
    """
    if not (0 < len(key) <= MAX_LENGTH and key.isascii() and key.isprintable()):
        raise KeyInvalid
    digest = hashlib.sha256()
    for part in parts:
        # With the lengths, no two lists of parts read the same.
        digest.update(len(part).to_bytes(8, "big") + part)
    return KeyedRequest(owner, key, digest.hexdigest())


def once(
    request: KeyedRequest,
    execute: Callable[[], Answer],
    *,
    failed: Answer,
    at: datetime,
) -> Answer:
    """Execute a request, or give the first answer to it again, also if that was a 500.

    What `execute` wrote is undone when it answers 400 or more. An error that it raises
    is raised again after `failed` was kept as the answer. Nothing is kept when the work
    never began (see above). Must not be called inside a transaction.

    Raises KeyInUse and KeyReused.
    """
    unforeseen: Exception | None = None
    with transaction.atomic(durable=True):
        if not locks.try_hold(locks.IDEMPOTENCY, f"{request.owner}:{request.key}"):
            raise KeyInUse
        if kept := _kept(request):
            return kept
        try:
            answer = _execute(execute)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001  kept as a 500, and raised below
            answer, unforeseen = failed, error
        if answer.status not in _NOT_KEPT:
            _keep(request, answer, at)
    if unforeseen is not None:
        raise unforeseen
    return answer


def purge(*, at: datetime) -> int:
    """Delete the keys older than 24 hours and return how many that were."""
    return IdempotencyKey.objects.filter(created_at__lt=at - KEPT).delete()[0]


def _kept(request: KeyedRequest) -> Answer | None:
    row = IdempotencyKey.objects.filter(owner=request.owner, key=request.key).first()
    if row is None:
        return None
    if row.fingerprint != request.fingerprint:
        raise KeyReused
    return Answer(row.status, bytes(row.body), row.headers, is_replayed=True)


class _Undo(Exception):  # noqa: N818  no error: carries the answer past the savepoint
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def _execute(execute: Callable[[], Answer]) -> Answer:
    try:
        with transaction.atomic():
            answer = execute()
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise _Undo(answer)
            # Deferred constraints speak now, while the work can still be undone alone.
            with connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")
    except _Undo as undo:
        return undo.answer
    return answer


def _keep(request: KeyedRequest, answer: Answer, at: datetime) -> None:
    IdempotencyKey.objects.create(
        owner=request.owner,
        key=request.key,
        fingerprint=request.fingerprint,
        status=answer.status,
        headers=dict(answer.headers),
        body=answer.body,
        created_at=at,
    )
