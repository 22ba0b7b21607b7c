from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from creators.models import Creator
from payouts.models.accounts import BankAccount
from payouts.models.commissions import Commission

# So often is a chunk tried before it is parked.
CHUNK_ATTEMPTS = 5


class RunStatus(models.TextChoices):
    """The life of a run (rule Y4)."""

    BUILDING = "building", _("being built")
    DRAFT = "draft", _("draft")
    APPROVED = "approved", _("approved")
    SENT = "sent", _("sent")
    FINISHED = "finished", _("finished")
    DROPPED = "dropped", _("dropped")


class Run(models.Model):
    """One payout run over a closed period, in one currency."""

    currency = models.CharField(_("currency"), max_length=3)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("first day after"))
    status = models.CharField(
        _("status"), max_length=8, choices=RunStatus, default=RunStatus.BUILDING
    )
    threshold_cents = models.PositiveBigIntegerField(_("threshold"))
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        "common.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("opened by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)
    approved_by = models.ForeignKey(
        "common.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    execution_on = models.DateField(_("execution date"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    message_id = models.CharField(_("message id"), max_length=35)
    file_sha256 = models.CharField(_("file's SHA-256"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("payout run")
        verbose_name_plural = _("payout runs")
        constraints = [
            models.UniqueConstraint(
                fields=["message_id"], name="run_message_id_is_unique"
            ),
            models.CheckConstraint(
                name="run_ends_after_it_starts", condition=Q(ends_on__gt=F("starts_on"))
            ),
            models.CheckConstraint(
                name="run_status_is_known", condition=Q(status__in=RunStatus.values)
            ),
            models.CheckConstraint(
                name="run_sent_only_once_approved",
                condition=~Q(status__in=["approved", "sent", "finished"])
                | Q(approved_at__isnull=False),
            ),
            ExclusionConstraint(
                name="runs_do_not_overlap",
                expressions=[
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    # A text as a range: equality for GiST without an extension.
                    (
                        Func(
                            Func(F("currency"), function="hashtext"),
                            Func(F("currency"), function="hashtext"),
                            function="int4range",
                            template="%(function)s(%(expressions)s, '[]')",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=~Q(status="dropped"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m} {self.currency}"


class RunChunkQuerySet(models.QuerySet["RunChunk"]):
    """Words for chunks."""

    def parked(self) -> Self:
        """Keep what failed, or killed its worker, too often to be tried again."""
        return self.filter(built_at=None, attempts__gte=CHUNK_ATTEMPTS)


class RunChunk(models.Model):
    """A range of creators one worker builds at a time; a killed one leaves it.

    Every attempt is counted before it begins; after CHUNK_ATTEMPTS it is parked.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="chunks")
    first_creator_id = models.BigIntegerField()
    last_creator_id = models.BigIntegerField()
    built_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_error = models.CharField(max_length=200, blank=True, db_default="")

    objects = RunChunkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "first_creator_id"], name="run_chunk_exists_once"
            ),
            models.CheckConstraint(
                name="run_chunk_is_a_range",
                condition=Q(last_creator_id__gte=F("first_creator_id")),
            ),
        ]


class PayoutStatus(models.TextChoices):
    """The life of a payout."""

    CLAIMING = "claiming", _("being built")
    DRAFT = "draft", _("draft")
    SENT = "sent", _("sent")
    PAID = "paid", _("paid")
    RETURNED = "returned", _("returned")
    DROPPED = "dropped", _("dropped")


class Payout(models.Model):
    """One creator's transfer in a run."""

    run = models.ForeignKey(
        Run,
        models.PROTECT,
        related_name="payouts",
        db_index=False,  # the key with the creator begins with it
        verbose_name=_("run"),
    )
    # Both are held by the key that the account shares with its creator and currency.
    creator = models.ForeignKey(
        Creator,
        models.PROTECT,
        related_name="payouts",
        db_constraint=False,
        verbose_name=_("creator"),
    )
    bank_account = models.ForeignKey(
        BankAccount,
        models.PROTECT,
        related_name="payouts",
        db_constraint=False,
        verbose_name=_("bank account"),
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount_cents = models.BigIntegerField(_("amount"), null=True)
    status = models.CharField(
        _("status"), max_length=8, choices=PayoutStatus, default=PayoutStatus.CLAIMING
    )
    end_to_end_id = models.CharField(_("reference"), max_length=35)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    settled_at = models.DateTimeField(_("paid or returned at"), null=True)
    return_reason = models.CharField(_("returned because"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "creator"], name="payout_once_per_creator_and_run"
            ),
            models.UniqueConstraint(
                fields=["end_to_end_id"], name="payout_end_to_end_id_is_unique"
            ),
            models.CheckConstraint(
                name="payout_is_positive_once_claimed",
                condition=Q(status="claiming", amount_cents__isnull=True)
                | Q(~Q(status="claiming"), amount_cents__gt=0),
            ),
            models.CheckConstraint(
                name="payout_status_is_known",
                condition=Q(status__in=PayoutStatus.values),
            ),
        ]

    def __str__(self) -> str:
        return self.end_to_end_id


class PayoutLine(models.Model):
    """One commission in one payout; active until the payout comes back."""

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="lines")
    commission = models.ForeignKey(
        Commission, models.PROTECT, related_name="payout_lines", db_index=False
    )
    amount_cents = models.BigIntegerField()
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["commission"],
                condition=Q(is_active=True),
                name="commission_is_paid_once",
            ),
        ]


class SkipReason(models.TextChoices):
    """Why a creator with approved commissions is not paid in a run (rule Y3)."""

    NO_TAX_DATA = "no_tax_data", _("the tax profile is missing")
    NO_BANK_ACCOUNT = "no_bank_account", _("there is no verified bank account")
    BANK_ACCOUNT_ON_HOLD = (
        "bank_account_on_hold",
        _("the bank account is still in its 72 hours' hold"),
    )
    NEGATIVE_BALANCE = "negative_balance", _("there is nothing to pay")
    BELOW_THRESHOLD = "below_threshold", _("the amount is below the threshold")


class PayoutSkip(models.Model):
    """A creator who was not paid in a run, and why; the money stays theirs."""

    run = models.ForeignKey(
        Run, models.PROTECT, related_name="skips", verbose_name=_("run")
    )
    creator = models.ForeignKey(
        Creator, models.PROTECT, related_name="skips", verbose_name=_("creator")
    )
    reason = models.CharField(_("reason"), max_length=20, choices=SkipReason)
    amount_cents = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("skipped creator")
        verbose_name_plural = _("skipped creators")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "creator"], name="payout_skip_once_per_creator_and_run"
            ),
            models.CheckConstraint(
                name="payout_skip_reason_is_known",
                condition=Q(reason__in=SkipReason.values),
            ),
        ]
