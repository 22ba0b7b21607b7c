"""Postings and sums are checked once a statement, where one statement is whole.

An entry that says `is_whole` brings its legs in its own statement: entry and legs are
checked as sets when that statement ends. Any other entry is checked at the commit, row
by row, as before. In the same way payouts are compared with their lines by the
statement that sums them.
"""

import django.db.models.deletion
from django.db import migrations, models

OLD_SEALED = """
create or replace function ledger_entry_is_sealed() returns trigger
language plpgsql as $$
begin
  if exists (select 1 from new_legs n join payouts_ledgerentry e on e.id = n.entry_id
              where e.sealed_by <> pg_current_xact_id()) then
    raise exception 'a leg joins an entry of an earlier transaction'
      using errcode = '23514', constraint = 'ledger_entry_is_sealed';
  end if;
  return null;
end $$
"""

# A leg without an entry is refused too, instead of by a foreign key that is checked leg
# by leg. Here and below rows are looked up one by one, because the plan is made once a
# session, for one leg as for a hundred thousand.
SEALED = """
create or replace function ledger_entry_is_sealed() returns trigger
language plpgsql as $$
begin
  if exists (
    select 1 from (select distinct entry_id from new_legs) n
     where (select e.sealed_by from payouts_ledgerentry e where e.id = n.entry_id)
           is distinct from pg_current_xact_id()) then
    raise exception 'a leg joins no entry, or one of an earlier transaction'
      using errcode = '23514', constraint = 'ledger_entry_is_sealed';
  end if;
  return null;
end $$
"""

# No leg is zero, so legs that add up to nothing are two or more.
WHOLE_LEGS = """
create function ledger_whole_entry_stays_balanced() returns trigger
language plpgsql as $$
begin
  if exists (
    select 1 from (select entry_id from new_legs
                    group by entry_id, currency having sum(amount_cents) <> 0) n
     where (select e.is_whole from payouts_ledgerentry e where e.id = n.entry_id)) then
    raise exception 'the legs of an entry do not balance in every currency'
      using errcode = '23514', constraint = 'ledger_whole_entry_stays_balanced';
  end if;
  return null;
end $$
"""

WHOLE_ENTRY = """
create function ledger_whole_entry_has_legs() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from new_entries n
     where n.is_whole
       and (select l.entry_id from payouts_ledgerleg l where l.entry_id = n.id limit 1)
           is null) then
    raise exception 'an entry that should be whole has no legs'
      using errcode = '23514', constraint = 'ledger_whole_entry_has_legs';
  end if;
  return null;
end $$
"""

# Lines join a payout while it is claiming only, so that none can change the sum later.
SUMMED = """
create function payout_is_summed_from_its_lines() returns trigger
language plpgsql as $$
declare off_ record;
begin
  select n.id, n.amount_cents, x.total into off_
    from new_payouts n
   cross join lateral (
     select coalesce(sum(l.amount_cents), 0) as total,
            count(*) filter (where c.creator_id <> n.creator_id
                                or c.currency <> n.currency
                                or c.amount_cents <> l.amount_cents) as strangers
       from payouts_payoutline l join payouts_commission c on c.id = l.commission_id
      where l.payout_id = n.id and l.is_active) x
   where n.status = 'draft' and (x.strangers > 0 or x.total <> n.amount_cents)
   limit 1;
  if found then
    raise exception 'payout % of % has lines of %',
      off_.id, off_.amount_cents, off_.total
      using errcode = '23514', constraint = 'payout_is_summed_from_its_lines';
  end if;
  return null;
end $$
"""

NOT_LEFT = """
create function payout_is_not_left_claiming() returns trigger language plpgsql as $$
begin
  if exists (select 1 from payouts_payout
              where id = new.id and status = 'claiming') then
    raise exception 'payout % was left unsummed', new.id
      using errcode = '23514', constraint = 'payout_is_not_left_claiming';
  end if;
  return null;
end $$
"""

DROP_BALANCES = "drop trigger ledger_entry_balances on payouts_ledgerentry"


def balances(when):
    return (
        "create constraint trigger ledger_entry_balances "
        "after insert on payouts_ledgerentry deferrable initially deferred "
        f"for each row {when} execute function ledger_entry_balances()"
    )


def by_statement(name, event, table, new):
    return migrations.RunSQL(
        f"create trigger {name} after {event} on {table} referencing new table as {new} "
        f"for each statement execute function {name}()",
        f"drop trigger {name} on {table}",
    )


def deferred(name, event, when, function):
    return migrations.RunSQL(
        f"create constraint trigger {name} after {event} on payouts_payout "
        f"deferrable initially deferred for each row when ({when}) "
        f"execute function {function}()",
        f"drop trigger {name} on payouts_payout",
    )


class Migration(migrations.Migration):
    dependencies = [("payouts", "0007_check_nothing_twice")]

    operations = [
        migrations.RunSQL(
            "alter table payouts_ledgerentry "
            "add column is_whole boolean not null default false",
            "alter table payouts_ledgerentry drop column is_whole",
        ),
        migrations.RunSQL(
            [DROP_BALANCES, balances("when (not new.is_whole)")],
            [DROP_BALANCES, balances("")],
        ),
        migrations.RunSQL(
            WHOLE_LEGS, "drop function ledger_whole_entry_stays_balanced()"
        ),
        by_statement("ledger_whole_entry_stays_balanced", "insert",
                     "payouts_ledgerleg", "new_legs"),
        migrations.RunSQL(WHOLE_ENTRY, "drop function ledger_whole_entry_has_legs()"),
        by_statement("ledger_whole_entry_has_legs", "insert",
                     "payouts_ledgerentry", "new_entries"),
        migrations.RunSQL(SEALED, OLD_SEALED),
        migrations.AlterField(
            model_name='ledgerleg',
            name='entry',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='legs', to='payouts.ledgerentry', verbose_name='entry'),
        ),
        migrations.RunSQL(
            "drop trigger payout_equals_its_lines on payouts_payout",
            "create constraint trigger payout_equals_its_lines "
            "after insert or update of status, amount_cents on payouts_payout "
            "deferrable initially deferred "
            "for each row execute function payout_equals_its_lines()",
        ),
        deferred("payout_equals_its_lines", "insert", "new.status <> 'claiming'",
                 "payout_equals_its_lines"),
        # What is sent and paid keeps its amount, and its lines stay.
        deferred("payout_still_equals_its_lines", "update of status, amount_cents",
                 "old.status <> 'claiming' and (new.status in ('returned', 'dropped') "
                 "or old.amount_cents is distinct from new.amount_cents)",
                 "payout_equals_its_lines"),
        migrations.RunSQL(NOT_LEFT, "drop function payout_is_not_left_claiming()"),
        deferred("payout_is_not_left_claiming", "insert", "new.status = 'claiming'",
                 "payout_is_not_left_claiming"),
        migrations.RunSQL(SUMMED, "drop function payout_is_summed_from_its_lines()"),
        by_statement("payout_is_summed_from_its_lines", "update",
                     "payouts_payout", "new_payouts"),
    ]
