"""Transfers to a creator: the list, with the months without one, and one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils import timezone

from affiliate.common import reading
from payouts.models import Payout, PayoutStatus
from payouts.portal import balances, paging, sql

PAGE_SIZE = 24
LINES_A_PAGE = 30
_SHOWN = (
    PayoutStatus.DRAFT,
    PayoutStatus.SENT,
    PayoutStatus.PAID,
    PayoutStatus.RETURNED,
)
_BEGINNING = {"at": "infinity", "on": "infinity", "id": 0}


@dataclass(frozen=True)
class PayoutRow:
    """One month: a transfer, or (`payout_id` None) why there was none."""

    payout_id: int | None
    period_on: date
    amount_cents: int
    currency: str
    state: str
    settled_on: date | None
    sent_on: date | None
    commission_count: int
    reason: str
    threshold_cents: int
    return_reason: str
    place: paging.Place


@dataclass(frozen=True)
class PayoutsPage:
    """What the list of transfers shows."""

    upcoming: Sequence[balances.NextPayout]
    payouts: Sequence[PayoutRow]
    older_than: paging.Place | None
    newer_than: paging.Place | None


@dataclass(frozen=True)
class PayoutFacts:
    """One transfer; `earned_cents` and `taken_back_cents` add up to it."""

    period_on: date
    last_on: date
    amount_cents: int
    currency: str
    state: str
    reference: str
    iban: str
    holder: str
    commission_count: int
    earned_cents: int
    taken_back_cents: int
    return_reason: str


@dataclass(frozen=True)
class Step:
    """One step of a transfer on its way."""

    key: str
    at: datetime | None
    is_done: bool


@dataclass(frozen=True)
class PayoutLineRow:
    """One commission of a transfer; `commission_id` is the sale to open."""

    commission_id: int
    ordered_at: datetime
    shop: str
    product: str
    kind: str
    amount_cents: int
    place: paging.Place


@dataclass(frozen=True)
class PayoutPage:
    """What the page of one transfer shows."""

    payout: PayoutFacts
    steps: Sequence[Step]
    lines: Sequence[PayoutLineRow]
    older_than: paging.Place | None
    newer_than: paging.Place | None


def page(creator_id: int, *, asked: paging.Asked, at: datetime) -> PayoutsPage:
    """Return one page of the transfers, the latest first, and what comes next."""

    def fetch(
        start: paging.Place | None, is_upward: bool, limit: int
    ) -> Sequence[PayoutRow]:
        begin = {"on": start.at.date(), "id": start.id} if start else _BEGINNING
        statement = sql.NEWER_TRANSFERS if is_upward else sql.OLDER_TRANSFERS
        rows = _select(statement, {"creator": creator_id, "limit": limit, **begin})
        return [_row(*row) for row in rows]

    with reading.one_moment():
        found = paging.read(asked, PAGE_SIZE, fetch, lambda row: row.place)
        money = balances.read(creator_id, at=at)
    return PayoutsPage(
        upcoming=[each.next_payout for each in money],
        payouts=found.rows,
        older_than=found.older_than,
        newer_than=found.newer_than,
    )


def read(creator_id: int, payout_id: int, *, asked: paging.Asked) -> PayoutPage | None:
    """Return one transfer with a page of its lines; None unless it is the creator's."""

    def fetch(
        start: paging.Place | None, is_upward: bool, limit: int
    ) -> Sequence[PayoutLineRow]:
        begin = {"at": start.at, "id": start.id} if start else _BEGINNING
        statement = sql.NEWER_TRANSFER_LINES if is_upward else sql.OLDER_TRANSFER_LINES
        rows = _select(statement, {"payout": payout_id, "limit": limit, **begin})
        return [_line(*row) for row in rows]

    with reading.one_moment():
        payout = _payout(creator_id, payout_id)
        if payout is None:
            return None
        found = paging.read(asked, LINES_A_PAGE, fetch, lambda line: line.place)
    return PayoutPage(
        payout=_facts(payout),
        steps=_steps(payout),
        lines=found.rows,
        older_than=found.older_than,
        newer_than=found.newer_than,
    )


def _select(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _row(
    starts_on: date,
    run_id: int,
    payout_id: int | None,
    amount_cents: int,
    currency: str,
    state: str,
    settled_at: datetime | None,
    sent_at: datetime | None,
    commission_count: int,
    reason: str,
    threshold_cents: int,
    return_reason: str,
) -> PayoutRow:
    return PayoutRow(
        payout_id=payout_id,
        period_on=starts_on,
        amount_cents=amount_cents,
        currency=currency,
        state=state,
        settled_on=timezone.localdate(settled_at) if settled_at else None,
        sent_on=timezone.localdate(sent_at) if sent_at else None,
        commission_count=commission_count,
        reason=reason,
        threshold_cents=threshold_cents,
        return_reason=return_reason,
        # Places are instants: the first moment of the period's first day stands for it.
        place=paging.Place(datetime.combine(starts_on, time(), UTC), run_id),
    )


def _payout(creator_id: int, payout_id: int) -> Any:
    return (
        Payout.objects.filter(pk=payout_id, creator_id=creator_id, status__in=_SHOWN)
        .select_related("run", "bank_account")
        .annotate(
            line_count=Count("lines"),
            earned=Sum("lines__amount_cents", filter=Q(lines__amount_cents__gt=0)),
            taken_back=Sum("lines__amount_cents", filter=Q(lines__amount_cents__lt=0)),
        )
        .first()
    )


def _facts(payout: Any) -> PayoutFacts:
    return PayoutFacts(
        period_on=payout.run.starts_on,
        last_on=payout.run.ends_on - timedelta(days=1),
        amount_cents=payout.amount_cents,
        currency=payout.currency,
        state=payout.status,
        reference=payout.end_to_end_id,
        iban=str(payout.bank_account),
        holder=payout.bank_account.holder,
        commission_count=payout.line_count,
        earned_cents=int(payout.earned or 0),
        taken_back_cents=int(payout.taken_back or 0),
        return_reason=payout.return_reason,
    )


def _steps(payout: Any) -> list[Step]:
    is_returned = payout.status == PayoutStatus.RETURNED
    settled = (
        Step("returned", payout.settled_at, is_done=True)
        if is_returned
        else Step("paid", payout.settled_at, payout.status == PayoutStatus.PAID)
    )
    approved_at = payout.run.approved_at
    return [
        Step("prepared", payout.run.opened_at, is_done=True),
        Step("approved", approved_at, approved_at is not None),
        Step("sent", payout.sent_at, payout.sent_at is not None),
        settled,
    ]


def _line(
    commission_id: int,
    ordered_at: datetime,
    shop: str,
    product: str,
    kind: str,
    amount_cents: int,
    line_id: int,
) -> PayoutLineRow:
    return PayoutLineRow(
        commission_id=commission_id,
        ordered_at=ordered_at,
        shop=shop,
        product=product,
        kind=kind,
        amount_cents=amount_cents,
        place=paging.Place(ordered_at, line_id),
    )
