"""Approved commissions of creators who can be paid, in any number."""

from datetime import date, datetime, timedelta

from django.db import connection

from creators.models import Enrollment
from payouts import ledger
from payouts.models import BankAccount, TaxKind, TaxProfile
from tests.benchmarks.market import Market
from tests.factories.payouts import german_iban

EACH = 10  # commissions a creator

_ORDERS = """
insert into shops_order (
  shop_id, external_id, version, content_hash, placed_at, currency, status, buyer_hash,
  buyer_country, clicks, codes)
select %(shop)s, %(month)s || '-' || e.id, 1, '', %(at)s, 'EUR', 'paid', '', '', '{}',
       '{}'
  from creators_enrollment e where e.id = any(%(enrollments)s)
"""
_LINES = """
insert into shops_orderline (
  order_id, shop_id, external_id, sku, quantity, net_cents, tax_cents, refunded_cents)
select o.id, o.shop_id, n, 'SKU-' || n, 1, 4000 + n, 0, 0
  from shops_order o, generate_series(1, %(each)s) n
 where o.external_id like %(month)s || '-%%'
"""
_COMMISSIONS = """
insert into payouts_commission (
  line_id, shop_id, program_id, creator_id, enrollment_id, role, kind, number, status,
  currency, amount_cents, base_cents, rate_bp, multiplier_pct, cap_bp, snapshot,
  accrued_at, hold_starts_on, payable_on, approved_at, held_reason, held_from,
  decline_reason)
select l.id, l.shop_id, e.program_id, e.creator_id, e.id, 'affiliate', 'sale', 0,
       'approved', 'EUR', 400 + l.external_id::int, l.net_cents, 1000, 100, 8000, '{}',
       %(at)s, %(on)s, %(on)s, %(at)s, '', '', ''
  from shops_order o
  join shops_orderline l on l.order_id = o.id
  join creators_enrollment e on e.id = split_part(o.external_id, '-', 2)::bigint
 where o.external_id like %(month)s || '-%%'
"""
_MOVES = """
select 'commission:' || c.id, 'sale', %(at)s, 'shop_owed', 'creator_payable',
       c.amount_cents, c.currency, c.shop_id, c.creator_id, null::text
  from payouts_commission c where c.payable_on = %(on)s order by c.id
"""


def let_be_paid(enrollments: list[Enrollment], *, since: datetime) -> None:
    """Give these creators what a payout needs."""
    BankAccount.objects.bulk_create(
        BankAccount(
            creator_id=each.creator_id,
            iban=german_iban(n),
            holder=f"Creator {n}",
            verified_at=since,
            usable_from=since + timedelta(days=3),
        )
        for n, each in enumerate(enrollments)
    )
    TaxProfile.objects.bulk_create(
        TaxProfile(
            creator_id=each.creator_id,
            kind=TaxKind.FR_FRANCHISE,
            siret="73282932000074",
        )
        for each in enrollments
    )


def earn(market: Market, creators: int, *, on: date, at: datetime) -> int:
    """Leave EACH approved commissions of so many creators, payable on this day.

    Returns how many commissions that is.
    """
    params = {
        "shop": market.shop.pk,
        "enrollments": [each.pk for each in market.enrollments[:creators]],
        "month": f"{on:%Y%m}",
        "each": EACH,
        "on": on,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, params)
        cursor.execute(_LINES, params)
        cursor.execute(_COMMISSIONS, params)
    return ledger.post(_MOVES, {"on": on, "at": at}, at=at)
