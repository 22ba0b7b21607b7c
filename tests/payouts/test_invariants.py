"""The self-check finds and names what was corrupted on purpose (G2, invariant I16)."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from affiliate.common import queues
from creators.models import UnaccruedVerdict, Verdict
from payouts import commissions, invariants, runs
from payouts.models import (
    CHUNK_ATTEMPTS,
    BankAccount,
    Commission,
    LedgerEntry,
    LedgerLeg,
    Payout,
    PayoutLine,
    RunChunk,
    StuckApproval,
)
from shops.models import Budget, EarlyEvent, Order, OrderLine, UnsettledLine
from tests.factories.common import UserFactory
from tests.factories.payouts import (
    BankAccountFactory,
    LedgerEntryFactory,
    StuckApprovalFactory,
)
from tests.factories.shops import BudgetFactory, EarlyEventFactory
from tests.payouts.earning import NOW, cancel, earn, enrolled, program, refund, sell
from tests.payouts.paying import OPENED, draft, payable, run_of, send

pytestmark = pytest.mark.django_db
LATER = OPENED + timedelta(days=3)


class World:
    """A creator with money in every state, and nothing wrong."""

    def __init__(self):
        self.lea = enrolled(program(rate_bp=1000))
        self.zoe = enrolled(self.lea.program)
        # The hold first: each audit trail is one lock, and the platform's comes last.
        self.held = earn(self.lea, 70_000)
        self.waits = self._waiting()
        self.budget = BudgetFactory(program=program(rate_bp=1000), boost=None)
        earn(enrolled(self.budget.program), 4000)
        self.paid, self.came_back = earn(self.lea, 50_000), earn(self.zoe, 50_000)
        run = run_of(self.paid, self.came_back)
        send(run)
        back = Payout.objects.get(creator=self.zoe.creator)
        runs.return_payout(back.pk, "Closed.", at=LATER)
        self.finished = runs.finish(run.pk, at=LATER)
        refund(self.paid.line, 1000, at=LATER)
        self.nobodys = sell(self.lea, codes=["NOPE"])
        self.sent_sale = earn(self.zoe, 90_000, at=LATER)
        self.void = earn(self.lea, 4000, at=LATER)
        cancel(self.void.line, at=LATER)
        commissions.approve(at=LATER)
        self.sent = self._send_another_month()

    def _waiting(self):
        late = NOW.replace(month=12, day=30, year=2027)
        return earn(self.lea, 30_000, placed_at=late, at=late)

    def _send_another_month(self):
        at = LATER + timedelta(days=30)
        payable(self.lea.creator)
        run = draft(LATER.date(), at=at)
        return send(run, at=at)[0]


@pytest.fixture
def world():
    world = World()
    # What a commit would look at is looked at before anything is corrupted.
    connection.check_constraints()
    return world


def corrupt(statement, *values):
    """Change what no constraint, trigger or key allows to be changed."""
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(statement, values)
        assert cursor.rowcount > 0
        cursor.execute("set local session_replication_role = origin")


def change(model, pk, words, *values):
    corrupt(f"update {model._meta.db_table} set {words} where id = %s", *values, pk)


def remove(model, column, value):
    corrupt(f"delete from {model._meta.db_table} where {column} = %s", value)


def entry_of(sale):
    return LedgerEntry.objects.get(key=f"commission:{sale.pk}")


# ------------------------------------------------------------------ what may go wrong


def a_leg_grows(world):
    change(LedgerLeg, entry_of(world.paid).legs.first().pk, "amount_cents = 5001")


def a_leg_is_lost(world):
    remove(LedgerLeg, "id", entry_of(world.paid).legs.last().pk)


def the_legs_are_lost(world):
    remove(LedgerLeg, "entry_id", entry_of(world.paid).pk)


def an_entry_is_lost(world):
    entry = entry_of(world.paid)
    remove(LedgerLeg, "entry_id", entry.pk)
    remove(LedgerEntry, "id", entry.pk)


def a_commission_grows(world):
    change(Commission, world.waits.pk, "amount_cents = amount_cents + 1")


def a_payment_is_forged(world):
    shop = entry_of(world.paid).legs.get(account__kind="shop_owed").account
    payable_ = LedgerLeg.objects.filter(
        account__kind="creator_payable", account__creator=world.lea.creator
    ).first()
    LedgerEntryFactory(debit=shop, credit=payable_.account, amount_cents=1)


def a_debt_is_forged(world):
    shop = entry_of(world.paid).legs.get(account__kind="shop_owed").account
    bank = LedgerLeg.objects.filter(account__kind="bank").first().account
    LedgerEntryFactory(debit=shop, credit=bank, amount_cents=1)


def a_commission_is_approved_by_hand(world):
    change(Commission, world.waits.pk, "status = 'approved'")


def a_commission_is_another_creators(world):
    change(Commission, world.waits.pk, "creator_id = %s", world.zoe.creator_id)


def a_verdict_is_lost(world):
    UnaccruedVerdict.objects.all().delete()
    remove(Verdict, "line_id", world.waits.line_id)


def a_refund_is_forged(world):
    change(OrderLine, world.waits.line_id, "refunded_cents = 5")


def a_price_is_changed(world):
    change(OrderLine, world.waits.line_id, "net_cents = net_cents * 2")


def a_cancellation_is_not_queued(world):
    change(Order, world.waits.line.order_id, "status = 'cancelled'")


def a_sale_is_voided_alone(world):
    change(Commission, world.waits.pk, "status = 'void'")


def a_sale_is_lost(world):
    change(Commission, world.waits.pk, "line_id = %s", world.nobodys.pk)


def a_payout_grows(world):
    change(Payout, world.sent.payouts.first().pk, "amount_cents = amount_cents + 1")


def a_payout_line_is_another_amount(world):
    first = PayoutLine.objects.filter(
        payout__run=world.finished, is_active=True
    ).first()
    change(PayoutLine, first.pk, "amount_cents = amount_cents - 1")
    change(Payout, first.payout_id, "amount_cents = amount_cents - 1")


def a_payout_line_is_let_go(world):
    line = PayoutLine.objects.filter(payout__run=world.sent, is_active=True).first()
    change(PayoutLine, line.pk, "is_active = false")


def a_paid_sale_is_payable_again(world):
    change(Commission, world.paid.pk, "status = 'approved'")


def a_sale_is_called_paid(world):
    change(Commission, world.waits.pk, "status = 'paid'")


def a_payout_is_redirected(world):
    stranger = BankAccountFactory(usable=True)
    change(Payout, world.sent.payouts.first().pk, "bank_account_id = %s", stranger.pk)


def an_account_loses_its_verification(world):
    account = world.sent.payouts.first().bank_account_id
    change(BankAccount, account, "verified_at = null, usable_from = null")


def a_run_is_called_finished(world):
    change(type(world.sent), world.sent.pk, "status = 'finished'")


def a_payout_is_called_dropped(world):
    change(Payout, world.sent.payouts.first().pk, "status = 'dropped'")


def an_event_waits_for_an_order_that_is_here(world):
    order = world.waits.line.order
    EarlyEventFactory(shop=order.shop, order_external_id=order.external_id)
    assert EarlyEvent.objects.exists()


def a_line_cannot_be_judged(world):
    UnsettledLine.objects.create(
        line=world.nobodys, attempts=queues.MAX_ATTEMPTS, last_error="KeyError in x"
    )


def a_line_cannot_be_accrued(world):
    UnaccruedVerdict.objects.create(
        verdict_id=world.waits.line_id, attempts=queues.MAX_ATTEMPTS
    )


def a_commission_cannot_be_approved(world):
    StuckApprovalFactory(commission=world.waits, attempts=queues.MAX_ATTEMPTS)
    assert StuckApproval.objects.exists()


def a_chunk_cannot_be_built(world):
    run = runs.open_run(OPENED.date() - timedelta(days=90), at=LATER)
    RunChunk.objects.create(
        run=run, first_creator_id=1, last_creator_id=2, attempts=CHUNK_ATTEMPTS
    )


def a_budget_is_spent_on_nothing(world):
    change(Budget, world.budget.pk, "spent_cents = spent_cents + 1")


CORRUPTIONS = {
    a_budget_is_spent_on_nothing: "budget_is_what_was_granted",
    a_leg_grows: "entry_balances",
    a_leg_is_lost: "entry_balances",
    the_legs_are_lost: "entry_balances",
    an_entry_is_lost: "commission_is_in_the_ledger",
    a_commission_grows: "commission_is_in_the_ledger",
    a_payment_is_forged: "balance_equals_the_ledger",
    a_debt_is_forged: "shop_owes_what_was_earned",
    a_commission_is_approved_by_hand: "balance_equals_the_ledger",
    a_commission_is_another_creators: "balance_equals_the_ledger",
    a_verdict_is_lost: "line_has_one_verdict",
    a_refund_is_forged: "refunds_add_up",
    a_price_is_changed: "line_earns_what_its_facts_say",
    a_cancellation_is_not_queued: "line_earns_what_its_facts_say",
    a_sale_is_voided_alone: "void_is_worth_nothing",
    a_sale_is_lost: "attributed_line_has_a_sale",
    a_payout_grows: "payout_equals_its_lines",
    a_payout_line_is_another_amount: "payout_equals_its_lines",
    a_payout_line_is_let_go: "commission_is_paid_once",
    a_paid_sale_is_payable_again: "commission_is_paid_once",
    a_sale_is_called_paid: "commission_is_paid_once",
    a_payout_is_redirected: "payout_goes_to_its_creator",
    an_account_loses_its_verification: "payout_goes_to_its_creator",
    a_run_is_called_finished: "run_fits_its_payouts",
    a_payout_is_called_dropped: "run_fits_its_payouts",
    an_event_waits_for_an_order_that_is_here: "early_event_waits_for_its_order",
    a_line_cannot_be_judged: "line_can_be_judged",
    a_line_cannot_be_accrued: "line_can_be_accrued",
    a_commission_cannot_be_approved: "commission_can_be_approved",
    a_chunk_cannot_be_built: "run_can_be_built",
}


@pytest.mark.parametrize(
    "corruption", CORRUPTIONS, ids=lambda corruption: corruption.__name__
)
def test_what_is_corrupted_is_found_and_named(world, corruption):
    assert list(invariants.findings()) == []
    corruption(world)

    found = list(invariants.findings())

    assert CORRUPTIONS[corruption] in {finding.proof for finding in found}
    assert all(finding.subject and finding.figures for finding in found)


def test_every_proof_is_broken_here():
    proofs = {proof.name for proof in invariants.PROOFS}

    assert proofs == set(CORRUPTIONS.values())


def test_the_world_has_money_in_every_state(world):
    assert set(Commission.objects.values_list("status", flat=True)) >= {
        "pending",
        "approved",
        "in_run",
        "paid",
        "void",
    }
    assert set(Payout.objects.values_list("status", flat=True)) == {
        "sent",
        "paid",
        "returned",
    }


def test_a_finding_says_what_and_how_much(world):
    change(
        Payout, world.sent.payouts.get(creator=world.zoe.creator).pk, "amount_cents = 7"
    )

    finding, *_ = (
        each
        for each in invariants.findings()
        if each.proof == "payout_equals_its_lines"
    )

    assert finding.subject == f"RUN-202701-EUR-1-{world.zoe.creator_id}"
    assert finding.figures == "7 against 14000 of lines and 14000 of commissions"
    assert finding.meaning.startswith("A payout is not the sum of its lines")


def test_at_most_twenty_of_a_kind_are_shown(world):
    corrupt(
        """insert into payouts_ledgerentry (key, kind, at)
           select 'forged:' || n, 'sale', now() from generate_series(1, 25) n"""
    )

    found = [each for each in invariants.findings() if each.proof == "entry_balances"]

    assert len(found) == 20


# ------------------------------------------------------------------ the command


def checked():
    """Return the command's exit status and its figures."""
    out = StringIO()
    try:
        call_command("self_check", "--json", stdout=out)
    except CommandError as error:
        return error.returncode, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def test_the_command_exits_with_0_when_all_is_well(world):
    status, figures = checked()

    assert (status, figures["findings"], figures["found"]) == (0, 0, [])
    assert figures["proofs"] > len(invariants.PROOFS)


def test_the_command_exits_with_1_and_names_what_differs(world):
    a_sale_is_voided_alone(world)

    status, figures = checked()

    assert status == 1
    assert "void_is_worth_nothing" in {each["proof"] for each in figures["found"]}


def test_the_command_says_it_in_words_too(world):
    a_refund_is_forged(world)
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("self_check", stdout=out)

    assert f"refunds_add_up: line {world.waits.line_id}: 5 kept" in out.getvalue()


def test_an_audit_trail_that_was_changed_is_found(world):
    UserFactory()
    corrupt("update audit_entry set action = 'run.painted' where action = 'run.sent'")

    status, figures = checked()

    assert status == 1
    assert {each["proof"] for each in figures["found"]} == {"audit_chain_is_whole"}
