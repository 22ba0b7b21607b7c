"""`Idempotency-Key` on a view's method: Stripe's contract, see affiliate.common."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.timezone import now
from rest_framework.request import Request
from rest_framework.response import Response

from affiliate.common import idempotency
from affiliate.common.api import pages

if TYPE_CHECKING:
    # The framework's views import our parser, and with it this package.
    from rest_framework.views import APIView

_HEADER = "Idempotency-Key"
_REPLAYED = "Idempotent-Replayed"
_KEPT_HEADERS = ("Content-Type", "Location", "Retry-After")

Method = Callable[..., HttpResponseBase]


def idempotent(method: Method) -> Method:
    """Let a POST sent again under the same key get the first answer, byte for byte.

    The whole method runs in one transaction. Without the header nothing changes. Keys
    belong to `request.auth.idempotency_owner` (a shop, so that a rotated API key still
    finds its answers), else to the user. Authentication, permissions and throttles
    come first and are asked every time.
    """

    @wraps(method)
    def keyed(view: "APIView", request: Request, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(_HEADER)
        if key is None:
            return method(view, request, *args, **kwargs)
        answer = idempotency.once(
            idempotency.keyed_request(
                _owner(request),
                key,
                (request.method or "").encode(),
                request.get_full_path().encode(),
                request._request.body,  # read before the parser takes the stream
            ),
            lambda: _run(view, request, lambda: method(view, request, *args, **kwargs)),
            failed=_answer(pages.bug()),
            at=now(),
        )
        response = HttpResponse(answer.body, status=answer.status)
        for name, value in answer.headers.items():
            response[name] = value
        if answer.is_replayed:
            response[_REPLAYED] = "true"
        return response

    keyed.is_idempotent = True  # type: ignore[attr-defined]  # for the fence of POSTs
    return keyed


def _owner(request: Request) -> str:
    owner: str | None = getattr(request.auth, "idempotency_owner", None)
    if owner:
        return owner
    if request.user is not None and request.user.pk is not None:
        return f"user:{request.user.pk}"
    raise TypeError("An idempotent view needs to know whose request it is.")


def _run(
    view: "APIView", request: Request, method: Callable[[], HttpResponseBase]
) -> idempotency.Answer:
    """Run the method and render what it answers; errors that have an answer, too."""
    try:
        response = method()
    except Exception as error:  # noqa: BLE001  raised again where it has no answer
        response = view.handle_exception(error)
    final = view.finalize_response(
        request, cast(Response, response), *view.args, **view.kwargs
    )
    if isinstance(final, Response):
        final.render()
    return _answer(final)


def _answer(response: HttpResponse) -> idempotency.Answer:
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    return idempotency.Answer(response.status_code, response.content, headers)
