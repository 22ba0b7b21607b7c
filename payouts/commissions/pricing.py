"""Which rate and which boost a sold line gets (rules R2, B2): one statement a batch.

Lines whose rates have conditions (C6) or were announced to change (R6) are passed on,
with all that reaches them, to `weighing`; those that a boost with a budget reaches
(B4), with all their boosts, to `budgeting`.

A term is reached through what it names: its program, its audience, its product or its
category, with 0 for everyone and everything. All four are compared at once, so a term
of one creator costs nothing on the lines of the others, and no pair of line and term
is looked at in vain.
"""

STAGING = (
    """create temporary table if not exists accruing_rate (
         line_id bigint primary key, rate_id bigint, rate_bp int, flat_cents bigint,
         rank int, group_slug text, lost jsonb, promised_until timestamptz,
         conditions jsonb
       ) on commit delete rows""",
    """create temporary table if not exists accruing_boost (
         line_id bigint primary key, boost_id bigint, multiplier_pct int, name text,
         lost jsonb
       ) on commit delete rows""",
    # What `weighing` weighs: rates known in [known_from, known_until), and the moments
    # at which what is known of a line changes; each lapses when the next one binds.
    """create temporary table if not exists accruing_candidate (
         line_id bigint, rate_id bigint, rate_bp int, flat_cents bigint, rank int,
         depth int, group_slug text, known_from timestamptz, known_until timestamptz,
         is_first_purchase_only boolean, most_sales int, most_sales_per text,
         alone bigint, boosted bigint, why text
       ) on commit delete rows""",
    """create temporary table if not exists accruing_version (
         line_id bigint, known_at timestamptz, binds_at timestamptz,
         lapses_at timestamptz
       ) on commit delete rows""",
    # What `budgeting` chooses from: all boosts of a line that one with a budget
    # reaches.
    """create temporary table if not exists accruing_offer (
         line_id bigint, boost_id bigint, multiplier_pct int, name text,
         primary key (line_id, boost_id)
       ) on commit delete rows""",
    """delete from accruing_rate; delete from accruing_boost;
       delete from accruing_candidate; delete from accruing_version;
       delete from accruing_offer""",
)

