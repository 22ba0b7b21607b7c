"""The statements around those of `commissions`, which read shadows of the tables.

PostgreSQL looks for a name among the session's temporary tables first. So, in a
transaction that is rolled back, the statements that price find the terms, the budgets
and the sales that stand here, and nothing that others see is written or locked.
"""

from payouts.commissions import sql

# Whose sales the term can reach. Where lines decide for each other, by caps or budgets,
# all of the program's are needed.
TAKE = """
with recursive below (id) as (
  select %(category)s::bigint where %(category)s::bigint is not null
  union
  select c.id from below join shops_category c on c.parent_id = below.id
),
chosen as materialized (
  select l.id, l.order_id, o.placed_at
    from shops_order o
    join shops_orderline l on l.order_id = o.id
    join creators_verdict v on v.line_id = l.id
    left join shops_product p on p.id = l.product_id
   where o.shop_id = %(shop)s and o.placed_at >= %(since)s and o.placed_at < %(until)s
     and v.state = 'attributed' and v.program_id = %(program)s
     and (%(all_count)s
          or (%(audience)s::bigint is null or v.enrollment_id in (
               select e.id from creators_enrollment e
                where e.audience_id = %(audience)s
               union all
               select m.enrollment_id from creators_groupmember m
                where m.audience_id = %(audience)s))
         and (%(product)s::bigint is null or l.product_id = %(product)s)
         and (%(category)s::bigint is null or p.category_id in (select id from below)))
     -- What was declined would earn nothing by any terms (rule C3).
     and not exists (
           select from payouts_commission s
            where s.line_id = l.id and s.creator_id = v.creator_id
              and s.number = 0 and s.decline_reason <> '')
   order by o.placed_at desc, l.id desc limit %(most)s
),
taken as (
  insert into accruing_taken select id from chosen
)
select count(*), count(distinct order_id), min(placed_at) from chosen
"""

LINES_DECIDE_FOR_EACH_OTHER = """
select exists (
         select from shops_rate where program_id = %(program)s
            and most_sales is not null and (ends_at is null or ends_at > %(since)s))
    or exists (select from shops_budget where program_id = %(program)s)
"""

# Each of these lines is sold anew: its place under a cap is free again, and what it was
# granted is left again. What other sales have stays theirs.
SHADOW = (
    """create temporary table shops_budget on commit drop as
       select * from shops_budget where program_id = %(program)s""",
    """update shops_budget b
          set closed_at = null, spent_cents = b.spent_cents - coalesce((
                select sum(case when b.boost_id is null then s.most_cents
                                when b.boost_id = s.boost_id then s.extra_cents end)
                  from payouts_commission s
                 where s.number = 0
                   and s.line_id in (select line_id from accruing_taken)), 0)""",
    """create temporary table payouts_cappedsale on commit drop as
       select s.* from payouts_cappedsale s
         join payouts_commission c on c.id = s.commission_id
        where s.rate_id in (select id from shops_rate where program_id = %(program)s)
          and c.line_id not in (select line_id from accruing_taken)""",
    """create temporary table payouts_commission (like payouts_commission)
       on commit drop""",
    """create temporary table shops_rate on commit drop as
       select * from shops_rate where program_id = %(program)s""",
    """create temporary table shops_boost on commit drop as
       select * from shops_boost where program_id = %(program)s""",
)

KEEP = f"""
create temporary table previewing on commit drop as
select line_id, amount from ({sql.PRICED}) priced
"""

# A rate ends what is there for the same creators and products, see `rates.replace`.
END_REPLACED = """
delete from shops_rate
 where audience_id is not distinct from %(audience)s
   and product_id is not distinct from %(product)s
   and category_id is not distinct from %(category)s
"""

# What is sold is priced no more, so that these earn nothing.
EXCLUDE = """
with recursive below (id) as (
  select %(category)s::bigint where %(category)s::bigint is not null
  union
  select c.id from below join shops_category c on c.parent_id = below.id
)
update accruing set is_sold = true
 where product_id = %(product)s or category_id in (select id from below)
"""

# By currency, then by creator and by product; those with the largest difference alone.
COMPARE = f"""
with line as (
  select a.currency, a.creator_id, a.product_id,
         case when a.product_id is null then a.sku end as sku,
         b.amount as before, coalesce(p.amount, 0) as after
    from accruing a
    join previewing b on b.line_id = a.line_id
    left join ({sql.PRICED}) p on p.line_id = a.line_id and not a.is_sold
),
part as (
  select case grouping(creator_id, product_id, sku)
         when 7 then 'all' when 3 then 'creator' else 'product' end as kind,
         currency, creator_id, product_id, sku, count(*) as lines,
         sum(before) as before, sum(after) as after
    from line
   group by grouping sets ((currency), (currency, creator_id),
                           (currency, product_id, sku))
),
ranked as (
  select part.*, row_number() over (
           partition by currency, kind
           order by abs(after - before) desc, creator_id, product_id, sku) as place
    from part where kind = 'all' or after <> before
),
shown as (
  select kind, currency, case when place <= %(rows)s then place end as place,
         min(creator_id) as creator_id, min(product_id) as product_id,
         min(sku) as sku, count(*) as parts, sum(lines) as lines,
         sum(before) as before, sum(after) as after
    from ranked
   group by kind, currency, case when place <= %(rows)s then place end
)
select s.currency, s.kind, s.place is null as is_rest, s.parts::int, s.lines::bigint,
       s.before::bigint, s.after::bigint, coalesce(c.handle, p.sku, s.sku),
       coalesce(p.name, '')
  from shown s
  left join creators_creator c on c.id = s.creator_id and s.kind = 'creator'
  left join shops_product p on p.id = s.product_id and s.kind = 'product'
 order by s.currency, s.kind, (s.place is null), (s.after >= s.before), s.place
"""
