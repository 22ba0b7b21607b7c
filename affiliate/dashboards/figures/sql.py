"""The statements of figures: one for a table, whatever its length."""

# Sales stand with the creator of the verdict, cost with whom the commission names: a
# line that was moved to another creator cost the first one nothing in the end.
_SOLD = """
select o.id as order_id, o.placed_at, o.currency, v.program_id, v.creator_id,
       l.product_id, s.boost_id, l.net_cents - l.refunded_cents as sales_cents,
       0::bigint as cost_cents
  from shops_order o
  join shops_orderline l on l.order_id = o.id
  join creators_verdict v on v.line_id = l.id and v.state = 'attributed'
  left join payouts_commission s
    on s.line_id = l.id and s.creator_id = v.creator_id and s.number = 0
 where o.placed_at >= %(starts_at)s and o.placed_at < %(ends_at)s
       {shops} {program_of_verdict}
"""
_EARNED = """
select null, o.placed_at, c.currency, c.program_id, c.creator_id, l.product_id,
       c.boost_id, 0, c.amount_cents
  from shops_order o
  join shops_orderline l on l.order_id = o.id
  join payouts_commission c on c.line_id = l.id
 where o.placed_at >= %(starts_at)s and o.placed_at < %(ends_at)s
       {shops} {program_of_commission}
"""

SHOPS = "and o.shop_id = any(%(shops)s)"
PROGRAM_OF_VERDICT = "and v.program_id = %(program)s"
PROGRAM_OF_COMMISSION = "and c.program_id = %(program)s"

_SUMS = """coalesce(sum(f.sales_cents), 0)::bigint as sales_cents,
       coalesce(sum(f.cost_cents), 0)::bigint as cost_cents,
       count(distinct f.order_id) as orders"""

TOTALS = f"""
with fact as ({_SOLD} union all {_EARNED})
select f.currency, {_SUMS} from fact f group by f.currency order by f.currency
"""

DAYS = f"""
with fact as ({_SOLD} union all {_EARNED})
select (f.placed_at at time zone %(zone)s)::date as day, f.currency, {_SUMS}
  from fact f group by 1, 2 order by 1, 2
"""

# Each dimension: what is grouped, and what names it.
_GROUPED = {
    "program": ("f.program_id", "join shops_program x on x.id = g.key", "x.name"),
    "creator": ("f.creator_id", "join creators_creator x on x.id = g.key", "x.handle"),
    "product": (
        "f.product_id",
        "left join shops_product x on x.id = g.key",
        "coalesce(x.name || ' · ' || x.sku, '')",
    ),
    "category": (
        "p.category_id",
        "left join shops_category x on x.id = g.key",
        "coalesce(nullif(x.name, ''), x.slug, '')",
    ),
    "boost": (
        "f.boost_id",
        "left join shops_boost x on x.id = g.key",
        "coalesce(x.name, '')",
    ),
}
DIMENSIONS = tuple(_GROUPED)
# The return of what cost nothing is without a bound; it stands first.
ORDERS = {
    "name": "lower({name})",
    "sales": "sales_cents",
    "cost": "cost_cents",
    "orders": "orders",
    "return": "case when cost_cents > 0 then sales_cents::numeric / cost_cents"
    " when sales_cents > 0 then 'infinity'::numeric else -1 end",
}


def grouped(by: str, sort: str, *, is_rising: bool) -> str:
    """Return the statement of one dimension, sorted; currencies are kept apart."""
    key, join, name = _GROUPED[by]
    category = (
        "left join shops_product p on p.id = f.product_id" if by == "category" else ""
    )
    order = ORDERS[sort].format(name=name)
    return f"""
with fact as ({_SOLD} union all {_EARNED}),
g as (
  select {key} as key, f.currency, {_SUMS}
    from fact f {category} group by 1, 2
)
select g.key, {name} as name, g.currency, g.sales_cents, g.cost_cents, g.orders,
       count(*) over () as number
  from g {join}
 where (%(currency)s::text is null or g.currency = %(currency)s)
   and (g.sales_cents, g.cost_cents, g.orders) <> (0, 0, 0)
 order by {order} {"asc" if is_rising else "desc"}, name, g.key, g.currency
 limit %(limit)s offset %(offset)s
"""


# What the shops sold in all, through creators or not.
SHOP_SALES = """
select o.currency, coalesce(sum(l.net_cents - l.refunded_cents), 0)::bigint
  from shops_order o join shops_orderline l on l.order_id = o.id
 where o.placed_at >= %(starts_at)s and o.placed_at < %(ends_at)s
   and o.status = 'paid' {shops}
 group by o.currency
"""

# What came back of each creator's sales, and how many were declined.
CAME_BACK = """
select v.creator_id, x.handle, o.currency, sum(l.net_cents)::bigint,
       sum(l.refunded_cents)::bigint, count(distinct o.id), count(*),
       count(*) filter (where s.decline_reason <> '')
  from shops_order o
  join shops_orderline l on l.order_id = o.id
  join creators_verdict v on v.line_id = l.id and v.state = 'attributed'
  join creators_creator x on x.id = v.creator_id
  left join payouts_commission s
    on s.line_id = l.id and s.creator_id = v.creator_id and s.number = 0
 where o.placed_at >= %(starts_at)s and o.placed_at < %(ends_at)s {shops}
 group by v.creator_id, x.handle, o.currency
having sum(l.refunded_cents) > 0 or count(*) filter (where s.decline_reason <> '') > 0
"""
