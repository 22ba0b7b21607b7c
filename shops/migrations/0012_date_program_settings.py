"""The settings of a program are dated: an order has those of its moment (rule R4)."""

import django.db.models.deletion
from django.db import migrations, models


# What is said at a moment never reaches what was before it: the program's own settings
# change only by a change that is said later than the last, and with what held until it
# kept. `settings_changed_at` is the clock of both triggers.
PROGRAM = """
create function program_settings_are_dated() returns trigger language plpgsql as $$
begin
  if new.settings_changed_at is null
     or new.settings_changed_at <= old.settings_changed_at
     or not exists (
       select from shops_earliersettings e
        where e.program_id = new.id and e.ends_at >= new.settings_changed_at)
  then
    raise exception 'what the settings of program % were is not kept', new.id
      using errcode = '23514', constraint = tg_name;
  end if;
  return new;
end $$
"""
PROGRAM_TRIGGER = """
create trigger program_settings_are_dated
  before update of code_policy, window_days, halo, catalogue_only, hold_days,
    shipping_days on shops_program
  for each row when (
    old.status <> 'draft'
    and (old.code_policy, old.window_days, old.halo, old.catalogue_only, old.hold_days,
         old.shipping_days)
        is distinct from
        (new.code_policy, new.window_days, new.halo, new.catalogue_only, new.hold_days,
         new.shipping_days))
  execute function program_settings_are_dated()
"""

EARLIER = """
create function earlier_settings_stay() returns trigger language plpgsql as $$
declare
  here record;
  changed_at timestamptz;
begin
  here := case tg_op when 'INSERT' then new else old end;
  select p.settings_changed_at into changed_at
    from shops_program p where p.id = here.program_id;
  if here.ends_at <= changed_at
     or tg_op = 'UPDATE' and (new.program_id, new.ends_at, new.announced_at)
        is distinct from (old.program_id, old.ends_at, old.announced_at)
  then
    raise exception 'what the settings of program % were until % stays',
      here.program_id, here.ends_at
      using errcode = '23514', constraint = tg_name;
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$
"""
EARLIER_TRIGGER = """
create trigger earlier_settings_stay before insert or update or delete
  on shops_earliersettings for each row execute function earlier_settings_stay()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0011_add_budgets'),
    ]

    operations = [
        migrations.AddField(
            model_name='program',
            name='settings_changed_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name='EarlierSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code_policy', models.CharField(choices=[('always', 'a code alone earns'), ('if_involved', 'if the creator also has a click in the window'), ('if_winner', "only if the creator's click wins")], default='always', max_length=11, verbose_name='codes')),
                ('window_days', models.PositiveSmallIntegerField(default=30, verbose_name='attribution window in days')),
                ('hold_days', models.PositiveSmallIntegerField(default=30, verbose_name='hold in days')),
                ('shipping_days', models.PositiveSmallIntegerField(default=5, help_text='The hold starts that long after the order, if no delivery is known.', verbose_name='days of shipping')),
                ('halo', models.BooleanField(default=True, verbose_name='a click credits other products too')),
                ('catalogue_only', models.BooleanField(default=False, verbose_name='only products of the catalogue earn')),
                ('ends_at', models.DateTimeField(help_text='First moment of what comes after.')),
                ('announced_at', models.DateTimeField(help_text='When it was said that it ends then.')),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='earlier_settings', to='shops.program', verbose_name='program')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('window_days__gte', 1), ('window_days__lte', 90)), name='earlier_settings_window_is_1_to_90_days', violation_error_message='From 1 to 90 days.'), models.CheckConstraint(condition=models.Q(('hold_days__lte', 60)), name='earlier_settings_hold_is_at_most_60_days', violation_error_message='At most 60 days.'), models.CheckConstraint(condition=models.Q(('code_policy__in', ['always', 'if_involved', 'if_winner'])), name='earlier_settings_code_policy_is_known'), models.UniqueConstraint(fields=('program', 'ends_at'), name='earlier_settings_end_one_by_one'), models.CheckConstraint(condition=models.Q(('ends_at__gte', models.F('announced_at'))), name='earlier_settings_end_is_announced')],
            },
        ),
        migrations.RunSQL(PROGRAM, "drop function program_settings_are_dated()"),
        migrations.RunSQL(
            PROGRAM_TRIGGER, "drop trigger program_settings_are_dated on shops_program"
        ),
        migrations.RunSQL(EARLIER, "drop function earlier_settings_stay()"),
        migrations.RunSQL(
            EARLIER_TRIGGER,
            "drop trigger earlier_settings_stay on shops_earliersettings",
        ),
    ]
