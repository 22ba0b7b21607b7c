"""Memberships of groups are dated: an order has the groups of its moment (rule R4)."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.functions.comparison
from django.db import migrations, models

# Who was in which group, and since when, decides past orders: only the end moves.
FUNCTION = """
create function group_member_facts_stay() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
     and (new.audience_id, new.enrollment_id, new.program_id, new.starts_at)
         is not distinct from
         (old.audience_id, old.enrollment_id, old.program_id, old.starts_at)
  then
    return new;
  end if;
  raise exception 'who was in a group stays, member %', old.id
    using errcode = '23514', constraint = tg_name;
end $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('creators', '0006_check_nothing_twice'),
        ('shops', '0012_date_program_settings'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='groupmember',
            name='group_has_a_member_once',
        ),
        migrations.AddField(
            model_name='groupmember',
            name='ends_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='First moment out of the group.', null=True, verbose_name='in the group until'),
        ),
        migrations.AddField(
            model_name='groupmember',
            name='starts_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='Empty: since ever.', null=True, verbose_name='in the group since'),
        ),
        migrations.AddConstraint(
            model_name='groupmember',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at__isnull', True), ('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='group_member_ends_after_it_starts', violation_error_message='It must end after it starts.'),
        ),
        migrations.AddConstraint(
            model_name='groupmember',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(django.db.models.functions.comparison.Coalesce(models.F('audience'), models.Value(0)), django.db.models.functions.comparison.Coalesce(models.F('audience'), models.Value(0)), function='int8range', template="%(function)s(%(expressions)s, '[]')"), '&&'), (models.Func(django.db.models.functions.comparison.Coalesce(models.F('enrollment'), models.Value(0)), django.db.models.functions.comparison.Coalesce(models.F('enrollment'), models.Value(0)), function='int8range', template="%(function)s(%(expressions)s, '[]')"), '&&'), (models.Func(models.F('starts_at'), models.F('ends_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='group_has_a_member_once_at_a_time'),
        ),
        migrations.RunSQL(FUNCTION, "drop function group_member_facts_stay()"),
        migrations.RunSQL(
            "create trigger group_member_facts_stay before update or delete "
            "on creators_groupmember for each row "
            "execute function group_member_facts_stay()",
            "drop trigger group_member_facts_stay on creators_groupmember",
        ),
    ]
