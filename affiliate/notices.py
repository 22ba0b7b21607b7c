"""The pages of what a person was told: in the portal, and the same in the admin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from affiliate.common import notices
from affiliate.common.models import Notice
from payouts.portal import paging
from shops.admin.scope import user_of

_A_PAGE = 20
# An id is a bigint.
_TOO_LONG = 19
PORTAL, ADMIN = "notices", "admin:notices"


@dataclass(frozen=True)
class Row:
    """One notice as it is read: `subject` and `paragraphs` are plain text."""

    id: int
    subject: str
    paragraphs: Sequence[str]
    created_at: datetime
    is_read: bool


@require_safe
@never_cache
@login_required
def in_portal(request: HttpRequest) -> HttpResponse:
    """GET one's own notices, the latest first, with the portal around them."""
    return TemplateResponse(request, "affiliate/notices.html", _page(request, PORTAL))


@require_safe
@never_cache
def in_admin(request: HttpRequest) -> HttpResponse:
    """GET the same with the admin around them."""
    frame = {**admin.site.each_context(request), "title": _("Notices")}
    request.current_app = admin.site.name
    page = {**frame, **_page(request, ADMIN)}
    return TemplateResponse(request, "admin/notices.html", page)


@require_POST
@login_required
def read(request: HttpRequest, notice_id: int, back: str) -> HttpResponse:
    """POST that one's own notice is read; with `then=open` it leads to its page."""
    user = user_of(request)
    if not notices.mark_read(user.pk, notice_id, at=now()):
        raise Http404
    if request.POST.get("then") == "open":
        return HttpResponseRedirect(Notice.objects.get(pk=notice_id).path)
    return HttpResponseRedirect(reverse(back) + _query(request))


@require_POST
@login_required
def read_all(request: HttpRequest, back: str) -> HttpResponse:
    """POST that all is read, up to the newest when the page was made (`up_to`)."""
    up_to = request.POST.get("up_to", "")
    if up_to.isascii() and up_to.isdigit() and len(up_to) < _TOO_LONG:
        notices.mark_all_read(user_of(request).pk, up_to=int(up_to), at=now())
    return HttpResponseRedirect(reverse(back))


def admin_urls() -> list[URLPattern]:
    """Return the addresses for the admin's own list of them."""
    door, back = admin.site.admin_view, {"back": ADMIN}
    return [
        path("notices/", door(in_admin), name="notices"),
        path("notices/read/", door(read_all), back, name="notices_read_all"),
        path("notices/<int:notice_id>/read/", door(read), back, name="notice_read"),
    ]


urlpatterns = [
    path("", in_portal, name="notices"),
    path("read/", read_all, {"back": PORTAL}, name="notices_read_all"),
    path("<int:notice_id>/read/", read, {"back": PORTAL}, name="notice_read"),
]


def _page(request: HttpRequest, name: str) -> dict[str, Any]:
    user = user_of(request)
    asked = paging.Asked(
        older_than=paging.place(request.GET.get("before", "")),
        newer_than=paging.place(request.GET.get("after", "")),
    )

    def fetch(
        place: paging.Place | None, is_upward: bool, limit: int
    ) -> Sequence[Notice]:
        beyond = (place.at, place.id) if place else None
        return notices.beyond(user.pk, beyond, is_upward=is_upward, limit=limit)

    found = paging.read(asked, _A_PAGE, fetch, _place)
    where = reverse(name)
    return {
        "rows": [_row(notice) for notice in found.rows],
        "unread": notices.unread_count(user.pk),
        "newest": notices.newest(user.pk),
        "query": _query(request),
        "next_url": f"{where}?before={found.older_than}" if found.older_than else "",
        "previous_url": f"{where}?after={found.newer_than}" if found.newer_than else "",
    }


def _place(notice: Notice) -> paging.Place:
    return paging.Place(notice.created_at, notice.pk)


def _row(notice: Notice) -> Row:
    said = notices.words(notice)
    return Row(
        id=notice.pk,
        subject=said.subject,
        paragraphs=said.paragraphs,
        created_at=notice.created_at,
        is_read=notice.read_at is not None,
    )


def _query(request: HttpRequest) -> str:
    """Return the part of the list that was looked at, as it stands in its address."""
    for name in ("before", "after"):
        if (found := paging.place(request.GET.get(name, ""))) is not None:
            return f"?{name}={found}"
    return ""
