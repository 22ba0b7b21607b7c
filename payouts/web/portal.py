"""The creator's portal: each page asks one verb and hands its answer to a template."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now

from creators.models import Creator
from creators.web.portal import for_creator
from payouts.models import CommissionStatus
from payouts.portal import commission, home, links, paging, payouts, sales


@for_creator
def show_home(request: HttpRequest, creator: Creator) -> HttpResponse:
    """GET what was earned, when it is paid, and what came in."""
    page = home.read(creator.pk, at=now())
    return render(request, "payouts/portal/home.html", vars(page))


@for_creator
def list_sales(request: HttpRequest, creator: Creator) -> HttpResponse:
    """GET the sales, the latest first; `state` and `program` choose among them."""
    state = request.GET.get("state", "")
    page = sales.page(
        creator.pk,
        state=state if state in CommissionStatus.values else "",
        program=request.GET.get("program", ""),
        asked=_asked(request),
    )
    filters = {"state": page.state, "program": page.program}
    ways = _ways(request, page.older_than, page.newer_than, filters)
    return render(request, "payouts/portal/sales.html", {**vars(page), **ways})


@for_creator
def show_commission(
    request: HttpRequest, creator: Creator, commission_id: int
) -> HttpResponse:
    """GET one sale; another creator's is as missing as an unknown one."""
    page = commission.read(creator, commission_id, at=now())
    if page is None:
        raise Http404
    return render(request, "payouts/portal/commission.html", vars(page))


@for_creator
def list_links(request: HttpRequest, creator: Creator) -> HttpResponse:
    """GET links and codes, program by program, with what they brought."""
    programs = links.read(creator.pk, at=now())
    return render(request, "creators/portal/links.html", {"programs": programs})


@for_creator
def list_payouts(request: HttpRequest, creator: Creator) -> HttpResponse:
    """GET the transfers, the latest first, and the months without one."""
    page = payouts.page(creator.pk, asked=_asked(request), at=now())
    ways = _ways(request, page.older_than, page.newer_than)
    return render(request, "payouts/portal/payouts.html", {**vars(page), **ways})


@for_creator
def show_payout(request: HttpRequest, creator: Creator, payout_id: int) -> HttpResponse:
    """GET one transfer; another creator's is as missing as an unknown one."""
    page = payouts.read(creator.pk, payout_id, asked=_asked(request))
    if page is None:
        raise Http404
    ways = _ways(request, page.older_than, page.newer_than)
    return render(request, "payouts/portal/payout.html", {**vars(page), **ways})


def _asked(request: HttpRequest) -> paging.Asked:
    return paging.Asked(
        older_than=paging.place(request.GET.get("before", "")),
        newer_than=paging.place(request.GET.get("after", "")),
    )


def _ways(
    request: HttpRequest,
    older_than: paging.Place | None,
    newer_than: paging.Place | None,
    filters: dict[str, str] | None = None,
) -> dict[str, str]:
    """Return the addresses of the neighbouring pages, with the filters; "" for none."""
    kept = {name: value for name, value in (filters or {}).items() if value}

    def address(name: str, place: paging.Place | None) -> str:
        if place is None:
            return ""
        return f"{request.path}?{urlencode({**kept, name: str(place)})}"

    return {
        "next_url": address("before", older_than),
        "previous_url": address("after", newer_than),
    }
