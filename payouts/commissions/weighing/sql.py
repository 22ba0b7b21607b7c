"""The statements of `weigh`: the same for one line and for a hundred thousand."""

# All time begins on a day before any order.
_PERIOD = """case {0}.most_sales_per when 'ever' then date '2000-01-01'
       else date_trunc({0}.most_sales_per,
                       {1}.placed_at at time zone {1}.time_zone)::date end"""

ADD_DEFAULTS = """
insert into accruing_candidate
select a.line_id, null, a.default_bp, null, 9, 0, null, '-infinity', 'infinity', false
  from accruing a
 where a.line_id in (select line_id from accruing_candidate)
"""

# As the line was sold, whatever was refunded meanwhile.
COUNT = """
update accruing_candidate c
   set alone = commission_cents(a.net, a.net, a.quantity, c.rate_bp, c.flat_cents,
                                100, a.cap_bp),
       boosted = commission_cents(a.net, a.net, a.quantity, c.rate_bp, c.flat_cents,
                                  coalesce(b.multiplier_pct, 100), a.cap_bp)
  from accruing a left join accruing_boost b on b.line_id = a.line_id
 where a.line_id = c.line_id
"""

ANALYZE = "analyze accruing_candidate, accruing_version"

# A buyer whom nobody knows may have bought before.
REFUSE_LATER_PURCHASES = """
update accruing_candidate c set why = 'not_first_purchase'
  from shops_orderline l join shops_order o on o.id = l.order_id
 where c.is_first_purchase_only and l.id = c.line_id
   and (o.buyer_hash = '' or exists (
         select from shops_order x
          where x.buyer_hash = o.buyer_hash and x.buyer_hash <> ''
            and x.shop_id = o.shop_id and x.status <> 'cancelled'
            and (x.placed_at, x.id) < (o.placed_at, o.id)))
"""

# Capped sales that corrections have just changed, and what they are worth by now.
_CORRECTED = f"""
corrected as (
  select s.id as commission_id, s.line_id, s.rate_id, s.creator_id, r.most_sales,
         {_PERIOD.format("r", "a")} as period, a.placed_at,
         (select sum(x.amount_cents) from payouts_commission x
           where x.line_id = s.line_id and x.creator_id = s.creator_id) as cents
    from (select distinct c.line_id, c.creator_id
            from accruing_new n join payouts_commission c on c.id = n.commission_id
         ) n
    join payouts_commission s
      on s.line_id = n.line_id and s.creator_id = n.creator_id and s.number = 0
    join shops_rate r on r.id = s.rate_id and r.most_sales is not null
    join accruing a on a.line_id = s.line_id
)
"""

# In key order, as all who count under a cap; held until the places are taken.
LOCK = f"""
with {_CORRECTED}
select id from shops_rate
 where id in (select rate_id from accruing_candidate where most_sales is not null
              union all select rate_id from corrected)
 order by id for no key update
"""

FREE = f"""
with {_CORRECTED}
delete from payouts_cappedsale
 where commission_id in (select commission_id from corrected where cents <= 0)
"""

# The lowest free places, to the lines that were placed first. What is given back again
# may come too late for one; a new sale never does, and is refused by the constraint.
TAKE = f"""
with {_CORRECTED},
taking as (
  select c.*, row_number() over (partition by rate_id, creator_id, period
                                 order by placed_at, line_id) as turn
    from corrected c
   where cents > 0 and not exists (
     select from payouts_cappedsale p where p.commission_id = c.commission_id)
),
period as (
  select rate_id, creator_id, period, most_sales, count(*) + (
           select count(*) from payouts_cappedsale p
            where p.rate_id = t.rate_id and p.creator_id = t.creator_id
              and p.period_starts_on = t.period) as enough
    from taking t group by rate_id, creator_id, period, most_sales
),
free as (
  select rate_id, creator_id, period, spot,
         row_number() over (partition by rate_id, creator_id, period
                            order by spot) as turn
    from period t cross join generate_series(1, least(most_sales, enough)) spot
   where not exists (
     select from payouts_cappedsale p
      where p.rate_id = t.rate_id and p.creator_id = t.creator_id
        and p.period_starts_on = t.period and p.place = spot)
)
insert into payouts_cappedsale (
  commission_id, rate_id, creator_id, most_sales, period_starts_on, place)
select commission_id, rate_id, creator_id, most_sales, period,
       coalesce(spot, {{else_place}})
  from taking left join free using (rate_id, creator_id, period, turn)
"""
TAKE_AGAIN = TAKE.format(else_place="null")
TAKE_NEW = TAKE.format(else_place="most_sales + 1")

