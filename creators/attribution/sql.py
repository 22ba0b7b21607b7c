"""The statements of `settle`: the same for one line and for a hundred thousand.

Order facts are judged once per order and touch, line facts once per line and touch.
"""

STAGING = (
    """create temporary table if not exists settling_taken (line_id bigint primary key)
       on commit delete rows""",
    """create temporary table if not exists settling (
         line_id bigint primary key, order_id bigint, shop_id bigint,
         product_id bigint, category_id bigint, placed_at timestamptz, status text,
         facts text, is_known boolean, had_verdict boolean
       ) on commit delete rows""",
    """create temporary table if not exists settling_click (
         click_id text primary key, link_id bigint, at timestamptz, is_bot boolean
       ) on commit delete rows""",
    """create temporary table if not exists settling_touch (
         order_id bigint, kind text, ref text, ord int, at timestamptz,
         code_id bigint, link_id bigint, enrollment_id bigint, creator_id bigint,
         program_id bigint, policy text, only_product_id bigint,
         catalogue_only boolean, max_uses int, why text
       ) on commit delete rows""",
    # A caller may settle twice in one transaction of its own.
    """delete from settling_taken; delete from settling; delete from settling_click;
       delete from settling_touch""",
)

# Taking and reading are two statements: the second sees what the writers, whose row
# locks the first one waited out or skipped, had committed by then. In one statement the
# old snapshot would be read and the change that queued the line be lost.
# By physical place, because no statistics are ever right about a queue: a join was seen
# to compare every row with every other.
_TAKE = """
with gone as (
  delete from shops_unsettledline where ctid = any(array(
    select ctid from shops_unsettledline where {which}
       for update skip locked))
  returning line_id
)
insert into settling_taken select line_id from gone
"""
TAKE = _TAKE.format(which="attempts = 0 order by line_id limit %s")
# What failed before, by name: see affiliate.common.queues.
TAKE_THESE = _TAKE.format(which="line_id = any(%s) and attempts > 0 order by line_id")

READ = """
insert into settling
select l.id, l.order_id, l.shop_id, l.product_id, p.category_id, o.placed_at, o.status,
       f.facts,
       -- Judged on these facts already, and not merely waiting or cancelled: a line
       -- that was somebody's keeps the winning touch while its order is not paid.
       coalesce(v.facts = f.facts
                and (v.reason not in ('order_not_paid', 'order_cancelled')
                     or v.link_id is not null or v.code_id is not null), false),
       v.line_id is not null
  from settling_taken t
  join shops_orderline l on l.id = t.line_id
  join shops_order o on o.id = l.order_id
  left join shops_product p on p.id = l.product_id
  left join creators_verdict v on v.line_id = l.id
 cross join lateral (
   select md5(concat_ws('|', extract(epoch from o.placed_at), o.clicks, o.codes,
                        o.buyer_hash, l.sku)) as facts
 ) f
"""

ANALYZE_TAKEN = "analyze settling"
ANALYZE_TOUCHES = "analyze settling_touch"

CLICK_IDS = """
select distinct unnest(o.clicks)
  from (select distinct order_id from settling where not is_known) s
  join shops_order o on o.id = s.order_id
 where o.clicks <> '{}'
"""

STAGE_TOKENS = """
insert into settling_click
select * from unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::boolean[])
"""

STAGE_LOADED_CLICKS = """
insert into settling_click
select click_id, link_id, at, is_bot from creators_click where click_id = any(%s)
"""

# Needs o (order), e (enrollment), pr (program).
_WHY_NOT_IN_PROGRAM = """
  when e.status not in ('active', 'ended') or e.since > o.placed_at
    or e.ended_at <= o.placed_at then 'enrollment_not_active'
  when not exists (
    select 1 from shops_activeperiod ap
     where ap.program_id = pr.id
       and (ap.starts_at is null or ap.starts_at <= o.placed_at)
       and (ap.ends_at is null or ap.ends_at > o.placed_at)) then 'program_not_active'
  when o.buyer_hash <> '' and exists (
    select 1 from creators_creatoremail m
     where m.email_hash = o.buyer_hash
       and m.creator_id = e.creator_id) then 'own_purchase'
"""

# The program's settings at the order (rule R4): those of the first end after it, else
# its own. One look into an index a touch, whatever a planner expects of the table.
# Needs o and pr.
_SETTINGS = """
  left join lateral (
    select x.code_policy, x.window_days, x.halo, x.catalogue_only
      from shops_earliersettings x
     where x.program_id = pr.id and x.ends_at > o.placed_at
     order by x.ends_at limit 1) was on true
"""

_ORDERS = """
  from (select distinct order_id from settling where not is_known) s
  join shops_order o on o.id = s.order_id
"""

