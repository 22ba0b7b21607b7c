"""The ledger balances, is sealed, and never changes (rule G1, invariants I1, I2)."""

from django.db import migrations

REFUSE = """
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed: post a correction', tg_table_name
    using errcode = '23514', constraint = tg_name;
end $$
"""

# Deferred: the legs follow the entry within the same transaction.
BALANCED = """
create function ledger_entry_balances() returns trigger language plpgsql as $$
declare legs bigint; off bigint;
begin
  select coalesce(sum(n), 0), count(*) filter (where s <> 0) into legs, off
    from (select currency, count(*) as n, sum(amount_cents) as s
            from payouts_ledgerleg where entry_id = new.id group by currency) x;
  if legs < 2 then
    raise exception 'entry % has % legs', new.key, legs
      using errcode = '23514', constraint = 'ledger_entry_balances';
  end if;
  if off > 0 then
    raise exception 'entry % does not balance in every currency', new.key
      using errcode = '23514', constraint = 'ledger_entry_balances';
  end if;
  return null;
end $$
"""

SEALED = """
create function ledger_entry_is_sealed() returns trigger language plpgsql as $$
begin
  if exists (select 1 from new_legs n join payouts_ledgerentry e on e.id = n.entry_id
              where e.sealed_by <> pg_current_xact_id()) then
    raise exception 'a leg joins an entry of an earlier transaction'
      using errcode = '23514', constraint = 'ledger_entry_is_sealed';
  end if;
  return null;
end $$
"""


def append_only(table, noun):
    return [
        migrations.RunSQL(
            f"create trigger {noun}_is_append_only before update or delete on {table} "
            f"for each row execute function refuse_change()",
            f"drop trigger {noun}_is_append_only on {table}",
        ),
        migrations.RunSQL(
            f"create trigger {noun}_is_never_truncated before truncate on {table} "
            f"for each statement execute function refuse_change()",
            f"drop trigger {noun}_is_never_truncated on {table}",
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("payouts", "0001_create_payouts")]

    operations = [
        migrations.RunSQL(
            "alter table payouts_ledgerentry add column sealed_by xid8 "
            "not null default pg_current_xact_id()",
            "alter table payouts_ledgerentry drop column sealed_by",
        ),
        migrations.RunSQL(
            "alter table payouts_ledgerleg "
            "add constraint ledger_leg_has_the_currency_of_its_account "
            "foreign key (account_id, currency) "
            "references payouts_ledgeraccount (id, currency)",
            "alter table payouts_ledgerleg "
            "drop constraint ledger_leg_has_the_currency_of_its_account",
        ),
        migrations.RunSQL(REFUSE, "drop function refuse_change()"),
        *append_only("payouts_ledgerentry", "ledger_entry"),
        *append_only("payouts_ledgerleg", "ledger_leg"),
        migrations.RunSQL(BALANCED, "drop function ledger_entry_balances()"),
        migrations.RunSQL(
            "create constraint trigger ledger_entry_balances "
            "after insert on payouts_ledgerentry deferrable initially deferred "
            "for each row execute function ledger_entry_balances()",
            "drop trigger ledger_entry_balances on payouts_ledgerentry",
        ),
        migrations.RunSQL(SEALED, "drop function ledger_entry_is_sealed()"),
        migrations.RunSQL(
            "create trigger ledger_entry_is_sealed after insert on payouts_ledgerleg "
            "referencing new table as new_legs "
            "for each statement execute function ledger_entry_is_sealed()",
            "drop trigger ledger_entry_is_sealed on payouts_ledgerleg",
        ),
    ]