# `who` and `what` count from the most specific. Both know only what some term names,
# and what anyone has: everyone, everything. A rate whose end was moved stands twice: as
# it was known before, and as it is known since.
# "(x in (...)) is true" is looked up in a table of hashes. As a join it was planned for
# the one line that the planner expects to be reached, and compared each with each.
PRICE = """
with recursive fresh as materialized (
  select line_id, program_id, enrollment_id, coalesce(product_id, 0) as product_id,
         coalesce(category_id, 0) as category_id, placed_at, net, quantity, cap_bp,
         default_bp, currency = program_currency as takes_flat
    from accruing where creator_id is not null and not is_sold
),
term as materialized (
  select id as rate_id, null::bigint as boost_id, program_id,
         coalesce(audience_id, 0) as audience_id, coalesce(product_id, 0) as product_id,
         coalesce(category_id, 0) as category_id, starts_at, ends_at,
         rate_bp, flat_cents, null::int as multiplier_pct, null::text as name,
         coalesce(end_announced_at, announced_at) as known_from,
         coalesce(end_binds_at, binds_at) as from_binds_at,
         null::timestamptz as known_until, null::timestamptz as until_binds_at,
         is_first_purchase_only, most_sales, most_sales_per, false as has_budget
    from shops_rate where program_id in (select program_id from fresh)
  union all
  select id, null, program_id, coalesce(audience_id, 0), coalesce(product_id, 0),
         coalesce(category_id, 0), starts_at, promised_ends_at, rate_bp, flat_cents,
         null, null, announced_at, binds_at, end_announced_at, end_binds_at,
         is_first_purchase_only, most_sales, most_sales_per, false
    from shops_rate
   where end_announced_at is not null and program_id in (select program_id from fresh)
  union all
  select null, id, program_id, coalesce(audience_id, 0), coalesce(product_id, 0),
         coalesce(category_id, 0), starts_at, ends_at, null, null, multiplier_pct, name,
         null, null, null, null, null, null, null,
         exists (select from shops_budget b where b.boost_id = shops_boost.id)
    from shops_boost where program_id in (select program_id from fresh)
),
who as materialized (
  select e.id as enrollment_id, e.audience_id, 0 as who, null::text as group_slug,
         null::timestamptz as since, null::timestamptz as until
    from creators_enrollment e
   where e.id in (select enrollment_id from fresh)
     and e.audience_id in (select audience_id from term)
  union all
  select m.enrollment_id, g.id, 1, g.slug, m.starts_at, m.ends_at
    from creators_groupmember m join shops_audience g on g.id = m.audience_id
   where m.enrollment_id in (select enrollment_id from fresh)
     and g.id in (select audience_id from term)
  union all
  select distinct enrollment_id, 0, 2, null, null::timestamptz, null::timestamptz
    from fresh
),
up (category_id, ancestor_id, depth) as (
  select distinct category_id, category_id, 0 from fresh where category_id <> 0
  union all
  select up.category_id, c.parent_id, up.depth + 1
    from up join shops_category c on c.id = up.ancestor_id
   where c.parent_id is not null
),
sold as materialized (select distinct product_id, category_id from fresh),
what as materialized (
  select product_id, category_id, product_id as term_product, 0 as term_category,
         0 as what, 0 as depth
    from sold where product_id <> 0 and product_id in (select product_id from term)
  union all
  select sold.product_id, category_id, 0, up.ancestor_id, 1, up.depth
    from sold join up using (category_id)
   where up.ancestor_id in (select category_id from term)
  union all
  select product_id, category_id, 0, 0, 2, 0 from sold
),
-- Before any term is met: a planner that knew how few there are met each line with
-- the terms of all other creators first, a million pairs instead of ten thousand.
place as materialized (
  select fresh.*, who.audience_id, who.group_slug, what.term_product,
         what.term_category, what.depth, who.who * 3 + what.what as rank
    from fresh join who using (enrollment_id) join what using (product_id, category_id)
   where (who.since is null or who.since <= fresh.placed_at)
     and (who.until is null or who.until > fresh.placed_at)
),
reaching as materialized (
  select a.line_id, t.rate_id, t.boost_id, t.rate_bp, t.flat_cents, t.multiplier_pct,
         t.name, a.rank, a.depth, a.group_slug, a.net, a.quantity, a.cap_bp,
         -- Only for who was enrolled before, and only until it binds (rule R6).
         case when t.from_binds_at > a.placed_at and t.known_from > (
                select e.since from creators_enrollment e where e.id = a.enrollment_id)
              then t.known_from end as known_from,
         t.from_binds_at, t.known_until, t.until_binds_at,
         t.is_first_purchase_only, t.most_sales, t.most_sales_per, t.has_budget
    from place a
    join term t
      on t.program_id = a.program_id and t.audience_id = a.audience_id
     and t.product_id = a.term_product and t.category_id = a.term_category
   where (t.starts_at is null or t.starts_at <= a.placed_at)
     and (t.ends_at is null or t.ends_at > a.placed_at)
     -- Flat amounts and budgets are in the program's currency; nothing is converted
     -- silently.
     and (a.takes_flat or t.flat_cents is null and not t.has_budget)
     and (t.known_until is null
          or t.until_binds_at > a.placed_at and t.known_until > (
               select e.since from creators_enrollment e where e.id = a.enrollment_id))
),
odd as materialized (
  select distinct line_id from reaching
   where rate_id is not null
     and (known_from is not null or known_until is not null
          or most_sales is not null or is_first_purchase_only)
),
candidates as (
  insert into accruing_candidate
  select line_id, rate_id, rate_bp, flat_cents, rank, depth, group_slug,
         coalesce(known_from, '-infinity'), coalesce(known_until, 'infinity'),
         is_first_purchase_only, most_sales, most_sales_per
    from reaching
   where rate_id is not null and (line_id in (select line_id from odd)) is true
),
moments as (
  select line_id, '-infinity'::timestamptz as at, null::timestamptz as binds_at from odd
  union all
  select line_id, known_from, from_binds_at from reaching where known_from is not null
  union all
  select line_id, known_until, until_binds_at
    from reaching where known_until is not null
),
versions as (
  insert into accruing_version
  select line_id, at, min(binds_at), min(min(binds_at)) over (
           partition by line_id order by at
           rows between 1 following and unbounded following)
    from moments group by line_id, at
),
rates as (
  select line_id, rate_id, rate_bp, flat_cents, rank, depth, group_slug,
         commission_cents(net, net, quantity, rate_bp, flat_cents, 100, cap_bp) as alone
    from reaching where rate_id is not null and line_id not in (select * from odd)
  union all
  select line_id, null, default_bp, null, 9, 0, null, 0
    from fresh where line_id not in (select * from odd)
),
ranked_rates as (
  select rates.*, row_number() over best as place,
         jsonb_agg(jsonb_build_object(
           'id', rate_id, 'bp', rate_bp, 'flat_cents', flat_cents, 'rank', rank,
           'group', group_slug))
         over (best rows between 1 following and unbounded following) as lost
    from rates
  window best as (partition by line_id order by rank, depth, alone desc, rate_id)
),
rated as (
  insert into accruing_rate
  select line_id, rate_id, rate_bp, flat_cents, rank, group_slug, lost
    from ranked_rates where place = 1
),
offers as (
  insert into accruing_offer
  select line_id, boost_id, multiplier_pct, name from reaching
   where boost_id is not null
     and (line_id in (select line_id from reaching where has_budget)) is true
),
ranked_boosts as (
  select line_id, boost_id, multiplier_pct, name, row_number() over best as place,
         jsonb_agg(jsonb_build_object(
           'id', boost_id, 'name', name, 'multiplier_pct', multiplier_pct))
         over (best rows between 1 following and unbounded following) as lost
    from reaching where boost_id is not null
  window best as (partition by line_id order by multiplier_pct desc, boost_id)
)
insert into accruing_boost
select line_id, boost_id, multiplier_pct, name, lost from ranked_boosts where place = 1
"""
