"""Sales, refunds, runs and returns in any order, against a model of a few lines (I8).

After every step every invariant is proved on the database, and once nothing waits the
ledger's balances equal the model's. MACHINE_EXAMPLES=500 looks for longer.
"""

import os
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from creators import attribution
from creators.models import UnaccruedVerdict
from payouts import commissions, invariants, ledger, runs
from payouts.models import Commission, DeclineReason, Payout
from shops import orders
from shops.models import OrderLine, UnsettledLine
from shops.orders import LineFacts, OrderFacts, RefundFacts, RefundLineFacts
from tests.factories.common import UserFactory
from tests.factories.creators import CodeFactory, EnrollmentFactory
from tests.factories.payouts import BankAccountFactory, TaxProfileFactory
from tests.factories.shops import ProgramFactory, RateFactory

START = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "12"))
# Lea has 10 % of what remains, halves up; Zoe has 20 %; Max has no bank account.
EARNS = {
    "lea": lambda cents: (cents + 5) // 10,
    "zoe": lambda cents: (2 * cents + 5) // 10,
    "max": lambda cents: (cents + 5) // 10,
}
numbers = st.integers(0, 10**6)


@dataclass
class Line:
    """What the model knows of a line."""

    number: str
    name: str
    net: int
    refunded: int = 0
    is_paid: bool = True
    is_cancelled: bool = False
    is_declined: bool = False
    version: int = 1

    def earned(self):
        if self.is_cancelled or self.is_declined or not self.is_paid:
            return 0
        return EARNS[self.name](self.net - self.refunded)


@dataclass
class Model:
    """Lines, and payouts as (name, amount, state) by reference."""

    lines: list[Line] = field(default_factory=list)
    payouts: dict[str, tuple[str, int, str]] = field(default_factory=dict)

    def earned(self, name):
        return sum(line.earned() for line in self.lines if line.name == name)

    def moved(self, name, state):
        return sum(
            cents
            for whose, cents, now in self.payouts.values()
            if (whose, now) == (name, state)
        )

    def move(self, references, state):
        for reference in references:
            name, cents, _ = self.payouts[reference]
            self.payouts[reference] = name, cents, state


