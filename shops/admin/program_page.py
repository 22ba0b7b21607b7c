"""A program at a glance: state, rates, boosts, texts and history, above its form."""

from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from shops import history, rate_table, timeline
from shops.admin import budgets
from shops.admin.terms import state_of, time_left
from shops.models import Boost, Program

# Boosts that ended longer ago are in the list of boosts.
PAST = timedelta(days=60)
ROWS, BOOSTS, HISTORY = 20, 40, 30
_STATES = {"running": _("running"), "planned": _("planned"), "over": _("over")}


def context(model_admin: Any, request: HttpRequest, object_id: str) -> dict[str, Any]:
    """Return what the page shows of one's own program; nothing of another's.

    The same number of queries whatever there is.
    """
    program = model_admin.get_object(request, object_id)
    if program is None:
        return {}
    at = now()
    entries = history.of(program, at=at)
    table = rate_table.of(program, entries)
    rows = Paginator(table, ROWS)
    boosts = _boosts(program, at)
    period = program.active_periods.order_by("-starts_at").first()
    past = [entry for entry in entries if entry.kind != "boost" and _is_told(entry)]
    return {
        "glance": {
            "program": program,
            "since": period.starts_at if period else None,
            "may_act": model_admin.may_act(request, program),
            "is_over": program.is_over(at),
            "budget": budgets.words(
                next(iter(program.own_budgets), None), program.currency
            ),
            "default": rate_table.default(program, table[0]),
            "rates": rows.get_page(request.GET.get("rates")),
            "boosts": [_boost_row(boost, at) for boost in boosts],
            "picture": timeline.draw(boosts, at=at, since=at - PAST),
            "texts": list(program.terms_versions.defer("text").order_by("-number")),
            "history": [(entry, history.STATES[entry.state]) for entry in past],
            "at": at,
        }
    }


def _is_told(entry: history.Entry) -> bool:
    return entry.state in {"over", "ending"} or entry.announced_at is not None


def _boosts(program: Program, at: datetime) -> list[Boost]:
    """Return the boosts of the past 60 days, those running and those planned."""
    return list(
        program.boosts.filter(ends_at__gt=at - PAST)
        .select_related("audience", "product", "category", "budget", "program")
        .order_by("starts_at", "pk")[:BOOSTS]
    )


def _boost_row(boost: Boost, at: datetime) -> dict[str, Any]:
    state = state_of(boost, at)
    return {
        "boost": boost,
        "state": _STATES[state],
        "left": time_left(boost.ends_at, at) if state == "running" else "",
        "budget": budgets.words(getattr(boost, "budget", None), boost.program.currency),
    }