TOUCHES_BY_CLICK = f"""
insert into settling_touch
select o.id, 'click', c.id, null, t.at, null, k.id, e.id, e.creator_id, pr.id, null,
       case when coalesce(was.halo, pr.halo) then null else k.product_id end,
       coalesce(was.catalogue_only, pr.catalogue_only), null,
       case when pr.id is null then 'click_unknown'
            {_WHY_NOT_IN_PROGRAM}
            when t.is_bot then 'bot_click'
            when t.at > o.placed_at then 'clicked_after_order'
            when o.placed_at - t.at
                 > coalesce(was.window_days, pr.window_days) * interval '24 hours'
              then 'outside_window' end
{_ORDERS}
 cross join lateral (select distinct unnest(o.clicks)) c(id)
  left join (settling_click t
             join creators_link k on k.id = t.link_id
             join creators_enrollment e on e.id = k.enrollment_id
             join shops_program pr on pr.id = e.program_id)
    on t.click_id = c.id and pr.shop_id = o.shop_id
{_SETTINGS}
 where o.clicks <> '{{}}'
"""

TOUCHES_BY_CODE = f"""
insert into settling_touch
select o.id, 'code', c.code, c.ord, null, k.id, null, e.id, e.creator_id, pr.id,
       coalesce(was.code_policy, pr.code_policy), null,
       coalesce(was.catalogue_only, pr.catalogue_only), k.max_uses,
       case when k.id is null then 'code_unknown'
            when k.status <> 'active' and k.retired_at <= o.placed_at
              then 'code_retired'
            when k.starts_at > o.placed_at then 'code_not_started'
            when k.ends_at <= o.placed_at then 'code_expired'
            {_WHY_NOT_IN_PROGRAM} end
{_ORDERS}
 cross join lateral unnest(o.codes) with ordinality c(code, ord)
  left join (creators_code k
             join creators_enrollment e on e.id = k.enrollment_id
             join shops_program pr on pr.id = k.program_id)
    on upper(k.code) = upper(btrim(c.code)) and pr.shop_id = o.shop_id
{_SETTINGS}
 where o.codes <> '{{}}'
"""

LOCK_LIMITED_CODES = """
select id from creators_code
 where max_uses is not null
   and id in (select code_id from settling_touch where max_uses is not null)
 order by id for update
"""

# A paid order takes one use of each valid limited code, in the order it was placed.
TAKE_USES = """
insert into creators_codeuse (code_id, order_id)
select code_id, order_id
  from (select t.code_id, t.order_id, t.max_uses,
               (select count(*) from creators_codeuse u where u.code_id = t.code_id)
               + row_number() over (partition by t.code_id
                                    order by o.placed_at, o.id) as use
          from (select distinct code_id, order_id, max_uses from settling_touch
                 where max_uses is not null and why is null) t
          join shops_order o on o.id = t.order_id
         where o.status = 'paid'
           and not exists (select 1 from creators_codeuse u
                            where u.code_id = t.code_id and u.order_id = t.order_id)
       ) x
 where use <= max_uses
on conflict do nothing
"""

MARK_USED_UP = """
update settling_touch t set why = 'code_used_up'
  from shops_order o
 where o.id = t.order_id and o.status = 'paid'
   and t.max_uses is not null and t.why is null
   and not exists (select 1 from creators_codeuse u
                    where u.code_id = t.code_id and u.order_id = t.order_id)
"""

