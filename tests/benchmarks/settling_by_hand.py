"""Verdicts, commissions and entries on bare tables, by hand: the limit.

It knows the market it is for: one program, codes that always win, no own purchases.
"""

from datetime import datetime

from django.db import connection, transaction

TABLES = (
    "shops_unsettledline",
    "creators_verdict",
    "payouts_commission",
    "payouts_ledgeraccount",
    "payouts_ledgerentry",
    "payouts_ledgerleg",
)

OPEN_ACCOUNTS = """
insert into bare.payouts_ledgeraccount (kind, creator_id, shop_id, currency)
select 'creator_accrued', id, null, 'EUR' from creators_creator
union all select 'shop_owed', null, id, 'EUR' from shops_shop
"""
# What waits for the product waits here too.
QUEUE = "insert into bare.shops_unsettledline select line_id from shops_unsettledline"

# Kept in tables that the planner is told about: it cannot guess how many rows one step
# passes on to the next, and joined in pairs what it had guessed to be one row.
UP = """
create temporary table up on commit drop as
with recursive up (category_id, ancestor_id, depth) as (
  select id, id, 0 from shops_category
  union all
  select up.category_id, c.parent_id, up.depth + 1
    from up join shops_category c on c.id = up.ancestor_id
   where c.parent_id is not null
)
select * from up
"""

LINE = """
create temporary table line (
  id bigint, shop_id bigint, product_id bigint, category_id bigint, sku text,
  quantity bigint, net bigint, placed_at timestamptz, currency text, clicks text[],
  codes text[], facts text
) on commit drop;
with taken as (
  delete from bare.shops_unsettledline
   where ctid = any(array(select ctid from bare.shops_unsettledline
                           order by line_id limit %(limit)s))
  returning line_id
)
insert into line
select l.id, l.shop_id, l.product_id, p.category_id, p.sku, l.quantity,
       l.net_cents as net, o.placed_at, o.currency, o.clicks, o.codes,
       md5(concat_ws('|', o.placed_at, o.clicks, o.codes, l.sku)) as facts
  from taken join shops_orderline l on l.id = taken.line_id
  join shops_order o on o.id = l.order_id
  join shops_product p on p.id = l.product_id
"""

RANKED = """
create temporary table ranked on commit drop as
with touch as (
  select line.id as line_id, 'click' as kind, c.id as ref, c.ord, t.at,
         k.id as link_id, null::bigint as code_id, k.enrollment_id,
         case when line.placed_at - t.at > pr.window_days * interval '24 hours'
              then 'outside_window' end as why
    from line cross join unnest(line.clicks) with ordinality c (id, ord)
    join creators_click t on t.click_id = c.id
    join creators_link k on k.id = t.link_id
    join creators_enrollment e on e.id = k.enrollment_id
    join shops_program pr on pr.id = e.program_id
  union all
  select line.id, 'code', c.code, c.ord, null, null, k.id, k.enrollment_id,
         case when k.id is null then 'code_unknown' end
    from line cross join unnest(line.codes) with ordinality c (code, ord)
    left join creators_code k on upper(k.code) = upper(c.code)
),
judged as (
  select t.*, e.creator_id, e.program_id, e.audience_id, c.handle,
         case when t.why = 'code_unknown' then t.why
              when exists (select 1 from shops_exclusion x
                             join up on up.ancestor_id = x.category_id
                            where up.category_id = line.category_id)
              then 'product_excluded' else t.why end as lost
    from touch t join line on line.id = t.line_id
    left join creators_enrollment e on e.id = t.enrollment_id
    left join creators_creator c on c.id = e.creator_id
)
select j.*, row_number() over (
         partition by line_id
         order by (lost is not null), kind desc, ord, at desc) as place
  from judged j
"""

VERDICT = """
with explained as (
  select line_id, jsonb_agg(jsonb_build_object(
           'kind', kind, 'ref', ref, 'at', at, 'creator', handle,
           'outcome', case when place = 1 and lost is null then 'won' else 'lost' end,
           'why', coalesce(lost, case when place > 1 then 'other_touch_won'
                                      when kind = 'code' then 'code_applied'
                                      else 'latest_click' end))
         order by place) as touches
    from ranked group by line_id
)
insert into bare.creators_verdict (
  line_id, shop_id, state, reason, via, program_id, creator_id, enrollment_id,
  link_id, code_id, touches, facts, decided_at)
select line.id, line.shop_id,
       case when w.line_id is not null and w.lost is null
            then 'attributed' else 'nobody' end,
       coalesce(w.lost, case w.kind when 'code' then 'code_applied'
                             when 'click' then 'latest_click' else 'no_touch' end),
       case when w.lost is null then coalesce(w.kind, '') else '' end,
       case when w.lost is null then w.program_id end,
       case when w.lost is null then w.creator_id end,
       case when w.lost is null then w.enrollment_id end,
       case when w.lost is null then w.link_id end,
       case when w.lost is null then w.code_id end,
       coalesce(x.touches, '[]'), line.facts, %(at)s
  from line
  left join ranked w on w.line_id = line.id and w.place = 1
  left join explained x on x.line_id = line.id
"""

