"""What the database refuses of accounts, entries and legs (G1, invariants I1 to I3)."""

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payouts import ledger
from payouts.models import AccountKind, LedgerEntry, LedgerLeg
from tests.factories.creators import CreatorFactory
from tests.factories.payouts import (
    LedgerAccountFactory,
    LedgerEntryFactory,
    LedgerLegFactory,
)
from tests.factories.shops import MOMENT, ShopFactory
from tests.shops.refusals import is_refused

pytestmark = pytest.mark.django_db


def committed(*rows):
    """Write an entry with legs of (cents, currency), and look as a commit does."""
    with transaction.atomic():
        entry = LedgerEntryFactory(balanced=False)
        for cents, currency in rows:
            account = LedgerAccountFactory(currency=currency)
            LedgerLegFactory(entry=entry, account=account, amount_cents=cents)
        connection.check_constraints()


# ------------------------------------------------------------------ entries balance


@pytest.mark.parametrize(
    "legs",
    [
        [],
        [(400, "EUR")],
        [(400, "EUR"), (-399, "EUR")],
        [(400, "EUR"), (-400, "USD")],
        [(400, "EUR"), (-400, "EUR"), (1, "USD")],
        [(400, "EUR"), (-401, "EUR"), (1, "USD")],
    ],
    ids=str,
)
@pytest.mark.breaks("ledger_entry_balances")
def test_an_entry_that_does_not_balance_is_refused(legs):
    committed((400, "EUR"), (-400, "EUR"))
    with pytest.raises(IntegrityError):
        committed(*legs)


@pytest.mark.parametrize(
    "legs",
    [
        [(400, "EUR"), (-400, "EUR")],
        [(400, "EUR"), (-100, "EUR"), (-300, "EUR")],
        [(4, "EUR"), (-4, "EUR"), (7, "USD"), (-7, "USD")],
        [(2**62, "EUR"), (2**62, "EUR"), (-(2**62), "EUR"), (-(2**62), "EUR")],
    ],
    ids=str,
)
def test_an_entry_that_balances_is_taken(legs):
    committed(*legs)

    assert LedgerLeg.objects.count() == len(legs)


@pytest.mark.django_db(transaction=True)
@pytest.mark.breaks("ledger_entry_balances")
def test_an_unbalanced_entry_is_refused_by_a_real_commit():
    debit, credit = LedgerAccountFactory.create_batch(2)

    def entry(cents):
        with transaction.atomic():
            entry = LedgerEntryFactory(balanced=False)
            LedgerLegFactory(entry=entry, account=debit, amount_cents=400)
            LedgerLegFactory(entry=entry, account=credit, amount_cents=cents)

    entry(-400)
    with pytest.raises(IntegrityError):
        entry(-399)
    assert LedgerEntry.objects.count() == 1


class TestRandomEntries(TestCase):
    """Any legs: taken exactly when each currency adds up to nothing."""

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(-3, 3).filter(bool), st.sampled_from(["EUR", "USD"])),
            max_size=5,
        )
    )
    def test_are_taken_when_they_balance_only(self, legs):
        sums = {"EUR": 0, "USD": 0}
        for cents, currency in legs:
            sums[currency] += cents
        is_balanced = len(legs) > 1 and not any(sums.values())

        try:
            committed(*legs)
        except IntegrityError:
            assert not is_balanced
        else:
            assert is_balanced


# ------------------------------------------------------------------ whole at once

_WHOLE = """
with entry as (
  insert into payouts_ledgerentry (key, kind, at, is_whole)
  values ('whole:1', 'sale', now(), true) returning id
)
insert into payouts_ledgerleg (entry_id, account_id, amount_cents, currency)
select entry.id, l.* from entry, unnest(%s::bigint[], %s::bigint[], %s::text[]) l
returning entry_id
"""


