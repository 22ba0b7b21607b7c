"""What must come out, as plain tables: the content of expected.json.

All sums are cents; corrections are negative.

- `reading`: for each file its orders, lines, refunds and rejected rows by reason.
- `verdicts`: lines by state, by reason, and by creator.
- `steps`: for each settle and creator what it did. `accrued` is the sum of sale rows;
  `refunded_before_accrual` is what refunds known at the first settle had already taken
  off them (accrued minus it is what the sales earned as ordered). A correction is named
  by the state of its sale: `reversal_of_pending`, `reversal_of_approved`,
  `clawback_of_paid`. `approved` is what went from pending to approved, net.
- `by_month`: the steps summed by the local month of the settle.
- `by_sale_month`: by the local month of the order: what its lines earn in the end, and
  the state its rows are in.
- `runs`: payouts and skips of each run, with the sum that stayed.
- `balances`: at the end; `payable` and `owed_back` are the two signs of what is
  approved and unpaid.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from tests.stories.oracle.book import Book, Run
from tests.stories.oracle.reading import Month

Sums = dict[str, Counter[str]]


def expected(months: Sequence[Month], book: Book) -> dict[str, Any]:
    """Put everything that must come out into one JSON object."""
    return {
        "reading": {month.name: _read(month) for month in months},
        "verdicts": _verdicts(book),
        "steps": [
            {"at": step.at.isoformat(), "creators": _plain(step.cents)}
            for step in book.steps
        ],
        "by_month": {month: _plain(of) for month, of in _by_month(book).items()},
        "by_sale_month": {
            month: _plain(of) for month, of in _by_sale_month(book).items()
        },
        "runs": [_run(run) for run in book.runs],
        "balances": _plain(balances(book)),
        "totals": _totals(book),
    }


def balances(book: Book) -> Sums:
    """Sum each creator's rows by where the money is at the end."""
    found: Sums = defaultdict(Counter)
    for position in book.positions.values():
        for row in position.rows:
            found[position.creator][f"{row.status}_cents"] += row.amount_cents
    for sums in found.values():
        unpaid = sums.pop("approved_cents", 0)
        sums.pop("void_cents", None)
        sums["payable_cents"] = max(unpaid, 0)
        sums["owed_back_cents"] = max(-unpaid, 0)
        sums["pending_cents"] += 0
        sums["paid_cents"] += 0
    return found


def _read(month: Month) -> dict[str, Any]:
    lines = [line for order in month.orders for line in order.lines]
    return {
        "rows": month.rows,
        "cancellation_rows": len(month.cancellations),
        "orders": len(month.orders),
        "lines": len(lines),
        "net_cents": sum(line.net_cents for line in lines),
        "refunded_lines": len(month.refunds),
        "refunded_cents": sum(refund.net_cents for refund in month.refunds),
        "rejected": dict(sorted(month.reasons.items())),
        "rejected_in_part": sum(
            rejected.row.is_cancellation and rejected.units != rejected.row.quantity
            for rejected in month.rejected
        ),
    }


def _verdicts(book: Book) -> dict[str, Any]:
    won = [verdict for verdict in book.verdicts if verdict.creator]
    return {
        "states": _sorted(Counter(verdict.state for verdict in book.verdicts)),
        "reasons": _sorted(Counter(verdict.reason for verdict in book.verdicts)),
        "creators": _sorted(Counter(verdict.creator for verdict in won)),
        "programs": _sorted(Counter(verdict.program for verdict in won)),
    }


def _by_month(book: Book) -> dict[str, Sums]:
    found: dict[str, Sums] = {}
    zone = book.market.shop.time_zone
    for step in book.steps:
        month = step.at.astimezone(zone).strftime("%Y-%m")
        sums = found.setdefault(month, defaultdict(Counter))
        for creator, cents in step.cents.items():
            sums[creator].update(cents)
    return found


def _by_sale_month(book: Book) -> dict[str, Sums]:
    found: dict[str, Sums] = {}
    zone = book.market.shop.time_zone
    for position in book.positions.values():
        month = position.order.placed_at.astimezone(zone).strftime("%Y-%m")
        sums = found.setdefault(month, defaultdict(Counter))[position.creator]
        sums["lines"] += 1
        sums["earned_cents"] += position.so_far_cents
        for row in position.rows:
            sums[f"{row.kind}_cents"] += row.amount_cents
            sums[f"{row.status}_cents"] += row.amount_cents
    return dict(sorted(found.items()))


def _run(run: Run) -> dict[str, Any]:
    return {
        "period": [run.first.isoformat(), run.end.isoformat()],
        "at": run.at.isoformat(),
        "payouts": run.payouts,
        "total_cents": sum(run.payouts.values()),
        "rows": run.rows,
        "skips": {
            creator: {"reason": reason, "cents": cents}
            for creator, (reason, cents) in run.skips.items()
        },
    }


def _totals(book: Book) -> dict[str, Any]:
    rows = [row for position in book.positions.values() for row in position.rows]
    return {
        "touched_lines": sum(v.reason != "no_touch" for v in book.verdicts),
        "attributed_lines": len(book.positions),
        "rows": len(rows),
        "rows_by_kind": _sorted(Counter(row.kind for row in rows)),
        "rows_by_status": _sorted(Counter(row.status for row in rows)),
        "earned_cents": sum(row.amount_cents for row in rows),
        "paid_cents": sum(sum(run.payouts.values()) for run in book.runs),
    }


def _plain(sums: Sums) -> dict[str, dict[str, int]]:
    return {creator: _sorted(sums[creator]) for creator in sorted(sums)}


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
