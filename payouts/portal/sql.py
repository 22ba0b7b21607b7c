"""The portal's statements: one for a list, whatever its length."""

# A sale and its corrections are one thing to its creator. Where it stands follows its
# live money: held, waiting, on its way, ready or paid; void once nothing is left of it.
# A paid sale whose clawback waits for the next payout is still paid.
_STANDING = """
 cross join lateral (
   select sum(c.amount_cents) as amount_cents,
          case when bool_or(c.status = 'held') then 'held'
               when sum(c.amount_cents) = 0 then 'void'
               when sum(c.amount_cents) filter (where c.status = 'pending') > 0
                 then 'pending'
               when sum(c.amount_cents) filter (where c.status = 'in_run') > 0
                 then 'in_run'
               when sum(c.amount_cents) filter (where c.status = 'approved') > 0
                 then 'approved'
               else 'paid' end as state,
          -- What stands follows the newest row that gives something.
          (array_agg(c.payable_on order by c.number desc) filter (
             where c.amount_cents > 0 and c.status <> 'void'))[1] as payable_on
     from payouts_commission c
    where c.line_id = s.line_id and c.creator_id = s.creator_id and c.role = s.role
 ) t
"""

_SALE = f"""
select s.id, o.placed_at, sh.name, coalesce(p.name, l.sku), pr.name, t.amount_cents,
       s.amount_cents, s.currency, t.state,
       case when t.state <> 'void' then t.payable_on end,
       case when s.boost_id is not null then s.multiplier_pct end, s.base_cents
  from payouts_commission s
  join shops_orderline l on l.id = s.line_id
  join shops_order o on o.id = l.order_id
  join shops_shop sh on sh.id = s.shop_id
  join shops_program pr on pr.id = s.program_id
  left join shops_product p on p.id = l.product_id
{_STANDING}
 where s.creator_id = %(creator)s and s.number = 0
"""

_FILTERS = """
   and (%(state)s = '' or t.state = %(state)s)
   and (%(program)s::bigint is null or s.program_id = %(program)s)
"""

OLDER_SALES = f"""{_SALE} {_FILTERS}
   and (o.placed_at, s.id) < (%(at)s::timestamptz, %(id)s::bigint)
 order by o.placed_at desc, s.id desc limit %(limit)s
"""

NEWER_SALES = f"""{_SALE} {_FILTERS}
   and (o.placed_at, s.id) > (%(at)s::timestamptz, %(id)s::bigint)
 order by o.placed_at, s.id limit %(limit)s
"""

ONE_SALE = f"{_SALE} and s.id = %(id)s"

# The ledger knows neither holds nor drafts: a held amount stands where it stood, and a
# payout leaves the account only when it is sent.
PARTS = """
select c.currency,
       count(distinct c.line_id) filter (
         where c.status = 'pending' and c.amount_cents > 0),
       coalesce(sum(c.amount_cents) filter (
         where c.status = 'held' and c.held_from = 'pending'), 0),
       coalesce(sum(c.amount_cents) filter (
         where c.status = 'held' and c.held_from = 'approved'), 0),
       coalesce(sum(c.amount_cents) filter (
         where c.status = 'in_run' and p.status = 'draft'), 0),
       max(p.settled_at) filter (where p.status = 'paid')
  from payouts_commission c
  left join payouts_payoutline l on l.commission_id = c.id and l.is_active
  left join payouts_payout p on p.id = l.payout_id
 where c.creator_id = %(creator)s
 group by c.currency
"""

# What was bought counts while it is this creator's and paid; what was earned is every
# row of the line, so that days add up to the ledger.
DAYS = f"""
select s.currency, (o.placed_at at time zone %(zone)s)::date as day,
       count(distinct o.id) filter (where v.creator_id = s.creator_id),
       coalesce(sum(l.net_cents - l.refunded_cents) filter (
         where v.creator_id = s.creator_id and o.status = 'paid'), 0),
       sum(t.amount_cents)
  from payouts_commission s
  join shops_orderline l on l.id = s.line_id
  join shops_order o on o.id = l.order_id
  left join creators_verdict v on v.line_id = s.line_id
{_STANDING}
 where s.creator_id = %(creator)s and s.number = 0 and o.placed_at >= %(since)s
 group by 1, 2
"""

_TRANSFER = """
with transfer as (
  select r.starts_on, r.id as run_id, p.id as payout_id, p.amount_cents, p.currency,
         p.status as state, p.settled_at, p.sent_at,
         (select count(*) from payouts_payoutline l where l.payout_id = p.id)
           as commission_count, '' as reason, r.threshold_cents, p.return_reason
    from payouts_payout p join payouts_run r on r.id = p.run_id
   where p.creator_id = %(creator)s
     and p.status in ('draft', 'sent', 'paid', 'returned')
  union all
  select r.starts_on, r.id, null, k.amount_cents, k.currency, 'skipped', null, null,
         0, k.reason, r.threshold_cents, ''
    from payouts_payoutskip k join payouts_run r on r.id = k.run_id
   where k.creator_id = %(creator)s and r.status <> 'dropped'
)
select * from transfer
"""

OLDER_TRANSFERS = f"""{_TRANSFER}
 where (starts_on, run_id) < (%(on)s::date, %(id)s::bigint)
 order by starts_on desc, run_id desc limit %(limit)s
"""

NEWER_TRANSFERS = f"""{_TRANSFER}
 where (starts_on, run_id) > (%(on)s::date, %(id)s::bigint)
 order by starts_on, run_id limit %(limit)s
"""

# A correction opens the sale it corrects.
_TRANSFER_LINE = """
select s.id, o.placed_at, sh.name, coalesce(p.name, q.sku), c.kind, l.amount_cents, l.id
  from payouts_payoutline l
  join payouts_commission c on c.id = l.commission_id
  join payouts_commission s on s.line_id = c.line_id and s.creator_id = c.creator_id
                           and s.role = c.role and s.number = 0
  join shops_orderline q on q.id = c.line_id
  join shops_order o on o.id = q.order_id
  join shops_shop sh on sh.id = c.shop_id
  left join shops_product p on p.id = q.product_id
 where l.payout_id = %(payout)s
"""

OLDER_TRANSFER_LINES = f"""{_TRANSFER_LINE}
   and (o.placed_at, l.id) < (%(at)s::timestamptz, %(id)s::bigint)
 order by o.placed_at desc, l.id desc limit %(limit)s
"""

NEWER_TRANSFER_LINES = f"""{_TRANSFER_LINE}
   and (o.placed_at, l.id) > (%(at)s::timestamptz, %(id)s::bigint)
 order by o.placed_at, l.id limit %(limit)s
"""

# Every move has two legs: the money goes from the debited to the credited account.
MOVEMENTS = """
select e.key, e.at, f.kind, t.kind, debit.amount_cents
  from payouts_ledgerentry e
  join payouts_ledgerleg debit on debit.entry_id = e.id and debit.amount_cents > 0
  join payouts_ledgeraccount f on f.id = debit.account_id
  join payouts_ledgerleg credit on credit.entry_id = e.id and credit.amount_cents < 0
  join payouts_ledgeraccount t on t.id = credit.account_id
 where e.key = any(%(keys)s)
 order by e.at, e.id
"""

EARNED_BY_TOUCH = """
select v.link_id, v.code_id, sum(c.amount_cents)
  from payouts_commission c
  join creators_verdict v on v.line_id = c.line_id and v.creator_id = c.creator_id
  join shops_program pr on pr.id = c.program_id and pr.currency = c.currency
 where c.creator_id = %(creator)s
 group by v.link_id, v.code_id
"""
