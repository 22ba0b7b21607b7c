"""What every page of the portal needs: a signed-in creator, and pages nobody keeps."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from creators import portal, program_terms
from creators.models import Creator, Link

P = ParamSpec("P")


def for_creator(
    page: Callable[Concatenate[HttpRequest, Creator, P], HttpResponse],
) -> Callable[..., Any]:
    """Open the page to creators only, and hand it the one who is signed in.

    A stranger is sent to sign in and comes back; who is no creator is told so (403).
    The answer is for this reader alone: nothing on the way keeps it.
    """

    @require_safe
    @never_cache
    @login_required
    @wraps(page)
    def door(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        creator = getattr(request.user, "creator", None)
        if creator is None:
            return render(request, "creators/portal/no_creator.html", status=403)
        return page(request, creator, *args, **kwargs)

    return door


@for_creator
def link_qr(request: HttpRequest, creator: Creator, link_id: int) -> HttpResponse:
    """GET the picture of one's own link; another's is as missing as an unknown one."""
    try:
        picture = portal.qr_of(creator.pk, link_id)
    except Link.DoesNotExist as error:
        raise Http404 from error
    return HttpResponse(picture, content_type="image/svg+xml")


@for_creator
def show_terms(request: HttpRequest, creator: Creator, program_id: int) -> HttpResponse:
    """GET what a program that one joined pays; any other is as missing as unknown."""
    at = now()
    found = program_terms.read(creator.pk, program_id, at=at)
    if found is None:
        raise Http404
    page = {**vars(found), "at": at}
    return render(request, "creators/portal/terms.html", page)
