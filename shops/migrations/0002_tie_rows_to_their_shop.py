"""Nothing of one shop reaches another: the keys carry the shop (invariant I21)."""

from django.db import migrations


def tie(table, name, columns, target, target_columns):
    return migrations.RunSQL(
        f"alter table {table} add constraint {name} foreign key ({columns}) "
        f"references {target} ({target_columns}) deferrable initially deferred",
        f"alter table {table} drop constraint {name}",
    )


TERM_FUNCTION = """
create function term_stays_in_its_shop() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from shops_program p
     where p.id = new.program_id
       and ((new.product_id is not null and not exists (
               select 1 from shops_product x
                where x.id = new.product_id and x.shop_id = p.shop_id))
         or (new.category_id is not null and not exists (
               select 1 from shops_category x
                where x.id = new.category_id and x.shop_id = p.shop_id)))
  ) then
    raise exception 'a term of program % names a product or category of another shop',
      new.program_id using errcode = '23514', constraint = tg_name;
  end if;
  return new;
end $$
"""

CYCLE_FUNCTION = """
create function category_is_a_tree() returns trigger language plpgsql as $$
begin
  if exists (
    with recursive up (id, parent_id) as (
      select id, parent_id from shops_category where id = new.parent_id
      union
      select c.id, c.parent_id from shops_category c join up on c.id = up.parent_id
    )
    select 1 from up where up.id = new.id
  ) then
    raise exception 'category % would be below itself', new.id
      using errcode = '23514', constraint = 'category_is_a_tree';
  end if;
  return new;
end $$
"""


def term_trigger(noun):
    return migrations.RunSQL(
        f"create trigger {noun}_stays_in_its_shop before insert or update "
        f"on shops_{noun} for each row execute function term_stays_in_its_shop()",
        f"drop trigger {noun}_stays_in_its_shop on shops_{noun}",
    )


class Migration(migrations.Migration):
    dependencies = [("shops", "0001_create_shops")]

    operations = [
        tie("shops_category", "category_parent_is_of_its_shop",
            "parent_id, shop_id", "shops_category", "id, shop_id"),
        tie("shops_product", "product_category_is_of_its_shop",
            "category_id, shop_id", "shops_category", "id, shop_id"),
        tie("shops_orderline", "line_is_of_the_shop_of_its_order",
            "order_id, shop_id", "shops_order", "id, shop_id"),
        tie("shops_orderline", "line_product_is_of_its_shop",
            "product_id, shop_id", "shops_product", "id, shop_id"),
        tie("shops_rate", "rate_audience_is_of_its_program",
            "audience_id, program_id", "shops_audience", "id, program_id"),
        tie("shops_boost", "boost_audience_is_of_its_program",
            "audience_id, program_id", "shops_audience", "id, program_id"),
        migrations.RunSQL(TERM_FUNCTION, "drop function term_stays_in_its_shop()"),
        term_trigger("rate"),
        term_trigger("exclusion"),
        term_trigger("boost"),
        migrations.RunSQL(CYCLE_FUNCTION, "drop function category_is_a_tree()"),
        migrations.RunSQL(
            "create trigger category_is_a_tree before update of parent_id "
            "on shops_category for each row when (new.parent_id is not null) "
            "execute function category_is_a_tree()",
            "drop trigger category_is_a_tree on shops_category",
        ),
    ]
