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
                           pr.shipping_days, 0)::int),
       -- The days of the sale, whatever the program's terms are by now (rule R4).
       coalesce((sale.snapshot->>'hold_days')::int, pr.hold_days), pr.shipping_days,
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
              then commission_cents(a.remaining, a.net, a.quantity, sale.rate_bp,
                                    sale.flat_cents, sale.multiplier_pct, sale.cap_bp)
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

# One candidate a line and rate that reaches it; `who` and `what` count from the most
# specific (rule R2). Three branches, because each has its own index.
_REACHING_RATES = """
  select a.line_id, x.id, x.rate_bp, x.flat_cents, x.audience_id, 0 as what, 0 as depth
    from fresh a join shops_rate x
      on x.product_id = a.product_id and x.program_id = a.program_id
   where (x.starts_at is null or x.starts_at <= a.placed_at)
     and (x.ends_at is null or x.ends_at > a.placed_at)
  union all
  select a.line_id, x.id, x.rate_bp, x.flat_cents, x.audience_id, 1, up.depth
    from fresh a join up on up.category_id = a.category_id
    join shops_rate x on x.category_id = up.ancestor_id
                     and x.program_id = a.program_id
   where (x.starts_at is null or x.starts_at <= a.placed_at)
     and (x.ends_at is null or x.ends_at > a.placed_at)
  union all
  select a.line_id, x.id, x.rate_bp, x.flat_cents, x.audience_id, 2, 0
    from fresh a join shops_rate x
      on x.program_id = a.program_id and x.product_id is null
     and x.category_id is null
   where (x.starts_at is null or x.starts_at <= a.placed_at)
     and (x.ends_at is null or x.ends_at > a.placed_at)
"""

# What is sold already was seen when it was read. An anti-join here would be taken for
# one row as soon as there are more sales than the batch has lines, and everything after
# it would loop over all pairs of lines.
SELL = f"""
with recursive up (category_id, ancestor_id, depth) as (
  select distinct category_id, category_id, 0 from accruing
   where category_id is not null
  union all
  select up.category_id, c.parent_id, up.depth + 1
    from up join shops_category c on c.id = up.ancestor_id
   where c.parent_id is not null
),
fresh as materialized (
  select a.* from accruing a where a.creator_id is not null and not a.is_sold
),
who as materialized (
  select e.id as enrollment_id, e.audience_id, 0 as who from creators_enrollment e
   where e.id in (select enrollment_id from fresh)
  union all
  select g.enrollment_id, g.audience_id, 1 from creators_groupmember g
   where g.enrollment_id in (select enrollment_id from fresh)
),
rates as (
  select a.line_id, r.id, r.rate_bp, r.flat_cents,
         coalesce(w.who, 2) * 3 + r.what as rank, r.depth, g.slug as group_slug,
         commission_cents(a.net, a.net, a.quantity, r.rate_bp, r.flat_cents,
                          100, a.cap_bp) as alone
    from ({_REACHING_RATES}) r
    join fresh a on a.line_id = r.line_id
    left join who w on w.enrollment_id = a.enrollment_id
                   and w.audience_id = r.audience_id
    left join shops_audience g on g.id = r.audience_id and g.kind = 'group'
   where (r.audience_id is null or w.audience_id is not null)
     -- A flat amount is in the program's currency; nothing is converted silently.
     and (r.flat_cents is null or a.currency = a.program_currency)
  union all
  select a.line_id, null, a.default_bp, null, 9, 0, null, 0 from fresh a
),
ranked as (
  select r.*, row_number() over (partition by line_id
           order by rank, depth, alone desc, id) as place
    from rates r
),
lost_rates as (
  select line_id, jsonb_agg(jsonb_build_object(
           'id', id, 'bp', rate_bp, 'flat_cents', flat_cents, 'rank', rank,
           'group', group_slug) order by place) as rows
    from ranked where place > 1 group by line_id
),
boosts as (
  select a.line_id, x.id, x.multiplier_pct, x.name,
         row_number() over (partition by a.line_id
                            order by x.multiplier_pct desc, x.id) as place
    from fresh a
    join shops_boost x on x.program_id = a.program_id
     and x.starts_at <= a.placed_at and x.ends_at > a.placed_at
   where (x.product_id is null or x.product_id = a.product_id)
     and (x.category_id is null or exists (
           select 1 from up where up.category_id = a.category_id
                              and up.ancestor_id = x.category_id))
     and (x.audience_id is null or exists (
           select 1 from who w where w.enrollment_id = a.enrollment_id
                                 and w.audience_id = x.audience_id))
),
lost_boosts as (
  select line_id, jsonb_agg(jsonb_build_object(
           'id', id, 'name', name, 'multiplier_pct', multiplier_pct)
           order by place) as rows
    from boosts where place > 1 group by line_id
),
priced as (
  select a.*, r.id as rate_id, r.rate_bp, r.flat_cents, r.rank, r.group_slug,
         b.id as boost_id, b.name as boost_name,
         coalesce(b.multiplier_pct, 100) as multiplier_pct,
         commission_cents(a.remaining, a.net, a.quantity, r.rate_bp, r.flat_cents,
                          coalesce(b.multiplier_pct, 100), a.cap_bp) as amount
    from fresh a
    join ranked r on r.line_id = a.line_id and r.place = 1
    left join boosts b on b.line_id = a.line_id and b.place = 1
),
sold as (
insert into payouts_commission (
  line_id, shop_id, program_id, creator_id, enrollment_id, role, kind, number, status,
  currency, amount_cents, base_cents, rate_id, rate_bp, flat_cents, boost_id,
  multiplier_pct, cap_bp, snapshot, accrued_at, hold_starts_on, payable_on,
  held_reason, held_from, decline_reason)
select a.line_id, a.shop_id, a.program_id, a.creator_id, a.enrollment_id, 'affiliate',
       'sale', 0, case a.amount when 0 then 'void' else 'pending' end,
       a.currency, a.amount, a.remaining, a.rate_id, a.rate_bp, a.flat_cents,
       a.boost_id, a.multiplier_pct, a.cap_bp,
       jsonb_strip_nulls(jsonb_build_object(
         'rank', a.rank, 'group', a.group_slug, 'sku', a.sku, 'boost', a.boost_name,
         'hold_days', a.hold_days, 'shipping_days', a.shipping_days,
         'lost_rates', lr.rows, 'lost_boosts', lb.rows)),
       %(at)s, a.hold_starts_on, {_PAYABLE_ON}, '', '', ''
  from priced a
  join accruing_withdrawal w
    on w.country = a.country and w.starts_on = a.hold_starts_on
  left join lost_rates lr on lr.line_id = a.line_id
  left join lost_boosts lb on lb.line_id = a.line_id
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
