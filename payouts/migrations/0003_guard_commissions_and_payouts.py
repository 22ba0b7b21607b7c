"""States move along their arrows, amounts stay, a payout equals its lines."""

from django.db import migrations


def tie(table, name, columns, target, target_columns):
    return migrations.RunSQL(
        f"alter table {table} add constraint {name} foreign key ({columns}) "
        f"references {target} ({target_columns}) deferrable initially deferred",
        f"alter table {table} drop constraint {name}",
    )


ARROWS = {
    "commission": [
        "pending approved", "pending void", "pending held",
        "approved in_run", "approved held",
        "in_run approved", "in_run paid", "paid approved",
        "held pending", "held approved", "held void",
    ],
    "run": [
        "building draft", "building dropped", "draft approved", "draft dropped",
        "approved sent", "sent finished",
    ],
    "payout": [
        "claiming draft", "draft sent", "draft dropped",
        "sent paid", "sent returned", "paid returned",
    ],
}

STAYS = {
    "commission": ["line_id", "shop_id", "program_id", "creator_id", "kind", "number",
                   "currency", "amount_cents", "base_cents", "rate_id", "rate_bp",
                   "flat_cents", "boost_id", "multiplier_pct", "cap_bp"],
    "payout": ["run_id", "creator_id", "bank_account_id", "currency",
               "end_to_end_id"],
    "payoutline": ["payout_id", "commission_id", "amount_cents"],
    "bankaccount": ["creator_id", "iban", "currency"],
    "run": ["currency", "starts_on", "ends_on", "message_id"],
}

REFUSE_ARROW = """
create function refuse_arrow() returns trigger language plpgsql as $$
begin
  raise exception '% % cannot go from % to %', tg_table_name, old.id,
    old.status, new.status using errcode = '23514', constraint = tg_name;
end $$
"""

# Deferred: lines are attached first, then summed, within one transaction (rule Y2).
EQUALS = """
create function payout_equals_its_lines() returns trigger language plpgsql as $$
declare now_ record; total bigint; strangers bigint;
begin
  select * into now_ from payouts_payout where id = new.id;
  if not found then return null; end if;
  if now_.status = 'claiming' then
    raise exception 'payout % was left unsummed', new.id
      using errcode = '23514', constraint = 'payout_equals_its_lines';
  end if;
  select coalesce(sum(l.amount_cents), 0),
         count(*) filter (where c.creator_id <> now_.creator_id
                             or c.currency <> now_.currency
                             or c.amount_cents <> l.amount_cents)
    into total, strangers
    from payouts_payoutline l join payouts_commission c on c.id = l.commission_id
   where l.payout_id = new.id and l.is_active;
  if strangers > 0 or total <> (case when now_.status in ('returned', 'dropped')
                                     then 0 else now_.amount_cents end) then
    raise exception 'payout % of % has lines of %', new.id, now_.amount_cents, total
      using errcode = '23514', constraint = 'payout_equals_its_lines';
  end if;
  return null;
end $$
"""

SEALED = """
create function payout_is_sealed() returns trigger language plpgsql as $$
begin
  if exists (select 1 from new_lines n join payouts_payout p on p.id = n.payout_id
              where p.status <> 'claiming') then
    raise exception 'a line joins a payout that is already summed'
      using errcode = '23514', constraint = 'payout_is_sealed';
  end if;
  return null;
end $$
"""

LEAVES = """
create function payoutline_leaves_with_its_payout() returns trigger
language plpgsql as $$
begin
  if new.is_active or not exists (
       select 1 from payouts_payout p
        where p.id = new.payout_id and p.status in ('returned', 'dropped')) then
    raise exception 'line % leaves only with its payout, and never comes back', new.id
      using errcode = '23514', constraint = 'payoutline_leaves_with_its_payout';
  end if;
  return new;
end $$
"""

USABLE = """
create function payout_account_is_usable() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from payouts_bankaccount b join payouts_run r on r.id = new.run_id
     where b.id = new.bank_account_id and b.verified_at is not null
       and b.usable_from <= r.opened_at
       and (b.ended_at is null or b.ended_at > r.opened_at)
  ) then
    raise exception 'bank account % is not verified or still in its hold',
      new.bank_account_id
      using errcode = '23514', constraint = 'payout_account_is_usable';
  end if;
  return new;
end $$
"""


