"""A creator's sales: every line that is theirs, with its corrections summed up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from creators.models import Enrollment
from payouts.portal import paging, sql

PAGE_SIZE = 30
_MOST_ID = (1 << 63) - 1
_BEGINNING = {"at": "infinity", "id": 0}


@dataclass(frozen=True)
class SaleRow:
    """One line that is the creator's. `amount_cents` is after corrections.

    `commission_id` names the sale; None where it earned 0, which `zero_reason`
    explains. `state` is a CommissionStatus, that of all its rows together.
    """

    commission_id: int | None
    ordered_at: datetime
    shop: str
    product: str
    program: str
    amount_cents: int
    original_cents: int
    is_corrected: bool
    currency: str
    state: str
    payable_on: date | None
    boost_times: Decimal | None
    zero_reason: str
    place: paging.Place


@dataclass(frozen=True)
class SalesPage:
    """What the list of sales shows; `state` and `program` are the filters in force."""

    sales: Sequence[SaleRow]
    state: str
    program: str
    programs: Sequence[tuple[str, str]]
    older_than: paging.Place | None
    newer_than: paging.Place | None
    is_new: bool


def latest(creator_id: int, limit: int) -> list[SaleRow]:
    """Return the creator's latest sales."""
    return _rows(
        sql.OLDER_SALES,
        {"creator": creator_id, **_BEGINNING, **_no_filter(), "limit": limit},
    )


def one(creator_id: int, commission_id: int) -> SaleRow | None:
    """Return one sale; None for another's, as for one that is not there."""
    if commission_id > _MOST_ID:
        return None
    rows = _rows(sql.ONE_SALE, {"creator": creator_id, "id": commission_id})
    return rows[0] if rows else None


def page(
    creator_id: int, *, state: str = "", program: str = "", asked: paging.Asked
) -> SalesPage:
    """Return one page of the sales, the latest first, of a state or a program.

    `program` is an id as text; one that the creator is not in counts as none.
    """
    programs = _programs(creator_id)
    program = program if program in dict(programs) else ""
    filters = {"state": state, "program": int(program) if program else None}

    def fetch(
        start: paging.Place | None, is_upward: bool, limit: int
    ) -> Sequence[SaleRow]:
        begin = {"at": start.at, "id": start.id} if start else _BEGINNING
        statement = sql.NEWER_SALES if is_upward else sql.OLDER_SALES
        values = {"creator": creator_id, "limit": limit}
        return _rows(statement, {**values, **begin, **filters})

    found = paging.read(asked, PAGE_SIZE, fetch, lambda sale: sale.place)
    return SalesPage(
        sales=found.rows,
        state=state,
        program=program,
        programs=programs,
        older_than=found.older_than,
        newer_than=found.newer_than,
        is_new=not found.rows and not latest(creator_id, 1),
    )


def _no_filter() -> dict[str, Any]:
    return {"state": "", "program": None}


def _programs(creator_id: int) -> list[tuple[str, str]]:
    rows = Enrollment.objects.filter(creator_id=creator_id).order_by("program__name")
    names = rows.values_list("program_id", "program__name")
    return [(str(program_id), name) for program_id, name in names]


def _rows(statement: str, values: dict[str, Any]) -> list[SaleRow]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [_row(*row) for row in cursor.fetchall()]


def _row(
    commission_id: int,
    ordered_at: datetime,
    shop: str,
    product: str,
    program: str,
    amount_cents: Decimal,
    original_cents: int,
    currency: str,
    state: str,
    payable_on: date | None,
    multiplier_pct: int | None,
    base_cents: int,
) -> SaleRow:
    return SaleRow(
        commission_id=commission_id if original_cents else None,
        ordered_at=ordered_at,
        shop=shop,
        product=product,
        program=program,
        # sum() over bigint is numeric in PostgreSQL.
        amount_cents=int(amount_cents),
        original_cents=original_cents,
        is_corrected=amount_cents != original_cents,
        currency=currency,
        state=state,
        payable_on=payable_on,
        boost_times=times(multiplier_pct) if multiplier_pct else None,
        zero_reason="" if original_cents else _zero_reason(base_cents),
        place=paging.Place(ordered_at, commission_id),
    )


def times(multiplier_pct: int) -> Decimal:
    """Return a multiplier as people read it: 150 is 1.5, 200 is 2."""
    whole, rest = divmod(multiplier_pct, 100)
    return Decimal(f"{whole}.{rest:02}".rstrip("0").rstrip("."))


def _zero_reason(base_cents: int) -> str:
    if base_cents:
        return _("That is less than half a cent, so it is 0.")
    return _(
        "Nothing was paid for this line, or all of it was given back, so it earns"
        " nothing."
    )
