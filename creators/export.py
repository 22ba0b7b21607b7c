"""What the lists of this floor are exported as: enrolled creators, and lines sold."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from creators import reasons
from creators.models import Enrollment, Verdict
from shops.models import OrderLine
from shops.tables import words
from shops.tables.export import Table, amount, moment


def _lines_of(orders: "QuerySet[Any]") -> "QuerySet[Any]":
    return OrderLine.objects.filter(order__in=orders.order_by().values("pk")).order_by(
        "-order__placed_at", "-order_id", "pk"
    )


def verdict_of(line: OrderLine) -> Verdict | None:
    """Return a line's verdict, None before the next sweep."""
    return getattr(line, "verdict", None)


def _state(line: OrderLine) -> str:
    verdict = verdict_of(line)
    return str(verdict.get_state_display()) if verdict else ""


def _creator(line: OrderLine) -> str:
    verdict = verdict_of(line)
    return verdict.creator.handle if verdict and verdict.creator else ""


def _program(line: OrderLine) -> str:
    verdict = verdict_of(line)
    return verdict.program.slug if verdict and verdict.program else ""


def _reason(line: OrderLine) -> str:
    verdict = verdict_of(line)
    return str(reasons.words(verdict.reason if verdict else "not_settled_yet"))


def _net(line: OrderLine, cents: int) -> Any:
    return amount(cents, line.order.currency)


ORDER_LINES = Table(
    "order-lines",
    (
        (_("order"), lambda line: line.order.external_id),
        (_("placed at"), lambda line: moment(line.order.placed_at, line.order.shop)),
        (_("status"), lambda line: str(line.order.get_status_display())),
        (_("line"), lambda line: line.external_id),
        (words.SKU, lambda line: line.sku),
        (_("quantity"), lambda line: line.quantity),
        (_("paid without VAT"), lambda line: _net(line, line.net_cents)),
        (_("refunded"), lambda line: _net(line, line.refunded_cents)),
        (words.CURRENCY, lambda line: line.order.currency),
        (_("verdict"), _state),
        (_("reason"), _reason),
        (words.CREATOR, _creator),
        (words.PROGRAM, _program),
    ),
    related=("order__shop", "verdict__creator", "verdict__program"),
    rows=_lines_of,
)


def _shop(enrollment: Enrollment) -> Any:
    return enrollment.program.shop


ENROLLMENTS = Table(
    "creators",
    (
        (words.CREATOR, lambda row: row.creator.handle),
        (words.NAME, lambda row: row.creator.name),
        (words.PROGRAM, lambda row: row.program.slug),
        (_("status"), lambda row: str(row.get_status_display())),
        (_("asked at"), lambda row: moment(row.asked_at, _shop(row))),
        (_("since"), lambda row: moment(row.since, _shop(row))),
        (_("ended at"), lambda row: moment(row.ended_at, _shop(row))),
        (_("reason"), lambda row: row.reason),
    ),
    related=("creator", "program__shop"),
)
