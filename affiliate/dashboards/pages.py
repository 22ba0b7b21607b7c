"""The page of figures, and the same as a file: each person's own shops only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from affiliate.dashboards import charts, figures, uplift
from affiliate.dashboards.figures import Figure, Scope, Span, asking, export
from affiliate.dashboards.figures.asking import Asked
from payouts.models import Commission
from shops.admin.exports import sent
from shops.admin.scope import may, reach
from shops.models import Boost

PLATFORM_ZONE = "Europe/Paris"
_A_PAGE, _LANES, _UPLIFTS = 25, 10, 10


@dataclass(frozen=True)
class Own:
    """Whose figures a person may see, None for everybody's, and by which clock."""

    shops: tuple[int, ...] | None
    zone: str


def own(request: HttpRequest) -> Own | None:
    """Return what of the figures is this person's; None where none is.

    Of several shops the one opened first says when a day begins.
    """
    shops = reach(request).shops
    if shops:
        return Own(tuple(sorted(shops)), str(shops[min(shops)].time_zone))
    if may(request, "view", Commission):
        return Own(None, PLATFORM_ZONE)
    return None


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """GET the figures of a span of days, by one dimension."""
    mine, asked, programs = _asked(request)
    page = _page(mine, asked, now())
    frame = {**admin.site.each_context(request), "title": _("Figures")}
    request.current_app = admin.site.name
    context = {**frame, **page, "programs": programs}
    return TemplateResponse(request, "admin/dashboards/figures.html", context)


@require_safe
def take_along(request: HttpRequest, format: str) -> HttpResponseBase:
    """GET the whole table as a file, in all its currencies."""
    mine, asked, _programs = _asked(request)
    found = export.whole(Scope(mine.shops, asked.program), asked)
    return sent(export.table(asked.by), found, format)


def admin_urls() -> list[URLPattern]:
    """Return the addresses for the admin's own list of them."""
    door = admin.site.admin_view
    return [
        path("figures/", door(show), name="figures"),
        *(
            path(
                f"figures.{each}", door(take_along), {"format": each}, f"figures_{each}"
            )
            for each in ("csv", "xlsx")
        ),
    ]


def _asked(request: HttpRequest) -> tuple[Own, Asked, dict[int, str]]:
    """Read the address; another shop's program is answered like none."""
    mine = own(request)
    if mine is None:
        raise PermissionDenied
    asked = asking.read(request.GET.dict(), now(), mine.zone)
    programs = figures.programs(mine.shops)
    if asked.program is not None and asked.program not in programs:
        raise Http404
    return mine, asked, programs


def _page(mine: Own, asked: Asked, at: datetime) -> dict[str, Any]:
    scope = Scope(mine.shops, asked.program)
    totals = figures.totals(scope, asked.span)
    earlier = figures.totals(scope, _compared(asked, at))
    currency = _currency(asked, totals)
    page: dict[str, Any] = {
        "asked": asked,
        "totals": [
            (total, earlier.get(code, Figure(code))) for code, total in totals.items()
        ],
        "earlier": _compared(asked, at),
        "currency": currency,
        "currencies": [(code, asked.query(currency=code)) for code in totals],
        "periods": [
            (name, words, asked.query(period=name, days={}))
            for name, words in asking.PERIODS.items()
            if name != "custom"
        ],
        "dimensions": [
            (by, capfirst(str(words)), asked.query(by=by, **_usual_order(by)))
            for by, words in figures.BY.items()
        ],
        "by_words": str(figures.BY[asked.by]),
        "headers": _headers(asked),
        "query": asked.query(),
    }
    if currency:
        page |= _table(scope, asked, currency)
    if asked.by == "boost":
        page["uplifts"] = uplift.of(_boosts(scope, asked.span), at)
    return page


def _compared(asked: Asked, at: datetime) -> Span:
    """Return the span before: the same part of a month, or as many days."""
    if asked.period in ("month", "last"):
        return asked.span.month_before(at)
    return asked.span.before()


def _currency(asked: Asked, totals: dict[str, Figure]) -> str:
    """Return the currency asked for, else the one of most orders."""
    if asked.currency in totals:
        return asked.currency
    return max(totals, key=lambda code: (totals[code].orders, code), default="")


def _usual_order(by: str) -> dict[str, Any]:
    return {"sort": "name" if by == "day" else "sales", "is_rising": False}


def _table(scope: Scope, asked: Asked, currency: str) -> dict[str, Any]:
    if asked.by == "day":
        return _days(scope, asked, currency)
    order: dict[str, Any] = {
        "currency": currency,
        "sort": asked.sort,
        "is_rising": asked.is_rising,
    }
    start = (asked.number - 1) * _A_PAGE
    found = figures.page(
        scope, asked.span, asked.by, limit=_A_PAGE, offset=start, **order
    )
    best = figures.page(scope, asked.span, asked.by, currency=currency, limit=_LANES)
    return {
        "rows": found.rows,
        "lanes": charts.lanes(best.rows),
        **_paging(asked, found.number),
    }


def _days(scope: Scope, asked: Asked, currency: str) -> dict[str, Any]:
    days = figures.by_day(scope, asked.span).get(currency, [])
    start = (asked.number - 1) * _A_PAGE
    return {
        "days": charts.days(currency, days),
        "rows": figures.sorted_days(days, asked.sort, is_rising=asked.is_rising)[
            start : start + _A_PAGE
        ],
        **_paging(asked, len(days)),
    }


def _paging(asked: Asked, number: int) -> dict[str, Any]:
    here, pages = asked.number, -(-number // _A_PAGE)
    return {
        "row_count": number,
        "page_count": pages,
        "previous_url": f"?{asked.query(number=here - 1)}" if here > 1 else "",
        "next_url": f"?{asked.query(number=here + 1)}" if here < pages else "",
    }


def _headers(asked: Asked) -> list[tuple[str, str, str]]:
    """Return each column's words, the address that sorts by it, and its order now."""
    words = {
        "name": capfirst(str(figures.BY[asked.by])),
        "orders": _("Orders"),
        "sales": _("Sales"),
        "cost": _("Commissions"),
        "return": _("Return on spend"),
    }
    headers = []
    for name, title in words.items():
        is_sorted = name == asked.sort
        turned = asked.query(sort=name, is_rising=is_sorted and not asked.is_rising)
        way = "ascending" if asked.is_rising else "descending"
        headers.append((title, turned, way if is_sorted else ""))
    return headers


def _boosts(scope: Scope, span: Span) -> Sequence[Boost]:
    """Return the boosts that ran in a span, the latest first."""
    rows = Boost.objects.filter(starts_at__lt=span.ends_at, ends_at__gt=span.starts_at)
    if scope.shops is not None:
        rows = rows.filter(program__shop__in=scope.shops)
    if scope.program is not None:
        rows = rows.filter(program=scope.program)
    return list(
        rows.select_related("program__shop").order_by("-starts_at", "-pk")[:_UPLIFTS]
    )
