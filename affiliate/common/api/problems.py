"""Errors as application/problem+json (RFC 9457), the same shape for every cause."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from affiliate.common.errors import Refusal

CONTENT_TYPE = "application/problem+json"
_RETRY_S = 2
# PostgreSQL keeps no NUL in text; the driver refuses to send it.
_NUL = "cannot contain NUL"


@dataclass(frozen=True)
class Problem:
    """What the client gets to know about one error. `errors` maps paths to messages."""

    status: int
    code: str
    title: str = ""
    detail: str = ""
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the members of the document."""
        return {
            "type": f"urn:problem:{self.code}",
            "title": self.title or HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": dict(self.errors),
        }


def problem_response(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an exception of a view; None for a bug, which Django answers with 500."""
    problem = of(exc)
    if problem is None:
        return None
    return Response(
        problem.body(),
        status=problem.status,
        headers=dict(problem.headers),
        content_type=CONTENT_TYPE,
    )


def of(exc: BaseException | None) -> Problem | None:
    """Return the problem that an exception stands for; None for one unforeseen."""
    if isinstance(exc, Refusal):
        return _refused(exc)
    if isinstance(exc, exceptions.APIException):
        return _of_framework(exc)
    if isinstance(exc, OperationalError | InterfaceError):
        # A lock or statement that took too long, a full pool, a server that is away:
        # nothing was done, so the same request may come again.
        return Problem(
            503,
            "temporarily_unavailable",
            detail=_("The service is busy. Send the request again in a moment."),
            headers={"Retry-After": str(_RETRY_S)},
        )
    return _of_django(exc)


def _refused(refusal: Refusal) -> Problem:
    words = [str(refusal.detail), str(refusal.way_out or "")]
    seconds = refusal.retry_after_s
    return Problem(
        refusal.status,
        refusal.code,
        title=str(refusal.title),
        detail=" ".join(word for word in words if word),
        errors=refusal.errors,
        headers={} if seconds is None else {"Retry-After": str(seconds)},
    )


def _of_framework(exc: exceptions.APIException) -> Problem:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, int(wait)))
    if isinstance(exc, exceptions.ValidationError):
        return _invalid(dict(paths(exc.detail)))
    return Problem(
        exc.status_code,
        str(exc.default_code),
        detail=str(exc.detail),
        headers=headers,
    )


def _invalid(errors: dict[str, list[str]]) -> Problem:
    return Problem(
        400,
        "invalid",
        detail=_("Some fields cannot be accepted; errors names them."),
        errors=errors,
    )


def _of_django(exc: BaseException | None) -> Problem | None:
    match exc:
        case Http404():
            # Not the exception's words: they differ between foreign and missing.
            return Problem(404, "not_found", detail=_("There is nothing here."))
        case PermissionDenied():
            return Problem(403, "permission_denied", detail=_("This is not allowed."))
        case RequestDataTooBig():
            most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
            said = _("A body has at most %(most)d bytes: send several smaller ones.")
            return Problem(413, "too_large", detail=said % {"most": most})
        case ModelValidationError():
            return _invalid(_of_model(exc))
        case SuspiciousOperation() | UnreadablePostError():
            return Problem(400, "bad_request", detail=_("This cannot be read."))
        case DataError() | ValueError() if _NUL in str(exc):
            return Problem(400, "bad_request", detail=_("Text holds a NUL character."))
    return None


def _of_model(exc: ModelValidationError) -> dict[str, list[str]]:
    if hasattr(exc, "error_dict"):
        return dict(paths(exc.message_dict))
    return {ROOT: list(exc.messages)}


# ------------------------------------------------------------------ paths

ROOT = "non_field_errors"
_ROOT_NAMES = {ROOT, "__all__"}


def paths(detail: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield the messages of nested errors by path: `lines[2].net_cents`.

    What concerns an object as a whole stands at the object's own path, and at
    `non_field_errors` for the body.
    """
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from paths(inner, _below(path, name))
    elif isinstance(detail, list) and any(isinstance(e, Mapping) for e in detail):
        for place, inner in enumerate(detail):
            yield from paths(inner, _below(path, place))
    elif detail:
        messages = detail if isinstance(detail, list) else [detail]
        yield path or ROOT, [str(message) for message in messages]


def _below(path: str, name: str | int) -> str:
    if isinstance(name, int):
        return f"{path}[{name}]"
    if name in _ROOT_NAMES:
        return path
    return f"{path}.{name}" if path else str(name)
