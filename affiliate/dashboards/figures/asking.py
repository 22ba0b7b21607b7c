"""What somebody asks of the figures, read from an address and written into one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Words
from affiliate.dashboards.figures.reading import BY, COLUMNS
from affiliate.dashboards.figures.spans import Span

MOST_DAYS = 366
PERIODS: Mapping[str, Words] = {
    "7": _("7 days"),
    "30": _("30 days"),
    "90": _("90 days"),
    "month": _("this month"),
    "last": _("last month"),
    "custom": _("from … to …"),
}
_LATEST = {"7": 7, "30": 30, "90": 90}
_NORMAL = "30"
_EARLIEST = date(2000, 1, 1)
_LONGEST_NUMBER = 9


@dataclass(frozen=True)
class Asked:
    """A table of figures: which days, whose, by what, in what order, which part."""

    period: str
    span: Span
    fault: Words = ""
    program: int | None = None
    currency: str = ""
    by: str = "day"
    sort: str = "name"
    is_rising: bool = False
    number: int = 1
    days: Mapping[str, str] = field(default_factory=dict)

    def query(self, **changes: Any) -> str:
        """Return the address of the same with something changed, at its first page."""
        asked = replace(self, **{"number": 1, **changes})
        values: dict[str, Any] = {"period": asked.period, **asked.days}
        values |= {
            "program": asked.program or "",
            "currency": asked.currency,
            "by": asked.by,
            "sort": f"{'' if asked.is_rising else '-'}{asked.sort}",
            "page": asked.number if asked.number > 1 else "",
        }
        return urlencode({name: value for name, value in values.items() if value})


def read(values: Mapping[str, str], at: datetime, zone: str) -> Asked:
    """Return what an address asks for; what cannot be read is left as it normally is.

    Days that do not make a span leave the normal one, and say why in `fault`.
    """
    period = values.get("period", _NORMAL)
    if period not in PERIODS:
        period = _NORMAL
    span, fault = _span(period, values, at, zone)
    by = values.get("by", "day")
    by = by if by in BY else "day"
    asked = values.get("sort", "")
    sort = asked.removeprefix("-")
    is_known = sort in COLUMNS
    return Asked(
        period=period,
        span=span,
        fault=fault,
        program=_number(values.get("program", "")),
        currency=values.get("currency", "")[:3],
        by=by,
        sort=sort if is_known else _usual(by),
        is_rising=is_known and not asked.startswith("-"),
        number=_number(values.get("page", "")) or 1,
        days=(
            {name: values.get(name, "") for name in ("from", "to")}
            if period == "custom"
            else {}
        ),
    )


def _usual(by: str) -> str:
    return "name" if by == "day" else "sales"


def _span(
    period: str, values: Mapping[str, str], at: datetime, zone: str
) -> tuple[Span, Words]:
    today = at.astimezone(ZoneInfo(zone)).date()
    if period == "month":
        return Span.month_of(today, zone), ""
    if period == "last":
        return Span.month_of(today.replace(day=1) - timedelta(days=1), zone), ""
    if period == "custom":
        normal = Span.latest(_LATEST[_NORMAL], at, zone)
        return _custom(values, today, normal)
    return Span.latest(_LATEST[period], at, zone), ""


def _custom(values: Mapping[str, str], today: date, normal: Span) -> tuple[Span, Words]:
    try:
        first, last = (date.fromisoformat(values.get(n, "")) for n in ("from", "to"))
    except ValueError:
        return normal, _("Give both days. Shown are the last 30 days.")
    if first > last:
        return normal, _("The first day lies after the last. Shown are 30 days.")
    if not _EARLIEST <= first <= last <= today + timedelta(days=MOST_DAYS):
        return normal, _("There are no figures of those days. Shown are 30 days.")
    if (last - first).days >= MOST_DAYS:
        return normal, _("Choose at most 366 days. Shown are 30 days.")
    return Span(first, last, normal.zone), ""


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) or None if is_number else None
