"""The statements of `accrue`: the same for one line and for a hundred thousand."""

STAGING = (
    """create temporary table if not exists accruing_taken (line_id bigint primary key)
       on commit delete rows""",
    """create temporary table if not exists accruing (
         line_id bigint primary key, shop_id bigint, country text, time_zone text,
         program_id bigint, creator_id bigint, enrollment_id bigint,
         placed_at timestamptz, currency text, program_currency text,
         quantity bigint, net bigint, remaining bigint,
         product_id bigint, sku text, category_id bigint,
         default_bp int, cap_bp int, hold_starts_on date, hold_days int,
         shipping_days int, is_sold boolean
       ) on commit delete rows""",
    """create temporary table if not exists accruing_withdrawal (
         country text, starts_on date, ends_on date, primary key (country, starts_on)
       ) on commit delete rows""",
    """create temporary table if not exists accruing_new (commission_id bigint)
       on commit delete rows""",
    # A caller may accrue twice in one transaction of its own.
    """delete from accruing_taken; delete from accruing;
       delete from accruing_withdrawal; delete from accruing_new""",
)

# Taking and reading are two statements, so that reading sees what was committed by
# whoever queued the line: see the same pair in creators.attribution.
_TAKE = """
with gone as (
  delete from creators_unaccruedverdict where ctid = any(array(
    select ctid from creators_unaccruedverdict where {which}
       for update skip locked))
  returning verdict_id
)
insert into accruing_taken select verdict_id from gone
"""
TAKE = _TAKE.format(which="attempts = 0 order by verdict_id limit %s")
# What failed before, by name: see affiliate.common.queues.
TAKE_THESE = _TAKE.format(
    which="verdict_id = any(%s) and attempts > 0 order by verdict_id"
)

READ = """
insert into accruing
select l.id, l.shop_id, s.country, s.time_zone, v.program_id, v.creator_id,
       v.enrollment_id, o.placed_at, o.currency, pr.currency, l.quantity, l.net_cents,
       case o.status when 'paid' then l.net_cents - l.refunded_cents else 0 end,
       l.product_id, l.sku, p.category_id, pr.rate_bp, pr.cap_bp,
       coalesce((o.delivered_at at time zone s.time_zone)::date,
                (o.placed_at at time zone s.time_zone)::date
                + coalesce((sale.snapshot->>'shipping_days')::int,
                           was.shipping_days, pr.shipping_days, 0)::int),
       -- The days of the sale, else of its moment, whatever they are by now (rule R4).
       coalesce((sale.snapshot->>'hold_days')::int, was.hold_days, pr.hold_days),
       coalesce(was.shipping_days, pr.shipping_days),
       sale.id is not null
  from accruing_taken t
  join shops_orderline l on l.id = t.line_id
  join shops_order o on o.id = l.order_id
  join shops_shop s on s.id = l.shop_id
  join creators_verdict v on v.line_id = l.id
  left join payouts_commission sale
    on sale.line_id = l.id and sale.creator_id = v.creator_id and sale.number = 0
  left join shops_program pr on pr.id = v.program_id
  left join shops_product p on p.id = l.product_id
  left join lateral (
    select x.hold_days, x.shipping_days
      from shops_earliersettings x
     where x.program_id = pr.id and x.ends_at > o.placed_at
     order by x.ends_at limit 1) was on true
"""

# What still waits is not approved, held or declined until the sweep is through: a sale
# that is approved between a correction and its voiding would be paid whole.
LOCK = """
select c.id from payouts_commission c join accruing a on a.line_id = c.line_id
 where c.status in ('pending', 'held')
 order by c.id for update of c
"""

ANALYZE = "analyze accruing"

HOLD_STARTS = "select distinct country, hold_starts_on from accruing"

STAGE_WITHDRAWAL_ENDS = """
insert into accruing_withdrawal select * from unnest(%s::text[], %s::date[], %s::date[])
"""

_PAYABLE_ON = "greatest(a.hold_starts_on + a.hold_days, w.ends_on) + 1"

# A delivery that becomes known moves what is still waiting (rule C2), and what is void
# lest it come back with the old day.
MOVE_DATES = f"""
update payouts_commission c
   set hold_starts_on = a.hold_starts_on, payable_on = {_PAYABLE_ON}
  from accruing a join accruing_withdrawal w
    on w.country = a.country and w.starts_on = a.hold_starts_on
 where c.line_id = a.line_id and c.creator_id = a.creator_id
   and (c.status in ('pending', 'void')
        or c.status = 'held' and c.held_from = 'pending')
   and (c.hold_starts_on, c.payable_on)
       is distinct from (a.hold_starts_on, {_PAYABLE_ON})
"""

