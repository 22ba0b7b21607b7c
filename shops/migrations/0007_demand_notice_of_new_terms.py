"""A change of the terms is announced 15 days before it holds (rule P3)."""

from django.db import migrations

# 360 hours, not 15 days: a day is longer or shorter where the clocks change.
FUNCTION = """
create function terms_version_has_notice() returns trigger language plpgsql as $$
begin
  if new.in_force_from < new.published_at + interval '360 hours'
     and exists (select from shops_termsversion v where v.program_id = new.program_id)
     and exists (select from shops_program p
                  where p.id = new.program_id and p.status <> 'draft') then
    raise exception 'version % of the terms of program % holds without notice',
      new.number, new.program_id
      using errcode = '23514', constraint = 'terms_version_has_notice';
  end if;
  return new;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("shops", "0006_add_who_may_join")]

    operations = [
        migrations.RunSQL(FUNCTION, "drop function terms_version_has_notice()"),
        migrations.RunSQL(
            "create trigger terms_version_has_notice before insert "
            "on shops_termsversion for each row "
            "execute function terms_version_has_notice()",
            "drop trigger terms_version_has_notice on shops_termsversion",
        ),
    ]
