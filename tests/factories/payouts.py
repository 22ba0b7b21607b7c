"""The smallest valid rows of the payouts floor; states are traits.

Rows that only hold together (an entry and its legs, a payout and its lines) are written
in one transaction, as the ledger and the runs do. The money beside a commission is not
posted: where the books matter, use the verbs.
"""

from datetime import date, timedelta

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from payouts import models
from payouts.models import (
    AccountKind,
    CommissionKind,
    CommissionStatus,
    PayoutStatus,
    RunStatus,
)
from tests.factories.creators import (
    CreatorFactory,
    EnrollmentFactory,
)
from tests.factories.shops import MOMENT, OrderLineFactory, ShopFactory
from tests.factories.shops import ProgramFactory as _ProgramFactory

_LETTERS_MOD_97 = "131400"  # "DE" and two places for the check digits


def german_iban(number: int) -> str:
    """Return the valid IBAN of the account `number` at one German bank."""
    bban = f"50010517{number:010}"
    return f"DE{98 - int(bban + _LETTERS_MOD_97) % 97:02}{bban}"


class BankAccountFactory(DjangoModelFactory):
    """Not verified; `verified=True` is on hold at MOMENT, `usable=True` past it."""

    class Meta:
        model = models.BankAccount

    class Params:
        verified = factory.Trait(
            verified_at=MOMENT - timedelta(hours=1),
            usable_from=MOMENT + timedelta(hours=71),
        )
        usable = factory.Trait(
            verified_at=MOMENT - timedelta(days=403),
            usable_from=MOMENT - timedelta(days=400),
        )
        ended = factory.Trait(ended_at=MOMENT)

    creator = factory.SubFactory(CreatorFactory)
    iban = factory.Sequence(german_iban)
    holder = factory.LazyAttribute(lambda account: account.creator.name)


class TaxProfileFactory(DjangoModelFactory):
    class Meta:
        model = models.TaxProfile

    creator = factory.SubFactory(CreatorFactory)
    kind = models.TaxKind.FR_FRANCHISE
    siret = "73282932000074"


class CommissionFactory(DjangoModelFactory):
    """A sale of 4.00 on a line of 40.00 that waits; name the line or the enrollment."""

    class Meta:
        model = models.Commission

    class Params:
        approved = factory.Trait(
            status=CommissionStatus.APPROVED,
            approved_at=factory.LazyAttribute(
                lambda row: row.accrued_at + timedelta(days=36)
            ),
        )
        in_run = factory.Trait(approved=True, status=CommissionStatus.IN_RUN)
        paid = factory.Trait(approved=True, status=CommissionStatus.PAID)
        void = factory.Trait(status=CommissionStatus.VOID)
        held = factory.Trait(
            status=CommissionStatus.HELD,
            held_from=CommissionStatus.PENDING,
            held_reason="The shop asked a question.",
        )
        reversal = factory.Trait(
            kind=CommissionKind.REVERSAL, number=1, amount_cents=-400, base_cents=0
        )
        clawback = factory.Trait(
            kind=CommissionKind.CLAWBACK, number=1, amount_cents=-400, base_cents=0
        )
        restoration = factory.Trait(
            kind=CommissionKind.RESTORATION, number=2, amount_cents=400
        )
        flat = factory.Trait(rate_bp=None, flat_cents=200)

    enrollment = factory.SubFactory(EnrollmentFactory)
    line = factory.SubFactory(
        OrderLineFactory,
        order__shop=factory.SelfAttribute("...enrollment.program.shop"),
    )
    shop = factory.SelfAttribute("line.shop")
    program = factory.SelfAttribute("enrollment.program")
    creator = factory.SelfAttribute("enrollment.creator")
    kind = CommissionKind.SALE
    number = 0
    status = CommissionStatus.PENDING
    currency = factory.SelfAttribute("line.order.currency")
    amount_cents = 400
    base_cents = 4000
    rate_bp = 1000
    cap_bp = 8000
    snapshot = factory.LazyFunction(lambda: {"rank": 9})
    accrued_at = MOMENT
    hold_starts_on = factory.LazyAttribute(
        lambda row: row.accrued_at.date() + timedelta(days=5)
    )
    payable_on = factory.LazyAttribute(
        lambda row: row.hold_starts_on + timedelta(days=31)
    )

    @classmethod
    def _adjust_kwargs(cls, **kwargs):
        # Naming the line decides the shop, so the program has to be of that shop.
        line, enrollment = kwargs["line"], kwargs["enrollment"]
        if line.shop_id != enrollment.program.shop_id:
            program = _ProgramFactory(active=True, shop=line.shop)
            enrollment = EnrollmentFactory(program=program)
            kwargs.update(
                enrollment=enrollment, program=program, creator=enrollment.creator
            )
        return kwargs


