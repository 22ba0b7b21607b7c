"""What the database refuses of payouts and their lines (invariants I9 to I11, I13)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from payouts.models import Payout, PayoutLine, PayoutStatus
from tests.factories.creators import CreatorFactory
from tests.factories.payouts import (
    BankAccountFactory,
    CommissionFactory,
    PayoutFactory,
    PayoutLineFactory,
    RunFactory,
)
from tests.factories.shops import MOMENT
from tests.payouts.arrows import moves
from tests.shops.refusals import is_refused

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.mark.breaks("payout_once_per_creator_and_run")
def test_a_creator_has_one_payout_a_run():
    first = PayoutFactory()
    again = {"creator": first.creator, "bank_account": first.bank_account}

    is_refused(
        PayoutFactory,
        {**again, "run": RunFactory(draft=True), "end_to_end_id": "E-2"},
        {"run": first.run},
    )


@pytest.mark.breaks("payout_end_to_end_id_is_unique")
def test_an_end_to_end_id_is_used_once():
    PayoutFactory(end_to_end_id="E-1")

    is_refused(PayoutFactory, {"end_to_end_id": "E-2"}, {"end_to_end_id": "E-1"})


@pytest.mark.breaks("payout_status_is_known")
def test_a_payout_is_in_a_known_state():
    # No arrow leads to a state that is not known, so the row is made in it.
    fields = payout_fields(amount_cents=5, run=RunFactory(), status="sent")

    with transaction.atomic():
        Payout.objects.create(**fields)
        transaction.set_rollback(True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.create(**{**fields, "status": "lost"})


@pytest.mark.parametrize(
    ("status", "good", "bad"),
    [
        ("claiming", None, 5),
        ("draft", 1, 0),
        ("draft", 1, -1),
        ("sent", 1, 0),
        ("dropped", 1, -5),
    ],
)
@pytest.mark.breaks("payout_is_positive_once_claimed")
def test_a_payout_is_positive_once_it_is_summed(status, good, bad):
    fields = payout_fields(status=status, run=RunFactory())

    with transaction.atomic():
        Payout.objects.create(**fields, amount_cents=good)
        transaction.set_rollback(True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.create(**fields, amount_cents=bad)


@transaction.atomic
def at_commit(change):
    """Do it and look at what is otherwise looked at when the commit comes."""
    change()
    connection.check_constraints()


def payout_fields(**fields):
    """Return what a payout row needs, to be made without its lines."""
    account = BankAccountFactory(usable=True)
    return {
        "creator": account.creator,
        "bank_account": account,
        "currency": "EUR",
        "end_to_end_id": "E-1",
        **fields,
    }


@pytest.mark.breaks("payout_moves_along_its_arrows")
def test_a_payout_moves_along_its_arrows_only():
    def payout(status):
        if status != PayoutStatus.CLAIMING:
            return PayoutFactory(status=status)
        fields = payout_fields(run=RunFactory(), end_to_end_id="CLAIMING")
        claiming = Payout.objects.create(**fields)
        claim(claiming, 2500, base_cents=2500)
        return claiming

    with transaction.atomic():
        found = moves(Payout, list(PayoutStatus), payout, amount_cents=2500)
        transaction.set_rollback(True)  # nothing may be left claiming

    assert found == {
        ("claiming", "draft"),
        ("draft", "sent"),
        ("draft", "dropped"),
        ("sent", "paid"),
        ("sent", "returned"),
        ("paid", "returned"),
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("run", lambda: RunFactory(draft=True)),
        ("creator", CreatorFactory),
        ("bank_account", lambda: BankAccountFactory(usable=True)),
        ("currency", lambda: "USD"),
        ("end_to_end_id", lambda: "OTHER"),
    ],
)
@pytest.mark.breaks("payout_facts_stay")
def test_where_a_payout_goes_stays(field, value):
    payout = PayoutFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(**{field: value()})


@pytest.mark.breaks("payout_is_never_deleted")
def test_a_payout_is_never_deleted():
    payout = PayoutFactory(dropped=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.filter(pk=payout.pk)._raw_delete("default")


# ------------------------------------------------------------------ the account


@pytest.mark.breaks("payout_account_is_the_creators_own")
@pytest.mark.parametrize("whose", ["another's", "in another currency"])
def test_a_payout_goes_to_the_creators_own_account(whose):
    lea = CreatorFactory()
    own = BankAccountFactory(creator=lea, usable=True)
    wrong = BankAccountFactory(
        usable=True,
        **({} if whose == "another's" else {"creator": lea, "currency": "USD"}),
    )

    is_refused(
        PayoutFactory, {"creator": lea, "bank_account": own}, {"bank_account": wrong}
    )


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (
            {"verified_at": MOMENT, "usable_from": MOMENT},
            {"verified_at": None, "usable_from": None},
        ),
        ({"verified_at": MOMENT, "usable_from": MOMENT}, {"usable_from": None}),
        (
            {"verified_at": MOMENT - 2 * SECOND, "usable_from": MOMENT},
            {"usable_from": MOMENT + SECOND},
        ),
        ({"usable": True, "ended_at": MOMENT + SECOND}, {"ended_at": MOMENT}),
    ],
    ids=str,
)
@pytest.mark.breaks("payout_account_is_usable")
def test_a_payout_goes_to_an_account_usable_when_the_run_was_opened(good, bad):
    def payout(**account):
        lea = CreatorFactory()
        return PayoutFactory(
            run=RunFactory(draft=True, opened_at=MOMENT),
            creator=lea,
            bank_account=BankAccountFactory(creator=lea, **account),
        )

    is_refused(payout, good, bad)


# ------------------------------------------------------------------ lines


def claim(payout, cents, *, of=None, **fields):
    sale = CommissionFactory(
        enrollment__creator=of or payout.creator,
        in_run=True,
        amount_cents=abs(cents),
        **fields,
    )
    PayoutLineFactory(payout=payout, commission=sale, amount_cents=cents)


def claimed(cents, of_lines, *, currency="EUR", creator=None):
    """Claim commissions of these cents into a payout that says `cents`."""
    lea = CreatorFactory()
    fields = payout_fields(
        creator=lea,
        bank_account=BankAccountFactory(creator=lea, usable=True),
        run=RunFactory(),
        end_to_end_id=f"E-{lea.pk}",
    )
    with transaction.atomic():
        payout = Payout.objects.create(**fields)
        for amount in of_lines:
            claim(payout, amount, of=creator, currency=currency)
        payout.amount_cents, payout.status = cents, "draft"
        payout.save(update_fields=["amount_cents", "status"])
        connection.check_constraints()


@pytest.mark.parametrize(
    ("cents", "lines"), [(500, [400]), (399, [400]), (400, []), (800, [400, 300])]
)
@pytest.mark.breaks("payout_is_summed_from_its_lines")
def test_a_payout_equals_its_lines(cents, lines):
    claimed(sum(lines) or 400, lines or [400])
    with pytest.raises(IntegrityError):
        claimed(cents, lines)


@pytest.mark.breaks("payout_is_summed_from_its_lines")
def test_a_line_says_what_its_commission_says():
    claimed(400, [400])
    with pytest.raises(IntegrityError):
        claimed(-400 + 800, [-400, 800])


@pytest.mark.parametrize("strange", ["currency", "creator"])
@pytest.mark.breaks("payout_is_summed_from_its_lines")
def test_a_payout_has_lines_of_its_creator_in_its_currency(strange):
    other = (
        {"currency": "USD"} if strange == "currency" else {"creator": CreatorFactory()}
    )

    claimed(400, [400])
    with pytest.raises(IntegrityError):
        claimed(400, [400], **other)


@pytest.mark.breaks("payout_equals_its_lines")
def test_no_payout_begins_without_lines():
    fields = payout_fields(run=RunFactory(), status="draft", amount_cents=400)

    with pytest.raises(IntegrityError):
        at_commit(lambda: Payout.objects.create(**fields))


@pytest.mark.breaks("payout_is_not_left_claiming")
def test_nothing_is_left_claiming():
    fields = payout_fields(run=RunFactory())

    with pytest.raises(IntegrityError):
        at_commit(lambda: Payout.objects.create(**fields))


@pytest.mark.breaks("payout_still_equals_its_lines")
def test_a_sum_does_not_change_alone():
    sent = PayoutFactory(amount_cents=2500, sent=True)
    payouts = Payout.objects.filter(pk=sent.pk)
    connection.check_constraints()

    with pytest.raises(IntegrityError):
        at_commit(lambda: payouts.update(amount_cents=2501))


@pytest.mark.breaks("payout_still_equals_its_lines")
@pytest.mark.parametrize("status", ["returned", "dropped"])
def test_a_payout_that_is_over_keeps_no_live_line(status):
    start = "sent" if status == "returned" else "draft"
    payouts = Payout.objects.filter(pk=PayoutFactory(status=start).pk)
    connection.check_constraints()

    with pytest.raises(IntegrityError):
        at_commit(lambda: payouts.update(status=status))


@pytest.mark.breaks("payout_is_sealed")
def test_no_line_joins_a_payout_that_is_summed():
    payout = PayoutFactory()
    late = CommissionFactory(enrollment__creator=payout.creator, in_run=True)

    with pytest.raises(IntegrityError), transaction.atomic():
        PayoutLineFactory(payout=payout, commission=late)


@pytest.mark.breaks("commission_is_paid_once")
def test_a_commission_is_in_one_live_payout():
    draft, over = PayoutFactory(), PayoutFactory(returned=True)
    taken, free = draft.lines.get().commission, over.lines.get().commission

    PayoutFactory(
        creator=free.creator, bank_account=over.bank_account, commissions=[free]
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        PayoutFactory(
            creator=taken.creator, bank_account=draft.bank_account, commissions=[taken]
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_cents", lambda: 1),
        ("commission", CommissionFactory),
        ("payout", PayoutFactory),
    ],
)
@pytest.mark.breaks("payoutline_facts_stay")
def test_what_a_line_says_stays(field, value):
    line = PayoutLineFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        PayoutLine.objects.filter(pk=line.pk).update(**{field: value()})


@pytest.mark.breaks("payoutline_is_never_deleted")
def test_a_line_is_never_deleted():
    line = PayoutLineFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        line.delete()


@pytest.mark.parametrize("status", ["draft", "sent", "paid"])
@pytest.mark.breaks("payoutline_leaves_with_its_payout")
def test_a_line_stays_while_its_payout_lives(status):
    payout = PayoutFactory(status=status)

    with pytest.raises(IntegrityError), transaction.atomic():
        payout.lines.update(is_active=False)


@pytest.mark.parametrize("status", ["returned", "dropped"])
@pytest.mark.breaks("payoutline_leaves_with_its_payout")
def test_a_line_that_left_never_comes_back(status):
    payout = PayoutFactory(status=status)

    with pytest.raises(IntegrityError), transaction.atomic():
        payout.lines.update(is_active=True)