# What each line takes: in each version the first rate whose condition is met; of these
# the one that pays most on the line, of equals the one that pays most if its boost has
# no budget left, and then the one that is known last.
_PICKED = """
standing as (
  select v.known_at, v.binds_at, v.lapses_at, c.*,
         row_number() over (partition by v.line_id, v.known_at
                            order by (why is not null), rank, depth, alone desc,
                                     rate_id) as place,
         v.known_at = max(v.known_at) over (partition by v.line_id) as is_newest
    from accruing_version v
    join accruing_candidate c
      on c.line_id = v.line_id
     and c.known_from <= v.known_at and v.known_at < c.known_until
),
picked as (
  select distinct on (line_id) * from standing where place = 1
   order by line_id, boosted desc, alone desc, known_at desc
)
"""

# A line that earns nothing takes no place, but where there is none it has no rate.
REFUSE_BEYOND_CAPS = f"""
with {_PICKED},
taking as (
  select p.line_id, p.rate_id, p.most_sales, a.creator_id, a.placed_at,
         {_PERIOD.format("p", "a")} as period,
         case when commission_cents(a.remaining, a.net, a.quantity, p.rate_bp,
                                    p.flat_cents, coalesce(b.multiplier_pct, 100),
                                    a.cap_bp) > 0 then 1 else 0 end as takes
    from picked p join accruing a on a.line_id = p.line_id
    left join accruing_boost b on b.line_id = p.line_id
   where p.most_sales is not null
),
counted as (
  select t.*, coalesce(sum(takes) over (
           partition by rate_id, creator_id, period order by placed_at, line_id
           rows between unbounded preceding and 1 preceding), 0) + (
           select count(*) from payouts_cappedsale s
            where s.rate_id = t.rate_id and s.creator_id = t.creator_id
              and s.period_starts_on = t.period) as taken
    from taking t
)
update accruing_candidate c set why = 'cap_reached'
  from counted t
 where t.taken >= t.most_sales and c.line_id = t.line_id and c.rate_id = t.rate_id
"""

# Kept with those who lost in the same version (R3): what holds now where an earlier
# promise pays more, and earlier terms that pay less.
SETTLE = f"""
with {_PICKED},
beaten as (
  select distinct on (s.line_id, s.rate_id) s.*,
         coalesce(s.why, case when s.place > 1 then null
                              when s.known_at > p.known_at then 'lower_from'
                              when s.known_at < p.known_at then 'earlier_terms'
                         end) as lost_by
    from standing s join picked p on p.line_id = s.line_id
   where s.rate_id is distinct from p.rate_id
     and (s.known_at = p.known_at
          or s.place = 1 and (s.is_newest or s.known_at < p.known_at))
   order by s.line_id, s.rate_id, (s.place > 1), s.known_at desc
),
losers as (
  select line_id, jsonb_agg(jsonb_build_object(
           'id', rate_id, 'bp', rate_bp, 'flat_cents', flat_cents, 'rank', rank,
           'group', group_slug, 'why', lost_by,
           'from', case lost_by when 'lower_from' then binds_at end)
           order by rank, depth, alone desc, rate_id) as lost
    from beaten group by line_id
)
insert into accruing_rate
select p.line_id, p.rate_id, p.rate_bp, p.flat_cents, p.rank, p.group_slug, l.lost,
       p.lapses_at,
       case when p.is_first_purchase_only or p.most_sales is not null
            then jsonb_build_object(
              'first_purchase', nullif(p.is_first_purchase_only, false),
              'most_sales', p.most_sales, 'per', nullif(p.most_sales_per, '')) end
  from picked p left join losers l on l.line_id = p.line_id
"""
