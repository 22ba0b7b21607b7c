"""Posting: balanced, once per event, also at once; what balances say (G1, G3)."""

import pytest

from payouts import ledger
from payouts.models import AccountKind, LedgerAccount, LedgerEntry, LedgerLeg
from tests.common.racing import race
from tests.factories.creators import CreatorFactory
from tests.factories.shops import MOMENT, ShopFactory
from tests.payouts.dropping import dropped

pytestmark = pytest.mark.django_db

OWED, ACCRUED, PAYABLE, TRANSIT, BANK = AccountKind


@pytest.fixture
def lea():
    return CreatorFactory()


@pytest.fixture
def shop():
    return ShopFactory()


def move(key, debit, credit, cents, **whose):
    return ledger.Move(key, "test", debit, credit, cents, "EUR", **whose)


def earned(key, lea, shop, cents=400):
    return move(key, OWED, ACCRUED, cents, shop_id=shop.pk, creator_id=lea.pk)


def post(*moves):
    return ledger.post(moves, at=MOMENT)


def legs(key):
    """Return an entry's legs as (account, amount), the debit first."""
    found = LedgerLeg.objects.filter(entry__key=key).order_by("-amount_cents")
    return [(leg.account.kind, leg.amount_cents) for leg in found]


def test_a_move_is_one_entry_of_two_legs(lea, shop):
    assert post(earned("sale:1", lea, shop)) == 1

    assert legs("sale:1") == [("shop_owed", 400), ("creator_accrued", -400)]
    entry = LedgerEntry.objects.get()
    assert (entry.key, entry.kind, entry.at) == ("sale:1", "test", MOMENT)


def test_a_negative_move_goes_back(lea, shop):
    post(earned("reversal:1", lea, shop, -100))

    assert legs("reversal:1") == [("creator_accrued", 100), ("shop_owed", -100)]


def test_a_move_of_nothing_leaves_nothing(lea, shop):
    assert post(earned("sale:1", lea, shop, 0)) == 0
    assert post() == 0

    assert not LedgerEntry.objects.exists()


def test_accounts_are_opened_once_each(lea, shop):
    post(earned("sale:1", lea, shop), earned("sale:2", lea, shop))
    post(earned("sale:3", lea, shop))

    assert LedgerAccount.objects.count() == 2
    assert LedgerEntry.objects.count() == 3


def test_each_currency_and_each_owner_has_accounts_of_its_own(lea, shop):
    zoe = CreatorFactory()
    dollars = ledger.Move(
        "sale:3", "test", OWED, ACCRUED, 7, "USD", shop_id=shop.pk, creator_id=lea.pk
    )
    post(earned("sale:1", lea, shop), earned("sale:2", zoe, shop), dollars)

    assert LedgerAccount.objects.filter(kind=ACCRUED).count() == 3
    assert LedgerAccount.objects.filter(kind=OWED).count() == 2


def test_an_event_is_posted_once(lea, shop):
    post(earned("sale:1", lea, shop))

    with pytest.raises(ledger.AlreadyPosted):
        post(earned("sale:2", lea, shop), earned("sale:1", lea, shop, 500))

    assert LedgerEntry.objects.count() == 1
    assert post(earned("sale:2", lea, shop)) == 1


def test_one_event_twice_in_one_posting_is_refused(lea, shop):
    with pytest.raises(ledger.AlreadyPosted):
        post(earned("sale:1", lea, shop), earned("sale:1", lea, shop))

    assert not LedgerEntry.objects.exists()


def test_a_select_is_posted_as_a_list_is(lea, shop):
    select = """select 'sale:' || n, 'test', %(at)s, 'shop_owed', 'creator_accrued',
                       n * 100, 'EUR', %(shop)s, %(creator)s, null::text
                  from generate_series(0, 3) n"""
    values = {"at": MOMENT, "shop": shop.pk, "creator": lea.pk}

    assert ledger.post(select, values, at=MOMENT) == 3

    assert legs("sale:3") == [("shop_owed", 300), ("creator_accrued", -300)]


def test_an_entry_names_what_it_takes_back(lea):
    whose = {"creator_id": lea.pk}
    post(move("sent:1", PAYABLE, TRANSIT, 500, **whose))
    post(move("returned:1", TRANSIT, PAYABLE, 500, reverses="sent:1", **whose))

    assert LedgerEntry.objects.get(key="returned:1").reverses.key == "sent:1"


def test_an_entry_is_taken_back_once(lea):
    whose = {"creator_id": lea.pk}
    post(move("sent:1", PAYABLE, TRANSIT, 500, **whose))
    post(move("returned:1", TRANSIT, PAYABLE, 500, reverses="sent:1", **whose))

    with pytest.raises(ledger.AlreadyPosted):
        post(move("returned:2", TRANSIT, PAYABLE, 500, reverses="sent:1", **whose))

    assert LedgerEntry.objects.count() == 2


