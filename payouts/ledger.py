"""The double-entry ledger: the only writer of entries (rules G1 to G3).

A posting is a move of one amount from one account to another. Debit is positive: a
move of 500 from `creator_accrued` to `shop_owed` debits the shop's debt by 500 and
credits what the creator expects. Negative amounts move back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from affiliate.common.errors import Refusal
from payouts.models import AccountKind


class AlreadyPosted(Refusal):
    """This business event stands in the ledger, or what it reverses is reversed."""

    code = "already_posted"
    title = "This event is already in the ledger."


class NeverPosted(Refusal):
    """What should be taken back does not stand in the ledger."""

    code = "never_posted"
    title = "There is no such event in the ledger."


@dataclass(frozen=True)
class Move:
    """One amount between two accounts; `key` names the business event, once for ever.

    `shop_id` and `creator_id` say whose accounts are meant, where the kinds need one.
    `reverses` is the key of an entry this one takes back.
    """

    key: str
    kind: str
    debit: AccountKind
    credit: AccountKind
    amount_cents: int
    currency: str
    shop_id: int | None = None
    creator_id: int | None = None
    reverses: str | None = None


_STAGE = """
create temporary table if not exists ledger_move (
  entry_id bigint, key text, kind text, at timestamptz, debit text, credit text,
  amount_cents bigint, currency text, shop_id bigint, creator_id bigint, reverses text
) on commit delete rows
"""

# A caller gives a select of these columns, in this order.
_FILL = """
insert into ledger_move
select nextval(pg_get_serial_sequence('payouts_ledgerentry', 'id')), m.*
  from ({moves}) m (key, kind, at, debit, credit, amount_cents, currency,
                    shop_id, creator_id, reverses)
 where m.amount_cents <> 0
"""

_SIDES = """
select entry_id, debit as kind, amount_cents, currency, shop_id, creator_id
  from ledger_move
union all
select entry_id, credit, -amount_cents, currency, shop_id, creator_id from ledger_move
"""

_OPEN_ACCOUNTS = f"""
insert into payouts_ledgeraccount (kind, currency, shop_id, creator_id)
select distinct s.kind, s.currency,
       case s.kind when 'shop_owed' then s.shop_id end,
       case when s.kind not in ('shop_owed', 'bank') then s.creator_id end
  from ({_SIDES}) s
 where not exists (
   select 1 from payouts_ledgeraccount a
    where s.kind not in ('shop_owed', 'bank')
      and a.creator_id = s.creator_id and a.kind = s.kind and a.currency = s.currency)
 order by 1, 2, 3, 4
on conflict do nothing
"""

# A reversal that names nothing would be an entry that can be posted again and again.
_UNKNOWN = """
select m.reverses from ledger_move m
 where m.reverses is not null
   and not exists (select 1 from payouts_ledgerentry e where e.key = m.reverses)
 limit 1
"""
_ONCE = ("ledger_entry_is_posted_once_per_event", "payouts_ledgerentry_reverses_id_key")

# Entries and legs in one statement, so that what is whole is checked as it ends: the
# entries say so, and the triggers hold them to it (`ledger_whole_entry_*`).
# Each owner has an index of its own; one join over all three could use none of them.
_WRITE = f"""
with side as materialized ({_SIDES}),
leg as (
  insert into payouts_ledgerleg (entry_id, account_id, amount_cents, currency)
  select s.entry_id, a.id, s.amount_cents, s.currency
    from side s
    join payouts_ledgeraccount a
      on a.creator_id = s.creator_id and a.kind = s.kind and a.currency = s.currency
   where s.kind not in ('shop_owed', 'bank')
  union all
  select s.entry_id, a.id, s.amount_cents, s.currency
    from side s
    join payouts_ledgeraccount a
      on a.shop_id = s.shop_id and a.kind = s.kind and a.currency = s.currency
   where s.kind = 'shop_owed'
  union all
  select s.entry_id, a.id, s.amount_cents, s.currency
    from side s
    join payouts_ledgeraccount a
      on a.kind = s.kind and a.currency = s.currency
     and a.shop_id is null and a.creator_id is null
   where s.kind = 'bank'
)
insert into payouts_ledgerentry (id, key, kind, at, reverses_id, is_whole)
select m.entry_id, m.key, m.kind, m.at, r.id, true
  from ledger_move m left join payouts_ledgerentry r on r.key = m.reverses
