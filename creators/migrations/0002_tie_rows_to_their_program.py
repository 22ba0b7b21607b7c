"""Keys carry shop, program and creator, so that nothing crosses (invariant I21)."""

from django.db import migrations


def tie(table, name, columns, target, target_columns):
    return migrations.RunSQL(
        f"alter table {table} add constraint {name} foreign key ({columns}) "
        f"references {target} ({target_columns}) deferrable initially deferred",
        f"alter table {table} drop constraint {name}",
    )


LINK_FUNCTION = """
create function link_stays_in_its_shop() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from creators_enrollment e
      join shops_program p on p.id = e.program_id
      join shops_product x on x.shop_id = p.shop_id
     where e.id = new.enrollment_id and x.id = new.product_id
  ) then
    raise exception 'link % leads to a product of another shop', new.slug
      using errcode = '23514', constraint = 'link_stays_in_its_shop';
  end if;
  return new;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("creators", "0001_create_creators"),
        ("shops", "0002_tie_rows_to_their_shop"),
    ]

    operations = [
        tie("creators_enrollment", "enrollment_audience_is_of_its_program",
            "audience_id, program_id", "shops_audience", "id, program_id"),
        tie("creators_groupmember", "group_member_audience_is_of_its_program",
            "audience_id, program_id", "shops_audience", "id, program_id"),
        tie("creators_groupmember", "group_member_enrollment_is_of_its_program",
            "enrollment_id, program_id", "creators_enrollment", "id, program_id"),
        tie("creators_code", "code_is_of_the_program_of_its_enrollment",
            "enrollment_id, program_id", "creators_enrollment", "id, program_id"),
        tie("creators_verdict", "verdict_is_of_the_shop_of_its_line",
            "line_id, shop_id", "shops_orderline", "id, shop_id"),
        tie("creators_verdict", "verdict_program_is_of_its_shop",
            "program_id, shop_id", "shops_program", "id, shop_id"),
        tie("creators_verdict", "verdict_enrollment_is_of_its_program",
            "enrollment_id, program_id", "creators_enrollment", "id, program_id"),
        tie("creators_verdict", "verdict_enrollment_is_of_its_creator",
            "enrollment_id, creator_id", "creators_enrollment", "id, creator_id"),
        migrations.RunSQL(LINK_FUNCTION, "drop function link_stays_in_its_shop()"),
        migrations.RunSQL(
            "create trigger link_stays_in_its_shop before insert or update "
            "on creators_link for each row when (new.product_id is not null) "
            "execute function link_stays_in_its_shop()",
            "drop trigger link_stays_in_its_shop on creators_link",
        ),
    ]