def test_what_was_never_posted_cannot_be_taken_back(lea):
    with pytest.raises(ledger.NeverPosted):
        post(
            move(
                "returned:1", TRANSIT, PAYABLE, 5, reverses="sent:9", creator_id=lea.pk
            )
        )

    assert not LedgerEntry.objects.exists()


# ------------------------------------------------------------------ balances


def test_nobody_has_a_balance_before_anything_is_posted(lea):
    assert ledger.balances(lea.pk) == []


def test_money_goes_from_expected_to_payable_to_the_bank(lea, shop):
    whose = {"creator_id": lea.pk}
    steps = [
        earned("sale:1", lea, shop, 900),
        move("approval:1", ACCRUED, PAYABLE, 900, **whose),
        move("sent:1", PAYABLE, TRANSIT, 900, **whose),
    ]
    seen = []
    for step in steps:
        post(step)
        (balance,) = ledger.balances(lea.pk)
        seen.append(
            (balance.accrued_cents, balance.payable_cents, balance.in_transit_cents)
        )

    assert seen == [(900, 0, 0), (0, 900, 0), (0, 0, 900)]


def paid(lea, cents=900, number=1):
    whose = {"creator_id": lea.pk}
    post(move(f"sent:{number}", PAYABLE, TRANSIT, cents, **whose))
    ledger.post(
        [ledger.Move(f"paid:{number}", "paid", TRANSIT, BANK, cents, "EUR", **whose)],
        at=MOMENT,
    )


def test_what_is_paid_is_counted_and_what_came_back_is_not(lea):
    paid(lea, 900, 1)
    paid(lea, 100, 2)
    assert ledger.balances(lea.pk) == [ledger.Balance("EUR", 0, -1000, 0, 1000)]

    back = ledger.Move(
        "returned_paid:2", "returned_paid", BANK, TRANSIT, 100, "EUR", None, lea.pk
    )
    ledger.post([back], at=MOMENT)

    assert ledger.balances(lea.pk) == [ledger.Balance("EUR", 0, -1000, 100, 900)]


def test_each_currency_has_a_balance_of_its_own(lea, shop):
    dollars = ledger.Move("s:2", "test", OWED, ACCRUED, 7, "USD", shop.pk, lea.pk)
    post(earned("s:1", lea, shop, 400), dollars)

    assert ledger.balances(lea.pk) == [
        ledger.Balance("EUR", 400, 0, 0, 0),
        ledger.Balance("USD", 7, 0, 0, 0),
    ]


def test_balances_are_ones_own(lea, shop):
    post(earned("s:1", lea, shop), earned("s:2", CreatorFactory(), shop))

    assert ledger.balances(lea.pk) == [ledger.Balance("EUR", 400, 0, 0, 0)]


# ------------------------------------------------------------------ at once (I3)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_that_post_one_event_one_wins(lea, shop):
    done = race([lambda: post(earned("sale:1", lea, shop))] * 20)

    refused = [each for each in done if isinstance(each, ledger.AlreadyPosted)]
    assert (done.count(1), len(refused)) == (1, 19)
    assert ledger.balances(lea.pk)[0].accrued_cents == 400


@pytest.mark.django_db(transaction=True)
def test_of_twenty_that_take_one_entry_back_one_wins(lea):
    whose = {"creator_id": lea.pk}
    post(move("sent:1", PAYABLE, TRANSIT, 500, **whose))

    done = race(
        [
            lambda n=n: post(
                move(f"r:{n}", TRANSIT, PAYABLE, 500, reverses="sent:1", **whose)
            )
            for n in range(20)
        ]
    )

    refused = [each for each in done if isinstance(each, ledger.AlreadyPosted)]
    assert (done.count(1), len(refused)) == (1, 19)
    assert ledger.balances(lea.pk)[0].in_transit_cents == 0


@pytest.mark.django_db(transaction=True)
def test_without_the_key_twenty_would_all_be_posted(lea, shop):
    post(earned("sale:0", lea, shop))
    with dropped("payouts_ledgerentry", "ledger_entry_is_posted_once_per_event"):
        done = race([lambda: post(earned("sale:1", lea, shop))] * 20)

    assert done == [1] * 20


@pytest.mark.django_db(transaction=True)
def test_many_open_the_same_accounts_at_once(shop):
    people = CreatorFactory.create_batch(5)

    done = race(
        [
            lambda n=n: post(
                *[
                    earned(f"s:{n}:{lea.pk}", lea, shop)
                    for lea in people[:: 1 - n % 2 * 2]
                ]
            )
            for n in range(16)
        ]
    )

    assert done == [5] * 16
    assert LedgerAccount.objects.count() == 6