def whole(*rows):
    """Write an entry and its legs by one statement, as `ledger.post` does."""
    accounts = [LedgerAccountFactory(currency=currency).pk for _, currency in rows]
    with transaction.atomic(), connection.cursor() as cursor:
        cents = [cents for cents, _ in rows]
        cursor.execute(_WHOLE, [accounts, cents, [currency for _, currency in rows]])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    "legs",
    [
        [(400, "EUR")],
        [(400, "EUR"), (-399, "EUR")],
        [(400, "EUR"), (-400, "USD")],
        [(400, "EUR"), (-400, "EUR"), (1, "USD")],
        [(400, "EUR"), (-401, "EUR"), (1, "USD")],
    ],
    ids=str,
)
@pytest.mark.breaks("ledger_whole_entry_stays_balanced")
def test_a_whole_entry_that_does_not_balance_is_refused_at_once(legs):
    with pytest.raises(IntegrityError):
        whole(*legs)

    assert not LedgerEntry.objects.exists()


def test_a_whole_entry_that_balances_is_taken():
    entry = whole((4, "EUR"), (-4, "EUR"), (7, "USD"), (-7, "USD"))

    connection.check_constraints()
    assert LedgerLeg.objects.filter(entry=entry).count() == 4


@pytest.mark.breaks("ledger_whole_entry_stays_balanced")
def test_a_whole_entry_stays_balanced_in_its_own_transaction():
    entry = whole((400, "EUR"), (-400, "EUR"))

    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerLegFactory(entry=LedgerEntry(pk=entry), amount_cents=1)


@pytest.mark.breaks("ledger_whole_entry_has_legs")
def test_a_whole_entry_has_legs():
    with pytest.raises(IntegrityError), transaction.atomic():
        execute(
            "insert into payouts_ledgerentry (key, kind, at, is_whole)"
            " values ('whole:2', 'sale', now(), true)"
        )


def test_what_is_posted_is_whole():
    lea, shop = CreatorFactory(), ShopFactory()
    owed, accrued, *_ = AccountKind
    move = ledger.Move("sale:1", "test", owed, accrued, 4, "EUR", shop.pk, lea.pk)

    ledger.post([move], at=MOMENT)

    with connection.cursor() as cursor:
        cursor.execute("select is_whole from payouts_ledgerentry")
        assert cursor.fetchall() == [(True,)]


# ------------------------------------------------------------------ nothing changes


def by_orm_update(model, row):
    model.objects.filter(pk=row.pk).update(id=row.pk)


def by_orm_delete(model, row):
    model.objects.filter(pk=row.pk)._raw_delete("default")


def by_raw_update(model, row):
    execute(f"update {model._meta.db_table} set id = id where id = {row.pk}")


def by_raw_delete(model, row):
    execute(f"delete from {model._meta.db_table} where id = {row.pk}")


def by_truncating(model, row):
    execute(f"truncate {model._meta.db_table} cascade")


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


CHANGES = [by_orm_update, by_orm_delete, by_raw_update, by_raw_delete]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.breaks("ledger_entry_is_append_only")
def test_an_entry_never_changes(change):
    never_changes(LedgerEntry, LedgerEntryFactory(), change)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.breaks("ledger_leg_is_append_only")
def test_a_leg_never_changes(change):
    never_changes(LedgerLeg, LedgerLegFactory(), change)


@pytest.mark.breaks("ledger_entry_is_never_truncated")
def test_entries_are_never_truncated():
    never_changes(LedgerEntry, LedgerEntryFactory(), by_truncating)


@pytest.mark.breaks("ledger_leg_is_never_truncated")
def test_legs_are_never_truncated():
    never_changes(LedgerLeg, LedgerLegFactory(), by_truncating)


def never_changes(model, row, change):
    connection.check_constraints()
    before = list(model.objects.values_list())
    with pytest.raises(IntegrityError), transaction.atomic():
        change(model, row)
    assert list(model.objects.values_list()) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.breaks("ledger_entry_is_sealed")
def test_nothing_joins_an_entry_of_an_earlier_transaction():
    entry, account = LedgerEntryFactory(), LedgerAccountFactory()

    # Balanced by themselves, so that only the seal speaks.
    legs = [
        LedgerLegFactory.build(entry=entry, account=account, amount_cents=cents)
        for cents in (5, -5)
    ]
    with pytest.raises(IntegrityError):
        LedgerLeg.objects.bulk_create(legs)

    assert entry.legs.count() == 2


