"""Orders and lines brought to bare tables by one statement: the limit.

Every order is new and nothing came before it; what the product would refuse is taken.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from shops.orders import OrderFacts

TABLES = ("shops_order", "shops_orderline", "shops_unsettledline")

_ORDER = """n int, external_id text, version bigint, placed_at timestamptz,
    currency text, status text, clicks text[], codes text[]"""
_LINE = """n int, m int, external_id text, sku text, quantity int, net_cents bigint,
    tax_cents bigint"""
STAGING = f"""
create temporary table by_hand_order ({_ORDER}) on commit delete rows;
create temporary table by_hand_line ({_LINE}) on commit delete rows
"""

_INSERT = """
with o as materialized (select * from {orders}),
made as (
  insert into bare.shops_order (
    shop_id, external_id, version, content_hash, placed_at, currency, status,
    buyer_hash, buyer_country, clicks, codes, received_at)
  select %(shop)s, external_id, version, '', placed_at, currency, status, '', '',
         clicks, codes, %(at)s
    from o
  returning id, external_id
),
lined as (
  insert into bare.shops_orderline (
    order_id, shop_id, external_id, sku, product_id, quantity, net_cents, tax_cents,
    refunded_cents)
  select made.id, %(shop)s, l.external_id, l.sku, p.id, l.quantity, l.net_cents,
         l.tax_cents, 0
    from made join o using (external_id) join {lines} using (n)
    left join shops_product p on p.shop_id = %(shop)s and p.sku = l.sku
  returning id
)
insert into bare.shops_unsettledline (line_id) select id from lined
"""
_BY_COPY = _INSERT.format(orders="by_hand_order", lines="by_hand_line l")
_BY_JSON = _INSERT.format(
    orders=f"jsonb_to_recordset(%(orders)s) o ({_ORDER})",
    lines=f"jsonb_to_recordset(%(lines)s) l ({_LINE})",
)
_ORDER_NAMES = [column.split()[0] for column in _ORDER.split(",")]
_LINE_NAMES = [column.split()[0] for column in _LINE.split(",")]


def by_copy(shop_id: int, facts: Sequence[OrderFacts], *, at: datetime) -> int:
    """Bring a batch inside the caller's transaction; return how many lines it has."""
    with connection.cursor() as cursor:
        with cursor.copy("copy by_hand_order from stdin") as copy:
            for row in _orders(facts):
                copy.write_row(row)
        with cursor.copy("copy by_hand_line from stdin") as copy:
            for row in _lines(facts):
                copy.write_row(row)
        cursor.execute(_BY_COPY, {"shop": shop_id, "at": at})
        return cursor.rowcount


def by_json(shop_id: int, facts: Sequence[OrderFacts], *, at: datetime) -> int:
    """Bring a few orders, which are faster so; return how many lines they have."""
    params = {
        "shop": shop_id,
        "at": at,
        "orders": _json(_ORDER_NAMES, _orders(facts)),
        "lines": _json(_LINE_NAMES, _lines(facts)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_JSON, params)
        return cursor.rowcount


def _json(names, rows):
    return json.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str)


def _orders(facts):
    for n, each in enumerate(facts):
        yield (
            n,
            each.external_id,
            each.version,
            each.placed_at,
            each.currency,
            each.status,
            list(each.clicks),
            list(each.codes),
        )


def _lines(facts):
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
