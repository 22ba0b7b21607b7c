"""A payout run on bare tables, by hand and in one transaction: the limit.

The bank takes days, so a payout is in a run first and paid later: both are written.
Nobody is skipped, and nothing else is payable.
"""

from datetime import date, datetime

from django.db import connection, transaction

TABLES = (
    "payouts_commission",
    "payouts_payout",
    "payouts_payoutline",
    "payouts_ledgeraccount",
    "payouts_ledgerentry",
    "payouts_ledgerleg",
)

# What waits for the product waits here too.
COPY_DUE = """
insert into bare.payouts_commission overriding system value
select * from payouts_commission where status = 'approved' and payable_on < %(ends_on)s
"""
OPEN_ACCOUNTS = """
insert into bare.payouts_ledgeraccount (kind, creator_id, shop_id, currency)
select kind, c.id, null::bigint, 'EUR'
  from creators_creator c, unnest(array['creator_payable', 'in_transit']) kind
 union all select 'bank', null, null, 'EUR'
"""

_TABLE = """
create temporary table due (id bigint, creator_id bigint, amount_cents bigint)
    on commit drop
"""
_CLAIM = """
with claimed as (
  update bare.payouts_commission set status = 'in_run'
   where status = 'approved' and currency = 'EUR' and payable_on < %(ends_on)s
  returning id, creator_id, amount_cents
)
insert into due select * from claimed
"""
_PAY = """
with paid as (
  insert into bare.payouts_payout (
    run_id, creator_id, bank_account_id, currency, amount_cents, status,
    end_to_end_id, sent_at, return_reason)
  select 0, c.creator_id, b.id, 'EUR', c.total, 'sent', 'RUN-' || c.creator_id, %(at)s,
         ''
    from (select creator_id, sum(amount_cents) as total
            from due group by creator_id having sum(amount_cents) >= 1000) c
    join payouts_taxprofile t on t.creator_id = c.creator_id
    join payouts_bankaccount b on b.creator_id = c.creator_id and b.currency = 'EUR'
     and b.ended_at is null and b.usable_from <= %(at)s
  returning id, creator_id
)
insert into bare.payouts_payoutline (payout_id, commission_id, amount_cents, is_active)
select p.id, d.id, d.amount_cents, true from due d join paid p using (creator_id)
"""
_POST = """
with moved as materialized (
  select nextval('bare.payouts_ledgerentry_id_seq') as entry_id, *
    from bare.payouts_payout where run_id = 0 and status = 'sent'
),
entry as (
  insert into bare.payouts_ledgerentry (id, key, kind, at) overriding system value
  select entry_id, '{kind}:' || end_to_end_id, '{kind}', %(at)s from moved
)
insert into bare.payouts_ledgerleg (entry_id, account_id, amount_cents, currency)
select m.entry_id, a.id, m.amount_cents, 'EUR'
  from moved m join bare.payouts_ledgeraccount a
    on a.kind = '{debit}' and a.creator_id = m.creator_id
union all
select m.entry_id, a.id, -m.amount_cents, 'EUR'
  from moved m join bare.payouts_ledgeraccount a
    on a.kind = '{credit}' and {whose}
"""
_SENT = _POST.format(
    kind="sent",
    debit="creator_payable",
    credit="in_transit",
    whose="a.creator_id = m.creator_id",
)
_PAID = _POST.format(
    kind="paid", debit="in_transit", credit="bank", whose="a.creator_id is null"
)
_SETTLE = """
update bare.payouts_payout set status = 'paid', settled_at = %(at)s
 where run_id = 0 and status = 'sent'
"""
_SETTLE_LINES = """
update bare.payouts_commission c set status = 'paid'
  from bare.payouts_payoutline l where c.id = l.commission_id and c.status = 'in_run'
"""


@transaction.atomic
def pay(*, ends_on: date, at: datetime) -> None:
    """Claim what is due before `ends_on`, pay it, and leave the entries of both."""
    values = {"ends_on": ends_on, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        cursor.execute(_CLAIM, values)
        cursor.execute("analyze due")
        cursor.execute(_PAY, values)
        cursor.execute(_SENT, values)
        cursor.execute(_PAID, values)
        cursor.execute(_SETTLE, values)
        cursor.execute(_SETTLE_LINES)