class StuckApprovalFactory(DjangoModelFactory):
    """Tried and failed once; not due again."""

    class Meta:
        model = models.StuckApproval

    commission = factory.SubFactory(CommissionFactory)
    attempts = 1
    last_error = "RuntimeError in _approve, line 1"


class LedgerAccountFactory(DjangoModelFactory):
    """What a creator may be paid; `shops=True` a shop's debt, `bank=True` the bank."""

    class Meta:
        model = models.LedgerAccount

    class Params:
        shops = factory.Trait(
            kind=AccountKind.SHOP_OWED,
            creator=None,
            shop=factory.SubFactory(ShopFactory),
        )
        bank = factory.Trait(kind=AccountKind.BANK, creator=None)

    kind = AccountKind.CREATOR_PAYABLE
    creator = factory.SubFactory(CreatorFactory)
    shop = None
    currency = "EUR"


class LedgerEntryFactory(DjangoModelFactory):
    """4.00 that a shop owes a new creator: the legs come in the same transaction.

    `balanced=False` leaves them out; name `debit`, `credit`, `amount_cents` to vary.
    """

    class Meta:
        model = models.LedgerEntry

    key = factory.Sequence("test:{}".format)
    kind = "sale"
    at = MOMENT
    balanced = True
    amount_cents = 400
    debit = factory.SubFactory(LedgerAccountFactory, shops=True)
    credit = factory.SubFactory(LedgerAccountFactory)

    @classmethod
    @transaction.atomic
    def _create(cls, model_class, *args, **kwargs):
        debit, credit = kwargs.pop("debit"), kwargs.pop("credit")
        cents, is_balanced = kwargs.pop("amount_cents"), kwargs.pop("balanced")
        entry = super()._create(model_class, *args, **kwargs)
        if is_balanced:
            for account, amount in ((debit, cents), (credit, -cents)):
                LedgerLegFactory(entry=entry, account=account, amount_cents=amount)
        return entry


class LedgerLegFactory(DjangoModelFactory):
    """The credit of a new entry; with `entry` one leg more, in its transaction only."""

    class Meta:
        model = models.LedgerLeg

    entry = None
    account = factory.SubFactory(LedgerAccountFactory)
    amount_cents = -400
    currency = factory.SelfAttribute("account.currency")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        if kwargs["entry"] is not None:
            return super()._create(model_class, *args, **kwargs)
        account, cents = kwargs["account"], kwargs["amount_cents"]
        entry = LedgerEntryFactory(credit=account, amount_cents=-cents)
        return entry.legs.get(account=account)


