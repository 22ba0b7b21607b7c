"""What budgets still grant to sales (rules B4, P4).

The one ordered step of accruing: what one sale is granted another cannot have. The
lines that meet a budget are taken in the order in which they were placed, under the
locks of all budgets they meet. Each has the boost that pays most of those with
something left, be it less than the boost promises: the last sale is clamped to it.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from payouts.commissions.budgeting import sql
from shops import budgets

STAGING = sql.STAGING


def spend(cursor: CursorWrapper, *, at: datetime) -> None:
    """Choose the boosts of lines that budgets limit, and take what they grant off them.

    Called between `weigh`, which chooses the rates, and the sale; budgets stay locked
    until the commit, so that workers who meet the last cents at once follow each other.
    """
    budgets.spend(grant(cursor), at=at)


def grant(cursor: CursorWrapper) -> dict[int, int]:
    """Choose the boosts of lines that budgets limit; return what each budget grants."""
    cursor.execute(sql.LOCK)
    left = dict(cursor.fetchall())
    if not left:
        return {}
    before = dict(left)
    cursor.execute(sql.WANTED, {"ids": list(left)})
    grants = [_grant(row, left) for row in cursor.fetchall()]
    cursor.execute(sql.GRANT, [json.dumps(grants)])
    cursor.execute(sql.CHOOSE)
    return {key: before[key] - left[key] for key in left}


def _grant(row: Sequence[Any], left: dict[int, int]) -> dict[str, Any]:
    """Return what one line is granted, and take it off what is `left` of its budgets.

    `row` is line, commission without a boost and with the best one, program's budget,
    and beside each other the boosts, what each would add, and their budgets.
    """
    line_id, plain, boosted, program_budget, boosts, extras, budget_ids = row
    starved: list[int] = []
    best: tuple[int, bool] | None = None
    boost = budget = None
    for each, wanted, of in zip(
        boosts or (), extras or (), budget_ids or (), strict=True
    ):
        payable = wanted if of is None else min(wanted, left[of])
        if payable < wanted:
            starved.append(each)
        # A boost that has nothing left is not applied; of equals the first is the best.
        worth = (payable, payable == wanted)
        if worth > (0, False) and (best is None or worth > best):
            best, boost, budget = worth, each, of
    extra = best[0] if best else 0
    total = boosted if boosts is None else plain + extra
    most = None
    held_by = "boost_budget" if boost in starved else None
    if program_budget is not None:
        most = min(total, left[program_budget])
        left[program_budget] -= most
        if most < total:
            held_by, extra = "program_budget", max(0, min(extra, most - plain))
    if budget is not None:
        left[budget] -= extra
    return {
        "line_id": line_id,
        "boost_id": boost,
        "extra_cents": None if budget is None else extra,
        "most_cents": most,
        "starved": starved,
        "held_by": held_by,
    }
