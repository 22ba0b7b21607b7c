"""The statement of uplifts: one for a boost, and for a page of them."""

# A boost reaches who was in its group at the order; its category is read as of now.
# `extra` is what the boost put on top of the rate of what it raised, at what is left of
# each line after refunds; a declined sale cost nothing.
UPLIFTS = """
with recursive asked as (
  select * from unnest(%(boosts)s::bigint[], %(starts)s::timestamptz[],
                       %(ends)s::timestamptz[], %(earlier_starts)s::timestamptz[],
                       %(earlier_ends)s::timestamptz[])
    as a (boost_id, starts_at, ends_at, earlier_starts_at, earlier_ends_at)
),
below (boost_id, category_id) as (
  select a.boost_id, b.category_id
    from asked a join shops_boost b on b.id = a.boost_id
   where b.category_id is not null
  union
  select w.boost_id, c.id
    from below w join shops_category c on c.parent_id = w.category_id
)
select b.id, w.is_before, coalesce(sum(l.net_cents - l.refunded_cents), 0)::bigint,
       coalesce(sum(t.cents), 0)::bigint, count(distinct o.id),
       coalesce(sum(case when s.boost_id = b.id then greatest(0, t.cents - least(
         commission_cents(l.net_cents - l.refunded_cents, l.net_cents, l.quantity,
                          s.rate_bp, s.flat_cents, 100, s.cap_bp),
         s.most_cents)) end), 0)::bigint
  from asked a
  join shops_boost b on b.id = a.boost_id
  join shops_program p on p.id = b.program_id
 cross join lateral (values
   (false, a.starts_at, a.ends_at), (true, a.earlier_starts_at, a.earlier_ends_at)
 ) w (is_before, starts_at, ends_at)
  join shops_order o on o.shop_id = p.shop_id and o.currency = p.currency
   and o.placed_at >= w.starts_at and o.placed_at < w.ends_at
  join shops_orderline l on l.order_id = o.id
  join creators_verdict v on v.line_id = l.id and v.state = 'attributed'
   and v.program_id = b.program_id
  left join shops_product x on x.id = l.product_id
  left join payouts_commission s
    on s.line_id = l.id and s.creator_id = v.creator_id and s.number = 0
 cross join lateral (
   select coalesce(sum(c.amount_cents), 0) as cents from payouts_commission c
    where c.line_id = l.id and c.program_id = b.program_id
 ) t
 where (b.product_id is null or l.product_id = b.product_id)
   and (b.category_id is null or exists (
         select from below y
          where y.boost_id = b.id and y.category_id = x.category_id))
   and (b.audience_id is null
        or exists (select from creators_enrollment e
                    where e.id = v.enrollment_id and e.audience_id = b.audience_id)
        or exists (select from creators_groupmember g
                    where g.enrollment_id = v.enrollment_id
                      and g.audience_id = b.audience_id
                      and (g.starts_at is null or g.starts_at <= o.placed_at)
                      and (g.ends_at is null or g.ends_at > o.placed_at)))
 group by b.id, w.is_before
"""