def _months_before_2020(number: int) -> date:
    months = 2020 * 12 - 1 - number
    return date(months // 12, months % 12 + 1, 1)


class RunFactory(DjangoModelFactory):
    """A month of its own before 2020, being built since MOMENT."""

    class Meta:
        model = models.Run

    class Params:
        draft = factory.Trait(status=RunStatus.DRAFT)
        approved = factory.Trait(
            status=RunStatus.APPROVED,
            approved_at=MOMENT + timedelta(hours=1),
            execution_on=MOMENT.date() + timedelta(days=1),
        )
        sent = factory.Trait(
            approved=True,
            status=RunStatus.SENT,
            sent_at=MOMENT + timedelta(hours=2),
            file_sha256="0" * 64,
        )
        finished = factory.Trait(
            sent=True,
            status=RunStatus.FINISHED,
            finished_at=MOMENT + timedelta(days=2),
        )
        dropped = factory.Trait(status=RunStatus.DROPPED)

    currency = "EUR"
    starts_on = factory.Sequence(_months_before_2020)
    ends_on = factory.LazyAttribute(
        lambda run: (run.starts_on + timedelta(days=31)).replace(day=1)
    )
    threshold_cents = 1000
    opened_at = MOMENT
    message_id = factory.LazyAttribute(
        lambda run: f"RUN-{run.starts_on:%Y%m}-{run.currency}-1"
    )


class RunChunkFactory(DjangoModelFactory):
    class Meta:
        model = models.RunChunk

    run = factory.SubFactory(RunFactory)
    first_creator_id = 1
    last_creator_id = 100


class PayoutFactory(DjangoModelFactory):
    """25.00 of one commission in a draft run; `commissions=[...]` to choose them.

    Claimed, summed and then brought to `status` along the arrows, in one transaction.
    """

    class Meta:
        model = models.Payout

    class Params:
        sent = factory.Trait(
            status=PayoutStatus.SENT,
            run__sent=True,
            sent_at=MOMENT + timedelta(hours=2),
        )
        paid = factory.Trait(
            sent=True,
            status=PayoutStatus.PAID,
            run__finished=True,
            settled_at=MOMENT + timedelta(days=2),
        )
        returned = factory.Trait(
            sent=True,
            status=PayoutStatus.RETURNED,
            settled_at=MOMENT + timedelta(days=2),
            return_reason="The account is closed.",
        )
        dropped = factory.Trait(status=PayoutStatus.DROPPED, run__dropped=True)

    run = factory.SubFactory(RunFactory, draft=True)
    creator = factory.SubFactory(CreatorFactory)
    bank_account = factory.SubFactory(
        BankAccountFactory,
        creator=factory.SelfAttribute("..creator"),
        currency=factory.SelfAttribute("..currency"),
        usable=True,
    )
    currency = "EUR"
    amount_cents = 2500
    status = PayoutStatus.DRAFT
    end_to_end_id = factory.LazyAttribute(
        lambda payout: f"{payout.run.message_id}-{payout.creator.pk}"
    )
    commissions = None

    @classmethod
    @transaction.atomic
    def _create(cls, model_class, *args, **kwargs):
        cents, status = kwargs.pop("amount_cents"), kwargs.pop("status")
        commissions = kwargs.pop("commissions")
        if commissions is None:
            commissions = [_claimed(kwargs["creator"], cents, status)]
        payout = super()._create(model_class, *args, **kwargs)
        for commission in commissions:
            PayoutLineFactory(payout=payout, commission=commission)
        payout.amount_cents = sum(each.amount_cents for each in commissions)
        for payout.status in _WAYS[status]:
            payout.save(update_fields=["amount_cents", "status"])
        if status in _RELEASED:
            payout.lines.update(is_active=False)
        return payout


_WAYS = {
    PayoutStatus.DRAFT: ["draft"],
    PayoutStatus.SENT: ["draft", "sent"],
    PayoutStatus.PAID: ["draft", "sent", "paid"],
    PayoutStatus.RETURNED: ["draft", "sent", "returned"],
    PayoutStatus.DROPPED: ["draft", "dropped"],
}
_RELEASED = (PayoutStatus.RETURNED, PayoutStatus.DROPPED)


def _claimed(creator, cents, status):
    state = "approved" if status in _RELEASED else "in_run"
    if status == PayoutStatus.PAID:
        state = "paid"
    return CommissionFactory(
        enrollment__creator=creator,
        amount_cents=cents,
        base_cents=10 * cents,
        **{state: True},
    )


class PayoutLineFactory(DjangoModelFactory):
    """The line of a new payout; with `payout` a further one, while it is claiming."""

    class Meta:
        model = models.PayoutLine

    payout = None
    commission = factory.SubFactory(CommissionFactory, in_run=True)
    amount_cents = factory.SelfAttribute("commission.amount_cents")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        if kwargs["payout"] is not None:
            return super()._create(model_class, *args, **kwargs)
        commission = kwargs["commission"]
        payout = PayoutFactory(creator=commission.creator, commissions=[commission])
        return payout.lines.get()


class PayoutSkipFactory(DjangoModelFactory):
    class Meta:
        model = models.PayoutSkip

    run = factory.SubFactory(RunFactory, draft=True)
    creator = factory.SubFactory(CreatorFactory)
    reason = models.SkipReason.BELOW_THRESHOLD
    amount_cents = 999
    currency = "EUR"