# What stands on a line for a creator follows its newest live positive row: waiting with
# it, held with it, or approved at once when that one is past waiting. What was held
# when it became void comes back held: nobody has released it.
CORRECT = """
with standing as (
  select c.line_id, c.creator_id, sum(c.amount_cents) as so_far,
         max(c.number) as newest,
         (array_agg(c.id order by c.number desc)
            filter (where c.amount_cents > 0 and c.status <> 'void'))[1] as lead_id,
         min(c.id) filter (where c.number = 0) as sale_id
    from payouts_commission c join accruing a on a.line_id = c.line_id
   group by c.line_id, c.creator_id
),
target as (
  select st.*, a.remaining, a.shop_id,
         case when a.creator_id = st.creator_id and sale.decline_reason = ''
              then commission_within(
                a.remaining, a.net, a.quantity, sale.rate_bp, sale.flat_cents,
                sale.multiplier_pct, sale.cap_bp, sale.extra_cents, sale.most_cents)
              else 0 end - st.so_far as difference,
         (%(at)s at time zone a.time_zone)::date as today
    from standing st
    join accruing a on a.line_id = st.line_id
    join payouts_commission sale on sale.id = st.sale_id
),
corrected as (
insert into payouts_commission (
  line_id, shop_id, program_id, creator_id, enrollment_id, role, kind, number, status,
  currency, amount_cents, base_cents, rate_id, rate_bp, flat_cents, boost_id,
  multiplier_pct, cap_bp, snapshot, accrued_at, hold_starts_on, payable_on,
  approved_at, held_reason, held_from, decline_reason)
select s.line_id, s.shop_id, s.program_id, s.creator_id, s.enrollment_id, s.role,
       case when t.difference > 0 then 'restoration'
            when k.status in ('in_run', 'paid') then 'clawback' else 'reversal' end,
       t.newest + 1, n.status, s.currency, t.difference, t.remaining, s.rate_id,
       s.rate_bp, s.flat_cents, s.boost_id, s.multiplier_pct, s.cap_bp, '{}', %(at)s,
       case n.status when 'approved' then t.today else k.hold_starts_on end,
       case n.status when 'approved' then t.today else k.payable_on end,
       case n.status when 'approved' then %(at)s::timestamptz end,
       case n.status when 'held' then k.held_reason else '' end,
       case n.status when 'held' then k.held_from else '' end, ''
  from target t
  join payouts_commission s on s.id = t.sale_id
  join payouts_commission k on k.id = coalesce(t.lead_id, t.sale_id)
 cross join lateral (
   select case when k.status = 'held' or k.status = 'void' and k.held_from <> ''
               then 'held' when k.status in ('void', 'pending') then 'pending'
               else 'approved' end as status) n
 where t.difference <> 0
returning id
)
insert into accruing_new select id from corrected
"""

# Each line that is not sold yet, with its rate, its boost and what it earns by them.
PRICED = """
  select a.*, r.rate_id, r.rate_bp, r.flat_cents, r.rank, r.group_slug,
         r.lost as lost_rates, r.promised_until, r.conditions,
         b.boost_id, b.name as boost_name, b.lost as lost_boosts,
         coalesce(b.multiplier_pct, 100) as multiplier_pct,
         g.extra_cents, g.most_cents, g.held_by,
         commission_within(a.remaining, a.net, a.quantity, r.rate_bp, r.flat_cents,
                           coalesce(b.multiplier_pct, 100), a.cap_bp,
                           g.extra_cents, g.most_cents) as amount
    from accruing a
    join accruing_rate r on r.line_id = a.line_id
    left join accruing_boost b on b.line_id = a.line_id
    left join accruing_grant g on g.line_id = a.line_id
"""

SELL = f"""
with priced as ({PRICED}),
sold as (
insert into payouts_commission (
  line_id, shop_id, program_id, creator_id, enrollment_id, role, kind, number, status,
  currency, amount_cents, base_cents, rate_id, rate_bp, flat_cents, boost_id,
  multiplier_pct, cap_bp, extra_cents, most_cents, snapshot, accrued_at,
  hold_starts_on, payable_on, held_reason, held_from, decline_reason)
select a.line_id, a.shop_id, a.program_id, a.creator_id, a.enrollment_id, 'affiliate',
       'sale', 0, case a.amount when 0 then 'void' else 'pending' end,
       a.currency, a.amount, a.remaining, a.rate_id, a.rate_bp, a.flat_cents,
       a.boost_id, a.multiplier_pct, a.cap_bp, a.extra_cents, a.most_cents,
       jsonb_strip_nulls(jsonb_build_object(
         'rank', a.rank, 'group', a.group_slug, 'sku', a.sku, 'boost', a.boost_name,
         'hold_days', a.hold_days, 'shipping_days', a.shipping_days,
         'lost_rates', a.lost_rates, 'lost_boosts', a.lost_boosts,
         'promised_until', a.promised_until, 'conditions', a.conditions,
         'held_by', a.held_by)),
       %(at)s, a.hold_starts_on, {_PAYABLE_ON}, '', '', ''
  from priced a
  join accruing_withdrawal w
    on w.country = a.country and w.starts_on = a.hold_starts_on
 order by a.line_id
returning id
)
insert into accruing_new select id from sold
"""

MOVES = """
select 'commission:' || c.id, c.kind, %(at)s, 'shop_owed',
       case when c.status = 'approved' or c.held_from = 'approved'
            then 'creator_payable' else 'creator_accrued' end,
       c.amount_cents, c.currency, c.shop_id, c.creator_id, null::text
  from accruing_new n join payouts_commission c on c.id = n.commission_id
 order by c.id
"""

# A sale that waits and is wholly taken back is void, with its corrections (rule C1).
VOID = """
update payouts_commission c set status = 'void'
  from (select x.line_id, x.creator_id
          from payouts_commission x join accruing a on a.line_id = x.line_id
         group by x.line_id, x.creator_id
        having sum(x.amount_cents) = 0
           and bool_and(x.status in ('pending', 'void')
                        or x.status = 'held' and x.held_from = 'pending')) gone
 where c.line_id = gone.line_id and c.creator_id = gone.creator_id
   and c.status in ('pending', 'held')
"""