class Marketplace(RuleBasedStateMachine):
    """One shop, three creators, and a clock that only goes forward."""

    @initialize()
    def open_the_shop(self):
        call_command("flush", interactive=False, verbosity=0)
        self.now, self.model, self.run = START, Model(), None
        program = ProgramFactory(active=True, rate_bp=1000, hold_days=0)
        self.shop, self.people, self.desk = program.shop, {}, UserFactory()
        for name in EARNS:
            enrollment = EnrollmentFactory(
                program=program, creator__handle=name, since=START
            )
            CodeFactory(enrollment=enrollment, code=name.upper())
            TaxProfileFactory(creator=enrollment.creator)
            if name != "max":
                BankAccountFactory(
                    creator=enrollment.creator, verified_at=START, usable_from=START
                )
            if name == "zoe":
                RateFactory(program=program, audience=enrollment.audience, rate_bp=2000)
            self.people[name] = enrollment.creator_id

    # -------------------------------------------------------------- what shops send

    @rule(
        name=st.sampled_from(list(EARNS)),
        net=st.integers(0, 40_000),
        is_paid=st.sampled_from([True, True, True, False]),
    )
    def sell(self, name, net, is_paid):
        line = Line(f"order-{len(self.model.lines)}", name, net, is_paid=is_paid)
        self.model.lines.append(line)
        self.record(line)

    def record(self, line):
        placed_at = self.placed.setdefault(line.number, self.now)
        facts = OrderFacts(
            external_id=line.number,
            version=line.version,
            placed_at=placed_at,
            currency="EUR",
            status="paid" if line.is_paid else "pending",
            lines=(LineFacts("1", "SKU", 1, line.net),),
            codes=(line.name.upper(),),
        )
        orders.record(self.shop, facts, at=self.now)

    def __init__(self):
        super().__init__()
        self.placed = {}

    def pick(self, number):
        assume(self.model.lines)
        return self.model.lines[number % len(self.model.lines)]

    @rule(number=numbers)
    def pay_or_unpay(self, number):
        line = self.pick(number)
        line.is_paid, line.version = not line.is_paid, line.version + 1
        self.record(line)

    @rule(number=numbers, cents=st.integers(1, 20_000))
    def refund(self, number, cents):
        line = self.pick(number)
        cents = min(cents, line.net - line.refunded)
        assume(cents > 0)
        line.refunded += cents
        self.refunds = getattr(self, "refunds", 0) + 1
        facts = RefundFacts(
            f"refund-{self.refunds}", self.now, (RefundLineFacts("1", cents),)
        )
        orders.refund(self.shop, line.number, facts, at=self.now)

    @rule(number=numbers)
    def cancel(self, number):
        line = self.pick(number)
        line.is_cancelled = True
        orders.cancel(self.shop, line.number, self.now, at=self.now)

    @rule(number=numbers)
    def deliver(self, number):
        orders.deliver(self.shop, self.pick(number).number, self.now, at=self.now)

    # -------------------------------------------------------------- what workers do

    @rule()
    def sweep(self):
        while attribution.settle(at=self.now, limit=3):
            pass
        while commissions.accrue(at=self.now, limit=3):
            pass

    @rule()
    def judge_only(self):
        attribution.settle(at=self.now)

    @rule()
    def approve(self):
        commissions.approve(at=self.now)

    @rule(days=st.integers(1, 20))
    def wait(self, days):
        self.now += timedelta(days=days)

    # -------------------------------------------------------------- what people do

    @rule(number=numbers)
    def decline(self, number):
        line = self.pick(number)
        sale = self.sale(line)
        assume(sale and sale.status == "pending")
        commissions.decline(sale.pk, DeclineReason.FRAUD, by=self.desk, at=self.now)
        line.is_declined = True

    @rule(number=numbers)
    def hold_or_release(self, number):
        sale = self.sale(self.pick(number))
        assume(sale)
        if sale.status == "held":
            commissions.release(sale.pk, by=self.desk, at=self.now)
        elif sale.status in ("pending", "approved"):
            commissions.hold(sale.pk, "Why?", by=self.desk, at=self.now)

    def sale(self, line):
        return Commission.objects.filter(
            line__order__external_id=line.number, number=0
        ).first()

    @precondition(lambda self: self.run is None)
    @rule(chunk_size=st.integers(1, 3))
    def open_a_run(self, chunk_size):
        month = (
            self.now.astimezone(runs.BOOKS).replace(day=1) - timedelta(days=1)
        ).date()
        try:
            self.run = runs.open_run(month, at=self.now, chunk_size=chunk_size)
        except runs.RunOverlaps:
            return
        runs.build(self.run.pk)
        names = {pk: name for name, pk in self.people.items()}
        for payout in Payout.objects.filter(run=self.run):
            assert payout.amount_cents >= 1000
            name = names[payout.creator_id]
            row = name, payout.amount_cents, "draft"
            self.model.payouts[payout.end_to_end_id] = row

    def of_run(self, state):
        references = Payout.objects.filter(run=self.run).values_list(
            "end_to_end_id", flat=True
        )
        return [each for each in references if self.model.payouts[each][2] == state]

    @precondition(lambda self: self.run is not None)
    @rule()
    def drop_the_run(self):
        self.run.refresh_from_db()
        assume(self.run.status == "draft")
        runs.drop(self.run.pk, by=None, at=self.now)
        self.model.move(self.of_run("draft"), "dropped")
        self.run = None

    @precondition(lambda self: self.run is not None)
    @rule()
    def send_the_run(self):
        self.run.refresh_from_db()
        assume(self.run.status in ("draft", "approved"))
        runs.approve(self.run.pk, by=None, at=self.now)
        with tempfile.TemporaryDirectory() as folder:
            runs.send(self.run.pk, Path(folder), at=self.now)
        self.model.move(self.of_run("draft"), "sent")

    @precondition(lambda self: self.run is not None)
    @rule()
    def finish_the_run(self):
        self.run.refresh_from_db()
        assume(self.run.status == "sent")
        runs.finish(self.run.pk, at=self.now, chunk=1)
        self.model.move(self.of_run("sent"), "paid")
        self.run = None

    @rule(number=numbers)
    def return_a_payout(self, number):
        out = sorted(
            reference
            for reference, (_, _, state) in self.model.payouts.items()
            if state in ("sent", "paid")
        )
        assume(out)
        reference = out[number % len(out)]
        payout = Payout.objects.get(end_to_end_id=reference)
        runs.return_payout(payout.pk, "Account closed.", at=self.now)
        self.model.move([reference], "returned")

    # -------------------------------------------------------------- what always holds

    @invariant()
    def every_proof_holds(self):
        assert list(invariants.findings()) == []

    @invariant()
    def balances_equal_the_model(self):
        for name, creator_id in self.people.items():
            (found, *more) = ledger.balances(creator_id) or [
                ledger.Balance("EUR", 0, 0, 0, 0)
            ]
            assert not more
            assert found.in_transit_cents == self.model.moved(name, "sent")
            assert found.paid_cents == self.model.moved(name, "paid")
            if not UnsettledLine.objects.exists() and not self.is_accruing():
                total = (
                    found.accrued_cents
                    + found.payable_cents
                    + found.in_transit_cents
                    + found.paid_cents
                )
                assert total == self.model.earned(name)

    def is_accruing(self):
        return UnaccruedVerdict.objects.exists()

    def teardown(self):
        """Let everything come to rest: each line then stands at what it earns."""
        self.sweep()
        self.every_proof_holds()
        self.balances_equal_the_model()
        standing = {line.number: line.earned() for line in self.model.lines}
        for line in OrderLine.objects.select_related("order"):
            rows = Commission.objects.filter(line=line)
            cents = sum(rows.values_list("amount_cents", flat=True))
            assert cents == standing[line.order.external_id]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_any_order_of_events_keeps_the_books():
    run_state_machine_as_test(
        Marketplace,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
