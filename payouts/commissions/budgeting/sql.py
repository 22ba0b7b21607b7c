"""The statements of `spend`: the same for one line and for a hundred thousand."""

STAGING = (
    """create temporary table if not exists accruing_grant (
         line_id bigint primary key, boost_id bigint, extra_cents bigint,
         most_cents bigint, starved bigint[], held_by text
       ) on commit delete rows""",
    "delete from accruing_grant",
)

# In key order, as all who spend; held until the commit.
LOCK = """
select id, amount_cents - spent_cents from shops_budget
 where boost_id in (select boost_id from accruing_offer)
    or boost_id is null and program_id in (
         select program_id from accruing
          where creator_id is not null and not is_sold and currency = program_currency)
 order by id for no key update
"""

# As the lines were sold, whatever was refunded meanwhile: what a sale is granted does
# not hang on which came first, and a refund that is undone finds it still.
WANTED = """
select a.line_id, n.plain,
       commission_cents(a.net, a.net, a.quantity, r.rate_bp, r.flat_cents,
                        coalesce(b.multiplier_pct, 100), a.cap_bp),
       p.id, o.boosts, o.extras, o.budgets
  from accruing a
  join accruing_rate r on r.line_id = a.line_id
  left join accruing_boost b on b.line_id = a.line_id
 cross join lateral (
   select commission_cents(a.net, a.net, a.quantity, r.rate_bp, r.flat_cents, 100,
                           a.cap_bp) as plain) n
  left join shops_budget p
    on p.program_id = a.program_id and p.boost_id is null
   and a.currency = a.program_currency and p.id = any(%(ids)s)
   and (p.counts_from is null or p.counts_from <= a.placed_at)
  left join lateral (
    select array_agg(f.boost_id order by f.multiplier_pct desc, f.boost_id) as boosts,
           array_agg(commission_cents(a.net, a.net, a.quantity, r.rate_bp,
                                      r.flat_cents, f.multiplier_pct, a.cap_bp)
                     - n.plain order by f.multiplier_pct desc, f.boost_id) as extras,
           array_agg(u.id order by f.multiplier_pct desc, f.boost_id) as budgets
      from accruing_offer f
      left join shops_budget u on u.boost_id = f.boost_id and u.id = any(%(ids)s)
     where f.line_id = a.line_id) o on true
 where p.id is not null or o.boosts is not null
 order by a.placed_at, a.line_id
"""

GRANT = """
insert into accruing_grant
select * from jsonb_to_recordset(%s::jsonb) as x (
  line_id bigint, boost_id bigint, extra_cents bigint, most_cents bigint,
  starved bigint[], held_by text)
"""

# The boosts that lost are kept (R3), with those whose budget had too little left.
CHOOSE = """
update accruing_boost b
   set boost_id = n.boost_id, multiplier_pct = n.multiplier_pct, name = n.name,
       lost = n.lost
  from (
    select g.line_id, w.boost_id, coalesce(w.multiplier_pct, 100) as multiplier_pct,
           w.name,
           (select jsonb_agg(jsonb_build_object(
                     'id', o.boost_id, 'name', o.name,
                     'multiplier_pct', o.multiplier_pct,
                     'why', case when o.boost_id = any(g.starved)
                                 then 'budget_used_up' end)
                   order by o.multiplier_pct desc, o.boost_id)
              from accruing_offer o
             where o.line_id = g.line_id
               and o.boost_id is distinct from g.boost_id) as lost
      from accruing_grant g
      left join accruing_offer w on w.line_id = g.line_id and w.boost_id = g.boost_id
     where g.line_id in (select line_id from accruing_offer)
  ) n
 where n.line_id = b.line_id
"""
