"""Write the half-year's files and what must come out of them.

    python -m tests.stories.oracle --out DIR

The months are read from the shared data beside the project. Into DIR go:

- marketplace.json: for load_marketplace;
- <month>.touches.csv (order,clicks,codes; lists separated by spaces),
  <month>.deliveries.csv (order,delivered_at) and
  <month>.refunds.csv (order,refund,refunded_at,line,net_cents), for each file;
- expected.json: see `report`;
- lines.csv, rows.csv and rejected.csv: the same line by line, to find a difference.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.stories.oracle import calendar, overlay, reading, report
from tests.stories.oracle.book import Book, Position, Row
from tests.stories.oracle.overlay import Overlay, rfc3339
from tests.stories.oracle.reading import Month, Rejected

LINE_COLUMNS = ["order", "line", "state", "reason", "via", "ref", "creator", "program"]
LINE_COLUMNS += ["rate", "boost", "net_cents", "earned_cents"]
ROW_COLUMNS = ["order", "line", "creator", "kind", "amount_cents", "status"]
ROW_COLUMNS += ["payable_on", "made_at"]
ORDERS = Path(__file__).parents[3].parent / "shared" / "data" / "orders"


def files() -> list[Path]:
    """List the six months, oldest first; empty where the shared data is absent."""
    return sorted(ORDERS.glob("uci_online_retail_*.csv.gz"))


def write(out: Path) -> None:
    """Read the months, live through the half-year, write all files into `out`."""
    months = reading.read_files(files())
    laid = overlay.lay(months)
    book = calendar.live_through(months, laid)
    out.mkdir(parents=True, exist_ok=True)
    _write_overlay(out, months, laid)
    _write_details(out, months, book)
    text = json.dumps(report.expected(months, book), indent=1)
    (out / "expected.json").write_text(text + "\n", encoding="utf-8")


def _write_overlay(out: Path, months: Sequence[Month], laid: Overlay) -> None:
    text = json.dumps(laid.marketplace, indent=1, ensure_ascii=False)
    (out / "marketplace.json").write_text(text + "\n", encoding="utf-8")
    for month in months:
        touched = [o.invoice for o in month.orders if o.invoice in laid.touches]
        touches = [(invoice, laid.touches[invoice]) for invoice in touched]
        _csv(
            out / f"{month.name}.touches.csv",
            ("order", "clicks", "codes"),
            ((i, " ".join(t.clicks), " ".join(t.codes)) for i, t in touches),
        )
        _csv(
            out / f"{month.name}.deliveries.csv",
            ("order", "delivered_at"),
            ((d.order, rfc3339(d.delivered_at)) for d in laid.deliveries[month.name]),
        )
        _csv(
            out / f"{month.name}.refunds.csv",
            ("order", "refund", "refunded_at", "line", "net_cents"),
            (
                (r.order, r.external_id, rfc3339(r.refunded_at), r.line, r.net_cents)
                for r in laid.refunds[month.name]
            ),
        )


def _write_details(out: Path, months: Sequence[Month], book: Book) -> None:
    _csv(
        out / "lines.csv",
        LINE_COLUMNS,
        _lines(book),
    )
    _csv(
        out / "rows.csv",
        ROW_COLUMNS,
        (
            (*_said_of(p), row.kind, row.amount_cents, row.status, *_times_of(row))
            for p in book.positions.values()
            for row in p.rows
        ),
    )
    _csv(
        out / "rejected.csv",
        ("month", "row", "invoice", "sku", "quantity", "reason", "units"),
        ((month.name, *_why(r)) for month in months for r in month.rejected),
    )


def _said_of(position: Position) -> tuple[object, ...]:
    return position.order.invoice, position.line.number, position.creator


def _times_of(row: Row) -> tuple[object, ...]:
    return row.payable_on, rfc3339(row.made_at)


def _why(rejected: Rejected) -> tuple[object, ...]:
    row = rejected.row
    said = (row.number, row.invoice, row.sku, row.quantity)
    return (*said, rejected.reason, rejected.units)


def _lines(book: Book) -> Iterable[tuple[object, ...]]:
    for v in book.verdicts:
        if v.reason == "no_touch":
            continue
        said = (v.order, v.line, v.state, v.reason, v.via, v.ref, v.creator, v.program)
        position = book.positions.get((v.order, v.line))
        if position is None:
            yield said
            continue
        earning = position.earning
        money = (position.line.net_cents, position.so_far_cents)
        yield (*said, earning.rate, earning.boost, *money)


def _csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def main() -> int:
    """Run as a command; exit status 2 where there is nothing to read."""
    parser = argparse.ArgumentParser(prog="python -m tests.stories.oracle")
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out
    if not files():
        sys.stderr.write(f"There are no months of orders in {ORDERS}.\n")
        return 2
    write(out)
    sys.stdout.write(f"Wrote {out / 'expected.json'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
