"""What lowers is announced and binds later (R6); rates have conditions (C6)."""

import django.contrib.postgres.indexes
from django.db import migrations, models


# Made once: an announced term stays as it was announced, but for its end. That moves by
# an announcement of its own, and not again before the notice of the last move is over:
# what was promised in between would be lost.
PROMISE = """
create function term_promise_stays() returns trigger language plpgsql as $$
declare same record;
begin
  same := new;
  same.ends_at := old.ends_at;
  same.promised_ends_at := old.promised_ends_at;
  same.end_announced_at := old.end_announced_at;
  same.end_binds_at := old.end_binds_at;
  if (old.announced_at, old.binds_at) is distinct from (new.announced_at, new.binds_at)
     or old.announced_at is not null
        and (same is distinct from old
             or new.ends_at is distinct from old.ends_at
                and new.end_announced_at is not distinct from old.end_announced_at)
     or (new.promised_ends_at, new.end_announced_at, new.end_binds_at)
        is distinct from (old.promised_ends_at, old.end_announced_at, old.end_binds_at)
        and (new.promised_ends_at is distinct from old.ends_at
             or new.end_announced_at is null
             or new.end_announced_at < old.end_binds_at)
  then
    raise exception 'term % was announced otherwise', new.id
      using errcode = '23514', constraint = tg_name;
  end if;
  return new;
end $$
"""


def promise_stays(noun):
    return migrations.RunSQL(
        f"create trigger {noun}_promise_stays before update on shops_{noun} "
        "for each row execute function term_promise_stays()",
        f"drop trigger {noun}_promise_stays on shops_{noun}",
    )


# Creators joined on the word of a program that is no draft: its own rate and what may
# lower others stay. A rate for everyone takes the rate's place, and is announced.
PROGRAM = """
create function program_promises_stay() returns trigger language plpgsql as $$
begin
  raise exception 'program % was promised with other terms', new.id
    using errcode = '23514', constraint = tg_name;
end $$
"""
PROGRAM_TRIGGER = """
create trigger program_promises_stay
  before update of rate_bp, cap_bp, rate_lock_days on shops_program
  for each row when (
    old.status <> 'draft'
    and (new.rate_bp <> old.rate_bp or new.cap_bp < old.cap_bp
         or new.rate_lock_days < old.rate_lock_days))
  execute function program_promises_stay()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0007_demand_notice_of_new_terms'),
    ]

    operations = [
        migrations.AddField(
            model_name='exclusion',
            name='announced_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='announced at'),
        ),
        migrations.AddField(
            model_name='exclusion',
            name='binds_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='binds earlier creators from'),
        ),
        migrations.AddField(
            model_name='exclusion',
            name='end_announced_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='end announced at'),
        ),
        migrations.AddField(
            model_name='exclusion',
            name='end_binds_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='end binds earlier creators from'),
        ),
        migrations.AddField(
            model_name='exclusion',
            name='promised_ends_at',
            field=models.DateTimeField(editable=False, help_text='Its end before the end was announced.', null=True),
        ),
        migrations.AddField(
            model_name='rate',
            name='announced_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='announced at'),
        ),
        migrations.AddField(
            model_name='rate',
            name='binds_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='binds earlier creators from'),
        ),
        migrations.AddField(
            model_name='rate',
            name='end_announced_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='end announced at'),
        ),
        migrations.AddField(
            model_name='rate',
            name='end_binds_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='end binds earlier creators from'),
        ),
        migrations.AddField(
            model_name='rate',
            name='is_first_purchase_only',
            field=models.BooleanField(db_default=False, default=False, help_text='Only where the buyer had bought nothing of the shop before.', verbose_name='first purchase only'),
        ),
        migrations.AddField(
            model_name='rate',
            name='most_sales',
            field=models.PositiveIntegerField(blank=True, help_text='Of one creator; further sales have the next rate. Empty: any.', null=True, verbose_name='at most so many sales'),
        ),
        migrations.AddField(
            model_name='rate',
            name='most_sales_per',
            field=models.CharField(blank=True, choices=[('day', 'a day'), ('week', 'a week'), ('month', 'a month'), ('ever', 'ever')], db_default='', default='', help_text="Days, weeks and months of the shop's time zone.", max_length=5, verbose_name='in'),
        ),
        migrations.AddField(
            model_name='rate',
            name='promised_ends_at',
            field=models.DateTimeField(editable=False, help_text='Its end before the end was announced.', null=True),
        ),
        migrations.AddIndex(
            model_name='order',
            index=django.contrib.postgres.indexes.HashIndex(condition=models.Q(('buyer_hash', ''), _negated=True), fields=['buyer_hash'], name='order_by_buyer'),
        ),
        migrations.AddConstraint(
            model_name='exclusion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('announced_at__isnull', True), ('binds_at__isnull', True)), models.Q(('announced_at__isnull', False), ('binds_at__gte', models.F('announced_at')), ('binds_at__isnull', False)), _connector='OR'), name='exclusion_is_announced_before_it_binds'),
        ),
        migrations.AddConstraint(
            model_name='exclusion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_announced_at__isnull', True), ('end_binds_at__isnull', True), ('promised_ends_at__isnull', True)), models.Q(('end_announced_at__isnull', False), ('end_binds_at__gte', models.F('end_announced_at')), ('end_binds_at__isnull', False)), _connector='OR'), name='exclusion_end_is_announced_before_it_binds'),
        ),
        migrations.AddConstraint(
            model_name='rate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('announced_at__isnull', True), ('binds_at__isnull', True)), models.Q(('announced_at__isnull', False), ('binds_at__gte', models.F('announced_at')), ('binds_at__isnull', False)), _connector='OR'), name='rate_is_announced_before_it_binds'),
        ),
        migrations.AddConstraint(
            model_name='rate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_announced_at__isnull', True), ('end_binds_at__isnull', True), ('promised_ends_at__isnull', True)), models.Q(('end_announced_at__isnull', False), ('end_binds_at__gte', models.F('end_announced_at')), ('end_binds_at__isnull', False)), _connector='OR'), name='rate_end_is_announced_before_it_binds'),
        ),
        migrations.AddConstraint(
            model_name='rate',
            constraint=models.UniqueConstraint(fields=('id', 'most_sales'), name='rate_carries_its_cap'),
        ),
        migrations.AddConstraint(
            model_name='rate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('most_sales__isnull', True), ('most_sales_per', '')), models.Q(('most_sales__gte', 1), ('most_sales__isnull', False), ('most_sales_per__in', ['day', 'week', 'month', 'ever'])), _connector='OR'), name='rate_cap_has_a_number_and_a_period', violation_error_message='Give a number of sales and a period.'),
        ),
        migrations.RunSQL(PROMISE, "drop function term_promise_stays()"),
        promise_stays("rate"),
        promise_stays("exclusion"),
        migrations.RunSQL(PROGRAM, "drop function program_promises_stay()"),
        migrations.RunSQL(
            PROGRAM_TRIGGER, "drop trigger program_promises_stay on shops_program"
        ),
    ]
