"""What a shop's programs cost and bring this month, read by a handful of queries."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet, Sum

from creators.models import Verdict, VerdictState
from payouts.models import Commission, CommissionKind
from shops.admin.terms import time_left
from shops.models import (
    Boost,
    EarlyEvent,
    InboundEvent,
    InboundStatus,
    OrderLine,
    OrderStatus,
    Program,
)

_RECENT, _BEST, _BOOSTS, _PROGRAMS = 8, 5, 6, 10


@dataclass
class Result:
    """What one program, or one currency, cost and brought; amounts in minor units."""

    name: str
    currency: str
    program_id: int | None = None
    sales_cents: int = 0
    cost_cents: int = 0
    orders: int = 0
    shop_cents: int = 0

    @property
    def cost_bp(self) -> int | None:
        """Return cost as a share of the sales it brought, in basis points."""
        if self.sales_cents <= 0:
            return None
        return self.cost_cents * 10_000 // self.sales_cents

    @property
    def share_bp(self) -> int | None:
        """Return the sales brought as a share of all the shop's, in basis points."""
        if self.shop_cents <= 0:
            return None
        return self.sales_cents * 10_000 // self.shop_cents


@dataclass(frozen=True)
class Merchant:
    """What the first page shows a shop's members."""

    month: datetime
    totals: list[Result]
    programs: list[Result]
    boosts: list[tuple[Boost, str]]
    recent: list[Commission]
    best: list[dict[str, Any]] = field(default_factory=list)
    failed_events: int = 0
    waiting_events: int = 0


def figures(shops: list[int] | None, zone: str, at: datetime) -> Merchant:
    """Return this month's figures of these shops; None means of all.

    The month begins in the shop's time zone. Sales are what was paid without VAT, less
    refunds, on lines attributed to a creator; cost is what those lines earn now.
    """
    month = at.astimezone(ZoneInfo(zone)).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    programs = _programs(shops, month)
    return Merchant(
        month=month,
        totals=_totals(programs, shops, month),
        programs=sorted(programs, key=lambda row: -row.sales_cents)[:_PROGRAMS],
        boosts=_boosts(shops, at),
        recent=_recent(shops),
        best=_best(shops, month),
        failed_events=_of(
            InboundEvent.objects.filter(status=InboundStatus.FAILED), "shop", shops
        ).count(),
        waiting_events=_of(EarlyEvent.objects.all(), "shop", shops).count(),
    )


def _of(rows: "QuerySet[Any]", path: str, shops: list[int] | None) -> "QuerySet[Any]":
    return rows if shops is None else rows.filter(**{f"{path}__in": shops})


def _programs(shops: list[int] | None, month: datetime) -> list[Result]:
    """Return each program in its own currency, and in every other it sold in."""
    programs = {
        program.pk: program
        for program in _of(Program.objects.exclude(status="draft"), "shop", shops)
    }
    found = {
        (program.pk, program.currency): Result(
            program.name, program.currency, program.pk
        )
        for program in programs.values()
    }

    def result(program_id: int, currency: str) -> Result:
        name = programs[program_id].name
        fresh = Result(name, currency, program_id)
        return found.setdefault((program_id, currency), fresh)

    sold = _of(
        Verdict.objects.filter(
            state=VerdictState.ATTRIBUTED,
            program__in=programs,
            line__order__placed_at__gte=month,
        ),
        "line__order__shop",
        shops,
    ).values("program", "line__order__currency")
    for row in sold.annotate(
        sales=Sum(F("line__net_cents") - F("line__refunded_cents")),
        orders=Count("line__order", distinct=True),
    ):
        each = result(row["program"], row["line__order__currency"])
        each.sales_cents, each.orders = int(row["sales"] or 0), row["orders"]
    earned = _earned(shops, month).filter(program__in=programs)
    for row in earned.values("program", "currency").annotate(cost=Sum("amount_cents")):
        result(row["program"], row["currency"]).cost_cents = int(row["cost"] or 0)
    return list(found.values())


def _earned(shops: list[int] | None, month: datetime) -> "QuerySet[Any]":
    rows = Commission.objects.filter(line__order__placed_at__gte=month)
    return _of(rows, "line__order__shop", shops).order_by()


def _totals(
    programs: list[Result], shops: list[int] | None, month: datetime
) -> list[Result]:
    totals: dict[str, Result] = {}
    for program in programs:
        total = totals.setdefault(program.currency, Result("", program.currency))
        total.sales_cents += program.sales_cents
        total.cost_cents += program.cost_cents
        total.orders += program.orders
    lines = _of(
        OrderLine.objects.filter(
            order__placed_at__gte=month, order__status=OrderStatus.PAID
        ),
        "order__shop",
        shops,
    )
    for row in lines.values("order__currency").annotate(
        net=Sum(F("net_cents") - F("refunded_cents"))
    ):
        known = totals.get(row["order__currency"])
        if known is not None:
            known.shop_cents = int(row["net"] or 0)
    return [totals[code] for code in sorted(totals)]


def _boosts(shops: list[int] | None, at: datetime) -> list[tuple[Boost, str]]:
    """Return boosts with what is left of them, the first to end first.

    Those that are still to come have nothing left to say.
    """
    rows = _of(Boost.objects.filter(ends_at__gt=at), "program__shop", shops)
    return [
        (boost, time_left(boost.ends_at, at) if boost.starts_at <= at else "")
        for boost in rows.select_related("program").order_by("ends_at", "pk")[:_BOOSTS]
    ]


def _recent(shops: list[int] | None) -> list[Commission]:
    rows = _of(
        Commission.objects.filter(kind=CommissionKind.SALE, amount_cents__gt=0),
        "shop",
        shops,
    )
    return list(
        rows.select_related("line__order", "line__product", "creator").order_by("-pk")[
            :_RECENT
        ]
    )


def _best(shops: list[int] | None, month: datetime) -> list[dict[str, Any]]:
    """Return the creators who brought most this month, to be thanked."""
    rows = _earned(shops, month).values("creator__handle", "currency")
    return list(
        rows.annotate(
            cost=Sum("amount_cents"),
            orders=Count("line__order", distinct=True, filter=Q(kind="sale")),
        )
        .filter(cost__gt=0)
        .order_by("-cost", "creator__handle")[:_BEST]
    )