def arrows(noun):
    pairs = ", ".join(
        "('{}', '{}')".format(*pair.split()) for pair in ARROWS[noun]
    )
    return migrations.RunSQL(
        f"create trigger {noun}_moves_along_its_arrows "
        f"before update of status on payouts_{noun} for each row "
        f"when (old.status <> new.status "
        f"and (old.status, new.status) not in ({pairs})) "
        f"execute function refuse_arrow()",
        f"drop trigger {noun}_moves_along_its_arrows on payouts_{noun}",
    )


def stays(noun):
    def row(of):
        return ", ".join(f"{of}.{column}" for column in STAYS[noun])

    return migrations.RunSQL(
        f"create trigger {noun}_facts_stay before update on payouts_{noun} "
        f"for each row when (({row('old')}) is distinct from ({row('new')})) "
        f"execute function refuse_change()",
        f"drop trigger {noun}_facts_stay on payouts_{noun}",
    )


def no_delete(noun):
    return migrations.RunSQL(
        f"create trigger {noun}_is_never_deleted before delete on payouts_{noun} "
        f"for each row execute function refuse_change()",
        f"drop trigger {noun}_is_never_deleted on payouts_{noun}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0002_guard_the_ledger"),
        ("creators", "0002_tie_rows_to_their_program"),
    ]

    operations = [
        tie("payouts_commission", "commission_is_of_the_shop_of_its_line",
            "line_id, shop_id", "shops_orderline", "id, shop_id"),
        tie("payouts_commission", "commission_program_is_of_its_shop",
            "program_id, shop_id", "shops_program", "id, shop_id"),
        tie("payouts_commission", "commission_enrollment_is_of_its_program",
            "enrollment_id, program_id", "creators_enrollment", "id, program_id"),
        tie("payouts_commission", "commission_enrollment_is_of_its_creator",
            "enrollment_id, creator_id", "creators_enrollment", "id, creator_id"),
        tie("payouts_payout", "payout_account_is_the_creators_own",
            "bank_account_id, creator_id, currency",
            "payouts_bankaccount", "id, creator_id, currency"),
        migrations.RunSQL(REFUSE_ARROW, "drop function refuse_arrow()"),
        arrows("commission"),
        arrows("run"),
        arrows("payout"),
        *[stays(noun) for noun in STAYS],
        no_delete("commission"),
        no_delete("payout"),
        no_delete("payoutline"),
        migrations.RunSQL(LEAVES, "drop function payoutline_leaves_with_its_payout()"),
        migrations.RunSQL(
            "create trigger payoutline_leaves_with_its_payout "
            "before update of is_active on payouts_payoutline for each row "
            "when (new.is_active <> old.is_active) "
            "execute function payoutline_leaves_with_its_payout()",
            "drop trigger payoutline_leaves_with_its_payout on payouts_payoutline",
        ),
        migrations.RunSQL(EQUALS, "drop function payout_equals_its_lines()"),
        migrations.RunSQL(
            "create constraint trigger payout_equals_its_lines "
            "after insert or update of status, amount_cents on payouts_payout "
            "deferrable initially deferred "
            "for each row execute function payout_equals_its_lines()",
            "drop trigger payout_equals_its_lines on payouts_payout",
        ),
        migrations.RunSQL(SEALED, "drop function payout_is_sealed()"),
        migrations.RunSQL(
            "create trigger payout_is_sealed after insert on payouts_payoutline "
            "referencing new table as new_lines "
            "for each statement execute function payout_is_sealed()",
            "drop trigger payout_is_sealed on payouts_payoutline",
        ),
        migrations.RunSQL(USABLE, "drop function payout_account_is_usable()"),
        migrations.RunSQL(
            "create trigger payout_account_is_usable before insert "
            "on payouts_payout for each row "
            "execute function payout_account_is_usable()",
            "drop trigger payout_account_is_usable on payouts_payout",
        ),
    ]
