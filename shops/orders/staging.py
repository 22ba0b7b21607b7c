"""Carries a batch to the database: as JSON inside the statement, or by COPY.

JSON costs nothing to set up, COPY costs less for each order. Whichever it is, the
statements that follow read two relations with the same columns.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.utils import CursorWrapper

from shops.orders.facts import OrderFacts

MOST_BY_JSON = 500
# `n` is the order's place in the batch, `m` the line's place in the order.
_ORDER_COLUMNS = """n int, external_id text, version bigint, content_hash text,
    placed_at timestamptz, currency text, status text, buyer_hash text,
    buyer_country text, clicks text[], codes text[]"""
_LINE_COLUMNS = """n int, m int, external_id text, sku text, quantity int,
    net_cents bigint, tax_cents bigint"""


_TABLES = (
    f"create temporary table if not exists staged_order ({_ORDER_COLUMNS}) "
    "on commit delete rows",
    f"create temporary table if not exists staged_line ({_LINE_COLUMNS}) "
    "on commit delete rows",
    "delete from pg_temp.staged_order",
    "delete from pg_temp.staged_line",
)


@dataclass(frozen=True)
class Batch:
    """Where the statements find the orders and lines: SQL relations `o` and `l`."""

    orders: str
    lines: str
    params: dict[str, Any] = field(default_factory=dict)


def stage(
    cursor: CursorWrapper, facts: Sequence[OrderFacts], hashes: Sequence[str]
) -> Batch:
    """Make the batch readable for the statements of this transaction.

    What was staged before in the same transaction is gone.
    """
    if len(facts) <= MOST_BY_JSON:
        return _as_json(facts, hashes)
    for statement in _TABLES:
        cursor.execute(statement)
    with cursor.copy("copy pg_temp.staged_order from stdin") as copy:
        for row in _order_rows(facts, hashes):
            copy.write_row(row)
    with cursor.copy("copy pg_temp.staged_line from stdin") as copy:
        for line in _line_rows(facts):
            copy.write_row(line)
    # Without it the planner takes an order for one with as many lines as the batch. Of
    # the columns that join only: lists and long texts take as long as the rest.
    cursor.execute(
        "analyze pg_temp.staged_order (n, external_id), pg_temp.staged_line (n, sku)"
    )
    return Batch("pg_temp.staged_order o", "pg_temp.staged_line l")


def _as_json(facts: Sequence[OrderFacts], hashes: Sequence[str]) -> Batch:
    return Batch(
        f"jsonb_to_recordset(%(orders)s::jsonb) o ({_ORDER_COLUMNS})",
        f"jsonb_to_recordset(%(lines)s::jsonb) l ({_LINE_COLUMNS})",
        {
            "orders": _json(_ORDER_COLUMNS, _order_rows(facts, hashes)),
            "lines": _json(_LINE_COLUMNS, _line_rows(facts)),
        },
    )


def _json(columns: str, rows: Iterator[tuple[Any, ...]]) -> str:
    names = [column.split()[0] for column in columns.split(",")]
    return json.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str)


def _order_rows(
    facts: Sequence[OrderFacts], hashes: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    for n, (each, content_hash) in enumerate(zip(facts, hashes, strict=True)):
        yield (
            n,
            each.external_id,
            each.version,
            content_hash,
            each.placed_at,
            each.currency,
            each.status,
            each.buyer_hash,
            each.buyer_country,
            list(each.clicks),
            list(each.codes),
        )


def _line_rows(facts: Sequence[OrderFacts]) -> Iterator[tuple[Any, ...]]:
    for n, each in enumerate(facts):
        for m, line in enumerate(each.lines):
            yield (
                n,
                m,
                line.external_id,
                line.sku,
                line.quantity,
                line.net_cents,
                line.tax_cents,
            )