@pytest.mark.breaks("ledger_entry_is_sealed")
def test_a_leg_has_an_entry():
    with transaction.atomic():
        entry = LedgerEntryFactory(balanced=False)
        LedgerLegFactory(entry=entry)
        transaction.set_rollback(True)
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerLegFactory(entry=LedgerEntry(pk=entry.pk))


@pytest.mark.django_db(transaction=True)
def test_legs_join_their_entry_in_a_nested_transaction():
    account = LedgerAccountFactory()
    with transaction.atomic():
        with transaction.atomic():
            entry = LedgerEntryFactory(balanced=False)
        with transaction.atomic():
            for cents in (5, -5):
                LedgerLegFactory(entry=entry, account=account, amount_cents=cents)

    assert entry.legs.count() == 2


# ------------------------------------------------------------------ once, and whose


@pytest.mark.breaks("ledger_entry_is_posted_once_per_event")
def test_an_event_has_one_entry():
    LedgerEntryFactory(key="sale:1")

    is_refused(LedgerEntryFactory, {"key": "sale:2"}, {"key": "sale:1"})


@pytest.mark.breaks("payouts_ledgerentry.reverses_id")
def test_an_entry_is_reversed_once():
    sent, other = LedgerEntryFactory.create_batch(2)
    LedgerEntryFactory(reverses=sent)

    is_refused(LedgerEntryFactory, {"reverses": other}, {"reverses": sent})


@pytest.mark.breaks("ledger_leg_is_not_zero")
def test_a_leg_moves_something():
    entry = LedgerEntryFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerLegFactory(entry=entry, amount_cents=0)


@pytest.mark.breaks("ledger_leg_has_the_currency_of_its_account")
def test_a_leg_has_the_currency_of_its_account():
    debit, credit = LedgerAccountFactory.create_batch(2, currency="EUR")

    def entry(currency):
        with transaction.atomic():
            entry = LedgerEntryFactory(balanced=False)
            for account, cents in ((debit, 5), (credit, -5)):
                LedgerLegFactory(
                    entry=entry, account=account, amount_cents=cents, currency=currency
                )
            connection.check_constraints()

    entry("EUR")
    with pytest.raises(IntegrityError):
        entry("USD")


@pytest.mark.breaks("ledger_account_exists_once")
@pytest.mark.parametrize("trait", ["bank", "shops", None])
def test_an_account_exists_once(trait):
    fields = {trait: True} if trait else {}
    first = LedgerAccountFactory(**fields)
    same = {**fields, "shop": first.shop, "creator": first.creator}

    is_refused(LedgerAccountFactory, {**same, "currency": "USD"}, {"currency": "EUR"})


@pytest.mark.breaks("ledger_account_belongs_to_whom_its_kind_says")
@pytest.mark.parametrize(
    ("kind", "owner", "wrong"),
    [
        ("shop_owed", "shop", ["creator", "both", "nobody"]),
        ("creator_accrued", "creator", ["shop", "both", "nobody"]),
        ("creator_payable", "creator", ["shop", "both", "nobody"]),
        ("in_transit", "creator", ["shop", "both", "nobody"]),
        ("bank", "nobody", ["shop", "creator", "both"]),
    ],
)
def test_an_account_belongs_to_whom_its_kind_says(kind, owner, wrong):
    owners = {
        "shop": {"shop": ShopFactory(), "creator": None},
        "creator": {"shop": None, "creator": CreatorFactory()},
        "nobody": {"shop": None, "creator": None},
    }
    owners["both"] = {
        "shop": owners["shop"]["shop"],
        "creator": owners["creator"]["creator"],
    }
    for each in wrong:
        is_refused(LedgerAccountFactory, {"kind": kind, **owners[owner]}, owners[each])


@pytest.mark.breaks("ledger_account_belongs_to_whom_its_kind_says")
def test_an_account_is_of_a_known_kind():
    is_refused(LedgerAccountFactory, {"kind": "in_transit"}, {"kind": "petty_cash"})