"""


@transaction.atomic
def post(
    moves: str | Sequence[Move],
    params: Mapping[str, Any] | None = None,
    *,
    at: datetime,
) -> int:
    """Post moves and return how many entries they made; amounts of 0 make none.

    `moves` is a list of `Move`, or a select that gives their fields as columns (key,
    kind, at, debit, credit, amount_cents, currency, shop_id, creator_id, reverses) for
    a whole set; a list is posted at `at`. Runs inside the caller's transaction.

    Raises AlreadyPosted when a key is known or what it reverses was reversed: an event
    is posted once; NeverPosted when it reverses what is not there. Nothing was posted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        if isinstance(moves, str):
            cursor.execute(_FILL.format(moves=moves), params)
        else:
            _fill_from(moves, at)
        entries: int = cursor.rowcount
        if isinstance(moves, str) and not entries:
            return 0
        cursor.execute(_UNKNOWN)
        if unknown := cursor.fetchone():
            raise NeverPosted(f"{unknown[0]} is not in the ledger.")
        cursor.execute(_OPEN_ACCOUNTS)
        try:
            with transaction.atomic():
                cursor.execute(_WRITE)
        except IntegrityError as error:
            if any(name in str(error) for name in _ONCE):
                raise AlreadyPosted(str(error).partition("\n")[2]) from error
            raise
        entries = cursor.rowcount
        # The next posting of this transaction begins with an empty table.
        cursor.execute("delete from ledger_move")
    return entries


def _fill_from(moves: Sequence[Move], at: datetime) -> None:
    columns = (
        "select * from unnest(%s::text[], %s::text[], %s::timestamptz[], %s::text[],"
        " %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[],"
        " %s::text[])"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _FILL.format(moves=columns),
            [
                [move.key for move in moves],
                [move.kind for move in moves],
                [at for _ in moves],
                [str(move.debit) for move in moves],
                [str(move.credit) for move in moves],
                [move.amount_cents for move in moves],
                [move.currency for move in moves],
                [move.shop_id for move in moves],
                [move.creator_id for move in moves],
                [move.reverses for move in moves],
            ],
        )


@dataclass(frozen=True)
class Balance:
    """What a creator has in one currency, from the ledger, in minor units.

    `payable_cents` is negative when the creator owes.
    """

    currency: str
    accrued_cents: int
    payable_cents: int
    in_transit_cents: int
    paid_cents: int


_BALANCES = """
select a.currency,
       -coalesce(sum(l.amount_cents) filter (where a.kind = 'creator_accrued'), 0),
       -coalesce(sum(l.amount_cents) filter (where a.kind = 'creator_payable'), 0),
       -coalesce(sum(l.amount_cents) filter (where a.kind = 'in_transit'), 0),
       coalesce(sum(l.amount_cents) filter (
         where a.kind = 'in_transit' and e.kind in ('paid', 'returned_paid')), 0)
  from payouts_ledgeraccount a
  join payouts_ledgerleg l on l.account_id = a.id
  join payouts_ledgerentry e on e.id = l.entry_id
 where a.creator_id = %s
 group by a.currency order by a.currency
"""


def balances(creator_id: int) -> list[Balance]:
    """Return a creator's balances, one per currency in which anything was posted."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES, [creator_id])
        return [
            # sum() over bigint is numeric in PostgreSQL.
            Balance(currency, *(int(cents) for cents in sums))
            for currency, *sums in cursor.fetchall()
        ]
