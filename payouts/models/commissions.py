from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creators.models import Creator, Enrollment
from shops.models import Boost, OrderLine, Program, Rate, Shop


class CommissionKind(models.TextChoices):
    """The sale itself, or a later correction of it (rule C1)."""

    SALE = "sale", _("sale")
    REVERSAL = "reversal", _("reversal")
    CLAWBACK = "clawback", _("clawback")
    RESTORATION = "restoration", _("restoration")


class CommissionStatus(models.TextChoices):
    """The life of a commission (rule C1)."""

    PENDING = "pending", _("waiting")
    APPROVED = "approved", _("approved")
    IN_RUN = "in_run", _("being paid")
    PAID = "paid", _("paid")
    VOID = "void", _("void")
    HELD = "held", _("held")


class DeclineReason(models.TextChoices):
    """Why a merchant may decline (rule C3)."""

    NOT_DELIVERED = "not_delivered", _("the order was not delivered")
    TEST_ORDER = "test_order", _("the order was a test")
    FRAUD = "fraud", _("the order is fraudulent")
    TERMS = "terms", _("the sale broke the program's terms")
    DUPLICATE = "duplicate", _("the order is a duplicate")


class Commission(models.Model):
    """What one line earns one creator, or a correction of it.

    Rows are never edited but for their status: a change of amount is a further row.
    Everything that decided the amount is kept on the row (rule R5). Line, shop,
    program, enrollment and creator are held by keys of two columns (migration 0003):
    constraints on the single ones would only be checked once more.
    """

    line = models.ForeignKey(
        OrderLine,
        models.PROTECT,
        related_name="commissions",
        db_index=False,
        db_constraint=False,
        verbose_name=_("order line"),
    )
    shop = models.ForeignKey(
        Shop,
        models.PROTECT,
        related_name="commissions",
        db_constraint=False,
        verbose_name=_("shop"),
    )
    program = models.ForeignKey(
        Program,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("program"),
    )
    creator = models.ForeignKey(
        Creator,
        models.PROTECT,
        related_name="commissions",
        db_index=False,
        db_constraint=False,
        verbose_name=_("creator"),
    )
    enrollment = models.ForeignKey(
        Enrollment,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    role = models.CharField(max_length=9, default="affiliate", editable=False)
    kind = models.CharField(_("kind"), max_length=11, choices=CommissionKind)
    number = models.PositiveIntegerField(
        help_text="0 is the sale; corrections count up."
    )
    status = models.CharField(_("status"), max_length=8, choices=CommissionStatus)
    currency = models.CharField(_("currency"), max_length=3)
    amount_cents = models.BigIntegerField(_("amount"))
    base_cents = models.BigIntegerField(
        _("base"), help_text=_("Paid for the line without VAT, less refunds.")
    )
    rate = models.ForeignKey(
        Rate,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("rate"),
        help_text=_("Empty: the program's default."),
    )
    rate_bp = models.PositiveIntegerField(null=True)
    flat_cents = models.PositiveBigIntegerField(null=True)
    boost = models.ForeignKey(
        Boost,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("boost"),
    )
    multiplier_pct = models.PositiveIntegerField(default=100)
    cap_bp = models.PositiveIntegerField()
    extra_cents = models.PositiveBigIntegerField(
        null=True, help_text="The boost adds no more: what its budget had left (B4)."
    )
    most_cents = models.PositiveBigIntegerField(
        null=True, help_text="The line earns no more: the program's budget (P4)."
    )
    snapshot = models.JSONField(
        default=dict, help_text="Names of what won, and what else applied and lost."
    )
    accrued_at = models.DateTimeField(_("since"))
    hold_starts_on = models.DateField(_("hold starts on"))
    payable_on = models.DateField(_("payable on"))
    approved_at = models.DateTimeField(_("approved at"), null=True)
    held_reason = models.CharField(_("held because"), max_length=200, blank=True)
    held_from = models.CharField(max_length=8, blank=True)
    decline_reason = models.CharField(
        _("declined because"), max_length=14, choices=DeclineReason, blank=True
    )

    class Meta:
        verbose_name = _("commission")
        verbose_name_plural = _("commissions")
        constraints = [
            models.UniqueConstraint(
                fields=["line", "creator", "role", "number"],
                name="commission_rows_of_a_line_are_numbered",
            ),
            models.CheckConstraint(
                name="commission_sale_is_number_zero",
                condition=Q(kind="sale", number=0)
                | (~Q(kind="sale") & Q(number__gt=0)),
            ),
            models.CheckConstraint(
                name="commission_never_exceeds_its_base",
                condition=~Q(kind="sale")
                | Q(amount_cents__gte=0, amount_cents__lte=F("base_cents")),
            ),
            models.CheckConstraint(
                name="commission_stays_within_its_grant",
                condition=~Q(kind="sale")
                | Q(most_cents__isnull=True)
                | Q(amount_cents__lte=F("most_cents")),
            ),
            models.CheckConstraint(
                name="commission_correction_has_the_sign_of_its_kind",
                condition=Q(kind="sale")
                | Q(kind="restoration", amount_cents__gt=0)
                | Q(kind__in=["reversal", "clawback"], amount_cents__lt=0),
            ),
            models.CheckConstraint(
                name="commission_base_is_not_negative",
                condition=Q(base_cents__gte=0),
            ),
            models.CheckConstraint(
                name="commission_zero_is_not_payable",
                condition=~Q(amount_cents=0) | Q(status="void"),
            ),
            models.CheckConstraint(
                name="commission_status_is_known",
                condition=Q(status__in=CommissionStatus.values),
            ),
            models.CheckConstraint(
                name="commission_held_says_why",
                condition=Q(status="held", held_from__in=["pending", "approved"])
                & ~Q(held_reason="")
                | ~Q(status="held"),
            ),
            models.CheckConstraint(
                name="commission_hold_is_not_negative",
                condition=Q(payable_on__gte=F("hold_starts_on")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["creator", "currency", "payable_on"],
                name="commission_payable_by_creator",
                condition=Q(status="approved"),
            ),
            models.Index(
                fields=["payable_on"],
                name="commission_pending_by_day",
                condition=Q(status="pending"),
            ),
            models.Index(
                fields=["creator", "-id"], name="commission_by_creator_newest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class CappedSale(models.Model):
    """A live sale by a rate with a cap, and its place under the cap (rule C6).

    It goes when the sale is wholly taken back, and the place is free again. A sale that
    is given back afterwards has a place only if one is left; it counts all the same.
    """

    commission = models.OneToOneField(
        Commission, models.PROTECT, primary_key=True, related_name="+"
    )
    rate = models.ForeignKey(Rate, models.PROTECT, related_name="+", db_index=False)
    creator = models.ForeignKey(
        Creator, models.PROTECT, related_name="+", db_index=False
    )
    most_sales = models.PositiveIntegerField()
    period_starts_on = models.DateField(
        help_text="The shop's own day; all time begins in 2000."
    )
    place = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rate", "creator", "period_starts_on", "place"],
                name="capped_sale_has_a_place_of_its_own",
            ),
            models.CheckConstraint(
                name="capped_sale_stays_under_its_cap",
                condition=Q(place__isnull=True)
                | Q(place__gte=1, place__lte=F("most_sales")),
            ),
        ]


class StuckApproval(models.Model):
    """A commission whose approval failed, taken out of the sweep's way and counted.

    It is deleted in the transaction that approves after all.
    """

    commission = models.OneToOneField(
        Commission, models.PROTECT, primary_key=True, related_name="+"
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True, db_default="")
