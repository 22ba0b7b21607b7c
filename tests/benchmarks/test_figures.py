"""Figures of a market of 200,000 lines: how long a table takes, and by which index."""

import time
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from affiliate.dashboards import figures
from affiliate.dashboards.figures import Scope, Span
from tests.benchmarks.market import build

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

LINES, PARIS = 200_000, "Europe/Paris"
_ORDERS = """
insert into shops_order (shop_id, external_id, version, content_hash, placed_at,
  currency, status, buyer_hash, buyer_country, clicks, codes)
select %(shop)s, n, 1, '', %(at)s::timestamptz + n * interval '5 minutes', 'EUR',
       'paid', '', '', '{}', '{}' from generate_series(1, %(orders)s) n
"""
_LINES = """
insert into shops_orderline (order_id, shop_id, external_id, sku, product_id, quantity,
  net_cents, tax_cents, refunded_cents)
select o.id, o.shop_id, n, p.sku, p.id, 1, 4000, 0, 0
  from shops_order o, generate_series(1, 2) n, shops_product p
 where p.id = %(product)s + o.id %% 400
"""
_VERDICTS = """
insert into creators_verdict (line_id, shop_id, state, reason, via, program_id,
  creator_id, enrollment_id, touches, facts, decided_at)
select l.id, l.shop_id, 'attributed', 'last_click', 'click', e.program_id, e.creator_id,
       e.id, '[]', '', %(at)s
  from shops_orderline l join creators_enrollment e on e.id = %(first)s + l.id %% 500
"""
_COMMISSIONS = """
insert into payouts_commission (line_id, shop_id, program_id, creator_id, enrollment_id,
  role, kind, number, status, currency, amount_cents, base_cents, rate_bp,
  multiplier_pct, cap_bp, snapshot, accrued_at, hold_starts_on, payable_on,
  held_reason, held_from, decline_reason)
select v.line_id, v.shop_id, v.program_id, v.creator_id, v.enrollment_id, 'affiliate',
       'sale', 0, 'pending', 'EUR', 400, 4000, 1000, 100, 8000, '{}', %(at)s,
       %(on)s, %(on)s, '', '', '' from creators_verdict v
"""


def test_tables_of_a_month_and_a_year(capsys) -> None:
    market = build(500)
    values = {
        "shop": market.shop.pk,
        "product": market.products[0].pk,
        "first": market.enrollments[0].pk,
        "orders": LINES // 2,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "on": date(2026, 2, 1),
    }
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        for statement in (_ORDERS, _LINES, _VERDICTS, _COMMISSIONS):
            cursor.execute(statement, values)
        cursor.execute("analyze")
    scope = Scope((market.shop.pk,))
    spans = {
        "a month": Span(date(2026, 5, 1), date(2026, 5, 31), PARIS),
        "a year": Span(date(2026, 1, 1), date(2026, 12, 31), PARIS),
    }

    with capsys.disabled():
        for name, span in spans.items():
            for by in ("totals", "creator", "product"):
                began = time.perf_counter()
                if by == "totals":
                    figures.totals(scope, span)
                else:
                    figures.page(scope, span, by, limit=25)
                print(f"{name:8} {by:8} {time.perf_counter() - began:8.2f} s")

    assert figures.totals(scope, spans["a year"])["EUR"].cost_cents == 400 * LINES
    assert "order_by_shop_and_time" in _plan(scope, spans["a month"])


def _plan(scope: Scope, span: Span) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "explain select id from shops_order where shop_id = any(%s)"
            " and placed_at >= %s and placed_at < %s",
            [list(scope.shops or ()), span.starts_at, span.ends_at],
        )
        return "\n".join(row[0] for row in cursor.fetchall())