# What a touch lost by is told from the most lasting reason to the least: never in the
# program, never for this product, not this time.
JUDGE = """
with recursive up (category_id, ancestor_id) as (
  select distinct category_id, category_id from settling
   where category_id is not null and not is_known
  union
  select up.category_id, c.parent_id
    from up join shops_category c on c.id = up.ancestor_id
   where c.parent_id is not null
),
touched as materialized (
  select s.line_id, t.*, coalesce(
      case when t.program_id is null or t.why like 'code%%'
             or t.why like '%%_not_active' then t.why end,
      case when exists (
             select 1 from shops_exclusion x
              where x.program_id = t.program_id
                and (x.starts_at is null or x.starts_at <= s.placed_at)
                and (x.ends_at is null or x.ends_at > s.placed_at)
                -- Not yet for those who were enrolled when it, or its later end, was
                -- announced (rule R6); what ends earlier ends at once.
                and not coalesce(
                  x.binds_at > s.placed_at and x.announced_at > (
                    select e.since from creators_enrollment e
                     where e.id = t.enrollment_id), false)
                and not coalesce(
                  x.end_binds_at > s.placed_at and x.promised_ends_at <= s.placed_at
                  and x.end_announced_at > (
                    select e.since from creators_enrollment e
                     where e.id = t.enrollment_id), false)
                and (x.product_id = s.product_id
                     or x.category_id in (select ancestor_id from up
                                           where up.category_id = s.category_id))
           ) then 'product_excluded'
           when t.catalogue_only and s.product_id is null then 'not_in_catalogue' end,
      t.why,
      case when t.only_product_id is not null
            and t.only_product_id is distinct from s.product_id
           then 'product_only' end) as lost
    from settling s join settling_touch t on t.order_id = s.order_id
   where not s.is_known
),
best_click as (
  select distinct on (line_id) line_id, creator_id
    from touched where kind = 'click' and lost is null
   order by line_id, at desc, ref collate "C" desc
),
judged as (
  select t.*, coalesce(t.lost, case
      when t.policy = 'if_involved' and not exists (
        select 1 from touched c
         where c.line_id = t.line_id and c.kind = 'click' and c.lost is null
           and c.creator_id = t.creator_id) then 'code_needs_click'
      when t.policy = 'if_winner' and not exists (
        select 1 from best_click b
         where b.line_id = t.line_id
           and b.creator_id = t.creator_id) then 'code_needs_winning_click' end) as out
    from touched t
),
ranked as (
  select j.*, row_number() over (
           partition by j.line_id
           order by (j.out is not null), j.kind desc, j.ord, j.code_id,
                    j.at desc nulls last, j.ref collate "C" desc) as place
    from judged j
),
explained as (
  select r.line_id, jsonb_agg(jsonb_build_object(
           'kind', r.kind, 'ref', r.ref, 'at', r.at, 'creator', c.handle,
           'outcome', case when r.place = 1 and r.out is null
                           then 'won' else 'lost' end,
           'why', coalesce(r.out, case when r.place = 1 then
                           case r.kind when 'code' then 'code_applied'
                                       else 'latest_click' end
                           else 'other_touch_won' end))
           order by r.place) as touches
    from ranked r left join creators_creator c on c.id = r.creator_id
   group by r.line_id
),
verdict as (
  select s.line_id, s.shop_id, s.facts, coalesce(x.touches, '[]') as touches,
         case s.status when 'pending' then 'pending' when 'cancelled' then 'nobody'
              else case when w.line_id is not null and w.out is null
                        then 'attributed' else 'nobody' end end as state,
         case s.status when 'pending' then 'order_not_paid'
              when 'cancelled' then 'order_cancelled'
              else coalesce(w.out, case w.kind when 'code' then 'code_applied'
                                   when 'click' then 'latest_click'
                                   else 'no_touch' end) end as reason,
         w.kind, w.program_id, w.creator_id, w.enrollment_id, w.link_id, w.code_id
    from settling s
    left join ranked w on w.line_id = s.line_id and w.place = 1
    left join explained x on x.line_id = s.line_id
   where not s.is_known
),
written as (
  insert into creators_verdict as v (
    line_id, shop_id, state, reason, via, program_id, creator_id, enrollment_id,
    link_id, code_id, touches, facts, decided_at)
  select line_id, shop_id, state, reason,
         case state when 'attributed' then kind else '' end,
         case state when 'attributed' then program_id end,
         case state when 'attributed' then creator_id end,
         case state when 'attributed' then enrollment_id end,
         case state when 'attributed' then link_id end,
         case state when 'attributed' then code_id end,
         touches, facts, %(at)s
    from verdict
  on conflict (line_id) do update set
    state = excluded.state, reason = excluded.reason, via = excluded.via,
    program_id = excluded.program_id, creator_id = excluded.creator_id,
    enrollment_id = excluded.enrollment_id, link_id = excluded.link_id,
    code_id = excluded.code_id, touches = excluded.touches, facts = excluded.facts,
    decided_at = excluded.decided_at
  where (v.state, v.reason, v.facts, v.creator_id, v.touches)
        is distinct from (excluded.state, excluded.reason, excluded.facts,
                          excluded.creator_id, excluded.touches)
  returning state
)
select state, count(*) from written group by state
"""

# A judged line whose order is no longer paid: its touches stay to be read, and the link
# or code that won stays for the day it is paid again.
TURN = """
update creators_verdict v
   set state = n.state, reason = n.reason, via = '', program_id = null,
       creator_id = null, enrollment_id = null, decided_at = %(at)s
  from settling s
 cross join lateral (
   select case s.status when 'pending' then 'pending' else 'nobody' end as state,
          case s.status when 'pending' then 'order_not_paid'
                        else 'order_cancelled' end as reason) n
 where s.is_known and s.status <> 'paid' and v.line_id = s.line_id
   and v.reason <> n.reason
"""

# Paid again: what changed meanwhile in terms, codes and people changes nothing (R4).
TURN_BACK = """
update creators_verdict v
   set state = 'attributed',
       reason = case when c.id is null then 'latest_click' else 'code_applied' end,
       via = case when c.id is null then 'click' else 'code' end,
       program_id = e.program_id, creator_id = e.creator_id, enrollment_id = e.id,
       decided_at = %(at)s
  from settling s
  join creators_verdict x on x.line_id = s.line_id
  left join creators_link k on k.id = x.link_id
  left join creators_code c on c.id = x.code_id
  join creators_enrollment e on e.id = coalesce(c.enrollment_id, k.enrollment_id)
 where s.is_known and s.status = 'paid' and x.state <> 'attributed'
   and v.line_id = s.line_id
"""

# "Nobody" from the start moves no money; everything else might. The update on conflict
# takes the row's lock: a worker that holds it is waited for, so no change is lost.
QUEUE = """
insert into creators_unaccruedverdict (verdict_id)
select v.line_id from creators_verdict v join settling s on s.line_id = v.line_id
 where v.state = 'attributed' or s.had_verdict
 order by v.line_id
on conflict (verdict_id) do update set attempts = 0
"""

REQUEUE = """
insert into creators_unaccruedverdict (verdict_id) select * from unnest(%s::bigint[])
on conflict (verdict_id) do update set attempts = 0
"""
