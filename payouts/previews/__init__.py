"""What a term would have cost on the last 30 days' orders (rule R8).

The statements that price are those that sell; `sql` says what they read instead.
"""

from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from affiliate.common import queues
from payouts.commissions import budgeting, pricing, weighing
from payouts.commissions import sql as selling
from payouts.previews import figures, sql
from payouts.previews.figures import Change, Cost, Part, Preview, Row, Term
from shops.models import Boost, Budget, Exclusion, Program, Rate

__all__ = ["Change", "Cost", "Part", "Preview", "Row", "of"]

DAYS = 30
MOST_LINES = 200_000
ROWS = 20

_STAGING = (*selling.STAGING, *pricing.STAGING, *budgeting.STAGING)
# As if it had held all the time, and as if everyone had known it.
_THROUGHOUT = ("starts_at", "ends_at", "announced_at", "binds_at")

Made = TypeVar("Made", Rate, Exclusion, Boost)


def of(make: Callable[[], Made], *, at: datetime) -> Preview:
    """Return what the term that `make` makes would have cost, and save nothing.

    `make` calls the verb, which refuses what it would refuse. The attributed lines of
    the 30 days before `at` are priced twice: by the terms as they are, and as if the
    new one had held throughout, instead of a rate for the same creators and products.
    Refunds count; what was declined does not.

    Others see and wait for nothing, also if it fails halfway.
    """
    with transaction.atomic():
        term = make()
        rows: list[Model] = [term]
        if isinstance(term, Boost):
            rows += Budget.objects.filter(boost=term)
        # Keys that carry the shop are checked at the commit, which never comes.
        connection.check_constraints()
        # Before the rest: whoever waits for what the verb has locked goes on.
        transaction.set_rollback(True)
    with transaction.atomic(), connection.cursor() as cursor:
        preview = _compared(cursor, term, rows, at)
        transaction.set_rollback(True)
    return preview


def _compared(
    cursor: CursorWrapper, term: Term, rows: list[Model], at: datetime
) -> Preview:
    since = at - timedelta(days=DAYS)
    lines, orders, first_at = _take(cursor, term, since, at)
    costs = _costs(cursor, term, rows, lines) if lines else ()
    is_whole = lines < MOST_LINES
    begins = since if is_whole else first_at
    return Preview(term, begins, at, is_whole, lines, orders, costs)


def _take(
    cursor: CursorWrapper, term: Term, since: datetime, until: datetime
) -> tuple[int, int, datetime]:
    for statement in _STAGING:
        cursor.execute(statement)
    program: Program = term.program
    which: dict[str, Any] = {"program": program.pk, "since": since}
    cursor.execute(sql.LINES_DECIDE_FOR_EACH_OTHER, which)
    (all_count,) = cursor.fetchone()
    window = {**which, "until": until, "shop": program.shop_id, "most": MOST_LINES}
    cursor.execute(sql.TAKE, {**window, **_reach(term), "all_count": all_count})
    found: tuple[int, int, datetime] = cursor.fetchone()
    return found


def _costs(
    cursor: CursorWrapper, term: Term, rows: list[Model], lines: int
) -> tuple[Cost, ...]:
    for statement in sql.SHADOW:
        cursor.execute(statement, {"program": term.program_id})
    cursor.execute(selling.READ)
    if lines >= queues.WORTH_ANALYZING:
        cursor.execute(selling.ANALYZE)
    _price(cursor)
    cursor.execute(sql.KEEP)
    if isinstance(term, Exclusion):
        cursor.execute(sql.EXCLUDE, _reach(term))
    else:
        _put(cursor, term, rows)
    _price(cursor)
    cursor.execute(sql.COMPARE, {"rows": ROWS})
    return figures.read(cursor.fetchall())


def _price(cursor: CursorWrapper) -> None:
    for statement in (*pricing.STAGING, *budgeting.STAGING):
        cursor.execute(statement)
    cursor.execute(pricing.PRICE)
    weighing.weigh(cursor, corrections=0)
    budgeting.grant(cursor)


def _put(cursor: CursorWrapper, term: Term, rows: list[Model]) -> None:
    """Let the term hold among those that are there, with its budget if it has one."""
    if isinstance(term, Rate):
        cursor.execute(sql.END_REPLACED, _reach(term))
    for row in rows:
        held = copy(row)
        vars(held).update(dict.fromkeys(_THROUGHOUT))
        held.save(force_insert=True)


def _reach(term: Term) -> dict[str, Any]:
    return {
        "audience": getattr(term, "audience_id", None),
        "product": term.product_id,
        "category": term.category_id,
    }