WON = """
create temporary table won on commit drop as
select line.*, w.creator_id, w.enrollment_id, w.audience_id, pr.id as program_id,
       pr.rate_bp as default_bp, pr.cap_bp, pr.hold_days,
       (line.placed_at at time zone s.time_zone)::date + pr.shipping_days as starts_on
  from line join ranked w on w.line_id = line.id and w.place = 1 and w.lost is null
  join shops_program pr on pr.id = w.program_id
  join shops_shop s on s.id = line.shop_id
"""

AMOUNTED = """
create temporary table amounted on commit drop as
with who (enrollment_id, audience, rank) as (
  select id, audience_id, 0 from creators_enrollment
  union all select enrollment_id, audience_id, 1 from creators_groupmember
  union all select id, 0, 2 from creators_enrollment
),
what (product_id, product, category, rank) as (
  select id, id, 0, 0 from shops_product
  union all select p.id, 0, up.ancestor_id, 1 + up.depth
              from shops_product p join up using (category_id)
  union all select id, 0, 0, 9 from shops_product
),
rate as (
  select distinct on (won.id) won.id, x.id as rate_id, x.rate_bp, x.flat_cents
    from won join who using (enrollment_id) join what using (product_id)
    join shops_rate x on coalesce(x.audience_id, 0) = who.audience
     and coalesce(x.product_id, 0) = what.product
     and coalesce(x.category_id, 0) = what.category
     and (x.starts_at is null or x.starts_at <= won.placed_at)
     and (x.ends_at is null or x.ends_at > won.placed_at)
   order by won.id, who.rank, what.rank, x.rate_bp desc, x.id
),
boost as (
  select distinct on (won.id) won.id, x.id as boost_id, x.multiplier_pct, x.name
    from won join shops_boost x
      on x.starts_at <= won.placed_at and x.ends_at > won.placed_at
     and (x.product_id is null or x.product_id = won.product_id)
     and (x.category_id is null or exists (
           select 1 from up where up.category_id = won.category_id
                              and up.ancestor_id = x.category_id))
     and (x.audience_id is null or exists (
           select 1 from who where who.enrollment_id = won.enrollment_id
                               and who.audience = x.audience_id))
   order by won.id, x.multiplier_pct desc, x.id
),
priced as (
  select won.*, rate.rate_id, boost.boost_id, boost.name as boost, rate.flat_cents,
         case when rate.flat_cents is null
              then coalesce(rate.rate_bp, won.default_bp) end as rate_bp,
         coalesce(boost.multiplier_pct, 100) as multiplier_pct,
         nextval('bare.payouts_commission_id_seq') as commission_id,
         nextval('bare.payouts_ledgerentry_id_seq') as entry_id
    from won left join rate using (id) left join boost using (id)
)
select priced.*, case when rate_bp is not null
         then (net * least(rate_bp * multiplier_pct, cap_bp * 100) + 500000) / 1000000
         else least((2 * flat_cents * quantity * multiplier_pct + 100) / 200,
                    net * cap_bp / 10000) end as cents
  from priced
"""

EARNED = """
with sold as (
  insert into bare.payouts_commission (
    id, line_id, shop_id, program_id, creator_id, enrollment_id, role, kind, number,
    status, currency, amount_cents, base_cents, rate_id, rate_bp, flat_cents, boost_id,
    multiplier_pct, cap_bp, snapshot, accrued_at, hold_starts_on, payable_on,
    held_reason, held_from, decline_reason)
  overriding system value
  select commission_id, id, shop_id, program_id, creator_id, enrollment_id,
         'affiliate', 'sale', 0, 'pending', currency, cents, net, rate_id, rate_bp,
         flat_cents, boost_id, multiplier_pct, cap_bp,
         jsonb_strip_nulls(jsonb_build_object('sku', sku, 'boost', boost)), %(at)s,
         starts_on, starts_on + greatest(hold_days, 14) + 1, '', '', ''
    from amounted
),
entry as (
  insert into bare.payouts_ledgerentry (id, key, kind, at)
  overriding system value
  select entry_id, 'commission:' || commission_id, 'sale', %(at)s from amounted
)
insert into bare.payouts_ledgerleg (entry_id, account_id, amount_cents, currency)
select a.entry_id, d.id, a.cents, a.currency
  from amounted a join bare.payouts_ledgeraccount d
    on d.kind = 'shop_owed' and d.shop_id = a.shop_id and d.currency = a.currency
union all
select a.entry_id, c.id, -a.cents, a.currency
  from amounted a join bare.payouts_ledgeraccount c
    on c.kind = 'creator_accrued' and c.creator_id = a.creator_id
   and c.currency = a.currency
"""


def settle(*, at: datetime, limit: int) -> int:
    """Settle up to `limit` waiting lines and return how many legs that made."""
    with transaction.atomic(), connection.cursor() as cursor:
        make, fill = LINE.split(";")
        # What still is a guess must not become a join in pairs.
        cursor.execute("set local enable_nestloop = off")
        cursor.execute(UP)
        cursor.execute(make)
        cursor.execute(fill, {"limit": limit})
        cursor.execute("analyze up, line (id, product_id)")
        cursor.execute(RANKED)
        cursor.execute("analyze ranked (line_id, place, lost)")
        cursor.execute(VERDICT, {"at": at})
        cursor.execute(WON)
        cursor.execute("analyze won (id, product_id, enrollment_id)")
        cursor.execute(AMOUNTED)
        cursor.execute(EARNED, {"at": at})
        return cursor.rowcount
