"""Answers where no view ran to its end: problem+json for machines, pages for people."""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views import defaults

from affiliate.common.api import problems

_FOR_MACHINES = ("/api/", "/hooks/")
_PAGES_OF_A_BAD_TIME = {429, 503}
_BUG = problems.Problem(500, "internal_error", detail="")


def answer(problem: problems.Problem) -> JsonResponse:
    """Return the problem as a response of Django's own."""
    return JsonResponse(
        problem.body(),
        status=problem.status,
        headers=dict(problem.headers),
        content_type=problems.CONTENT_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )


def bug() -> JsonResponse:
    """Return what a client gets to know about an error of ours: that it is ours."""
    return answer(_BUG)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer a request that Django refused to read."""
    if problem := _for_machines(request, exception):
        return answer(problem)
    return defaults.bad_request(request, exception)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer a request that is not allowed."""
    if problem := _for_machines(request, exception):
        return answer(problem)
    return defaults.permission_denied(request, exception)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer a request for what is not there."""
    if problem := _for_machines(request, exception):
        return answer(problem)
    return defaults.page_not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer an exception that nobody caught; some are no bugs but a bad time."""
    problem = problems.of(sys.exc_info()[1]) or _BUG
    if request.path.startswith(_FOR_MACHINES):
        return answer(problem)
    if problem.status not in _PAGES_OF_A_BAD_TIME:
        problem = _BUG
    page = defaults.server_error(request, f"{problem.status}.html")
    page.status_code = problem.status
    for name, value in problem.headers.items():
        page[name] = value
    return page


def _for_machines(request: HttpRequest, exc: Exception) -> problems.Problem | None:
    return problems.of(exc) if request.path.startswith(_FOR_MACHINES) else None
