"""The statements of orders: the same for one order and for ten thousand.

`{orders}` and `{lines}` stand for the staged batch, see `staging`.
"""

# Orders are inserted by rising external id, here and in CLAIM, and only afterwards are
# known ones locked, again by rising external id: no two batches wait in a circle. Who
# meets an order that another transaction is inserting waits for its end.
CREATE = """
with o as materialized (select * from {orders}),
made as (
  insert into shops_order (
    shop_id, external_id, version, content_hash, placed_at, currency, status,
    buyer_hash, buyer_country, clicks, codes, received_at)
  select %(shop)s, external_id, version, content_hash, placed_at, currency, status,
         buyer_hash, buyer_country, clicks, codes, %(at)s
    from o order by n
  on conflict (shop_id, external_id) do nothing
  returning id, external_id
), lined as (
  insert into shops_orderline (
    order_id, shop_id, external_id, sku, product_id, quantity, net_cents, tax_cents,
    refunded_cents)
  select made.id, %(shop)s, l.external_id, l.sku, p.id, l.quantity, l.net_cents,
         l.tax_cents, 0
    from made join o using (external_id)
    join {lines} on l.n = o.n
    left join shops_product p on p.shop_id = %(shop)s and p.sku = l.sku
   order by o.n, l.m
  returning id
), queued as (
  insert into shops_unsettledline (line_id) select id from lined
)
select external_id, id from made
"""

LOCK_KNOWN = """
select external_id, id, version, content_hash, currency, placed_at, cancelled_at,
       delivered_at
  from shops_order where shop_id = %s and external_id = any(%s)
 order by external_id collate "C" for no key update
"""

# A line that a newer version no longer has is worth nothing; the row stays, because
# verdicts and commissions lean on it.
UPDATE = """
with o as materialized (
  select * from {orders} where o.n = any(%(accepted)s)
), l as materialized (
  select l.* from {lines} where l.n = any(%(accepted)s)
), changed as (
  update shops_order s
     set version = o.version, content_hash = o.content_hash, placed_at = o.placed_at,
         status = case when s.cancelled_at is null then o.status else 'cancelled' end,
         buyer_hash = o.buyer_hash, buyer_country = o.buyer_country,
         clicks = o.clicks, codes = o.codes
    from o where s.shop_id = %(shop)s and s.external_id = o.external_id
  returning s.id, o.n
), lined as (
  insert into shops_orderline as known (
    order_id, shop_id, external_id, sku, product_id, quantity, net_cents, tax_cents,
    refunded_cents)
  select c.id, %(shop)s, l.external_id, l.sku, p.id, l.quantity, l.net_cents,
         l.tax_cents, 0
    from changed c join l on l.n = c.n
    left join shops_product p on p.shop_id = %(shop)s and p.sku = l.sku
   order by c.n, l.m
  on conflict (order_id, external_id) do update
     set sku = excluded.sku, product_id = excluded.product_id,
         quantity = excluded.quantity, net_cents = excluded.net_cents,
         tax_cents = excluded.tax_cents
)
update shops_orderline gone set net_cents = 0, tax_cents = 0, quantity = 0
  from changed c
 where gone.order_id = c.id
   and not exists (
         select from l where l.n = c.n and l.external_id = gone.external_id)
"""

# Not `do nothing`: a row that waits already must be ours until we commit, or a settling
# worker takes it meanwhile, reads the facts as they were, and the change is lost.
QUEUE = """
insert into shops_unsettledline (line_id)
select id from shops_orderline where order_id = any(%s) order by id
on conflict (line_id) do update set attempts = 0
"""

# An event without its order must not miss the order that comes at this very moment. A
# row with the order's number, inserted and deleted at once, makes whoever brings the
# order wait until this transaction has left its early event.
CLAIM = """
insert into shops_order (
  shop_id, external_id, version, content_hash, placed_at, currency, status,
  buyer_hash, buyer_country, clicks, codes)
select %s, number, -1, '', 'epoch', '', 'pending', '', '', '{}', '{}'
  from unnest(%s::text[]) with ordinality t (number, n) order by n
on conflict (shop_id, external_id) do nothing
returning external_id, id
"""
UNCLAIM = "delete from shops_order where id = any(%s)"

WAITING = """
select id from shops_earlyevent where shop_id = %s and order_external_id = any(%s)
"""

LINES = """
select order_id, id, external_id, net_cents, tax_cents, quantity
  from shops_orderline where order_id = any(%s)
"""
REFUNDS = """
select order_id, external_id, id, refunded_at, content_hash
  from shops_refund where order_id = any(%s)
"""
REFUND_LINES = """
select r.order_id, r.external_id, l.external_id, x.net_cents, x.given_cents, x.quantity
  from shops_refund r
  join shops_refundline x on x.refund_id = r.id
  join shops_orderline l on l.id = x.line_id
 where r.order_id = any(%s)
"""
DELIVERIES = """
select order_id, delivered_at from shops_delivery where order_id = any(%s)
"""

REFUND = """
with given as (
  select * from jsonb_to_recordset(%(lines)s::jsonb)
      l (order_id bigint, refund text, line_id bigint, net_cents bigint,
         given_cents bigint, quantity int)
), made as (
  insert into shops_refund (order_id, external_id, content_hash, refunded_at, reason)
  select order_id, external_id, content_hash, refunded_at, reason
    from jsonb_to_recordset(%(refunds)s::jsonb)
      r (n int, order_id bigint, external_id text, content_hash text,
         refunded_at timestamptz, reason text)
   order by n
  returning id, order_id, external_id
)
insert into shops_refundline (refund_id, line_id, net_cents, given_cents, quantity)
select made.id, given.line_id, given.net_cents, given.given_cents, given.quantity
  from made join given
    on given.order_id = made.order_id and given.refund = made.external_id
"""
RESHARE = """
update shops_refundline x set net_cents = s.net_cents
  from unnest(%s::bigint[], %s::bigint[], %s::bigint[])
    s (refund_id, line_id, net_cents)
 where x.refund_id = s.refund_id and x.line_id = s.line_id
"""
SET_REFUNDED = """
update shops_orderline l set refunded_cents = s.refunded_cents
  from unnest(%s::bigint[], %s::bigint[]) s (id, refunded_cents)
 where l.id = s.id and l.refunded_cents <> s.refunded_cents
"""
CLEAR_REFUNDED = """
update shops_orderline set refunded_cents = 0
 where id = any(%s) and refunded_cents <> 0
"""
CANCEL = """
update shops_order o set cancelled_at = c.cancelled_at, status = 'cancelled'
  from unnest(%s::bigint[], %s::timestamptz[]) c (id, cancelled_at)
 where o.id = c.id
"""
DELIVER = """
with parcels as (
  select * from unnest(%s::bigint[], %s::timestamptz[]) p (order_id, delivered_at)
), kept as (
  insert into shops_delivery (order_id, delivered_at) select * from parcels
)
update shops_order o set delivered_at = greatest(o.delivered_at, last.delivered_at)
  from (select order_id, max(delivered_at) delivered_at
          from parcels group by order_id) last
 where o.id = last.order_id
"""
