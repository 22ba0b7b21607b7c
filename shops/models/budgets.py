from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shops.models.programs import Program
from shops.models.terms import Boost


class Budget(models.Model):
    """What a boost may cost on top of the rates (rule B4), or a program in all (P4).

    What was granted to a sale is spent, also when the sale is refunded later. The key
    of two columns that a boost is of its program stands in migration 0011.
    """

    program = models.ForeignKey(
        Program, models.PROTECT, related_name="budgets", verbose_name=_("program")
    )
    boost = models.OneToOneField(
        Boost,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="budget",
        verbose_name=_("boost"),
        help_text=_("Empty: of the whole program."),
    )
    amount_cents = models.PositiveBigIntegerField(
        _("budget"), help_text=_("In minor units of the program's currency.")
    )
    spent_cents = models.PositiveBigIntegerField(_("spent"), default=0, db_default=0)
    counts_from = models.DateTimeField(
        _("counts orders from"),
        null=True,
        editable=False,
        help_text=_("What was placed before it was set does not count."),
    )
    closed_at = models.DateTimeField(_("used up at"), null=True, editable=False)

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [
            models.UniqueConstraint(
                fields=["program"],
                condition=Q(boost__isnull=True),
                name="program_has_one_budget",
            ),
            models.CheckConstraint(
                name="budget_is_never_overspent",
                condition=Q(spent_cents__lte=F("amount_cents")),
                violation_error_message=_("A budget is not less than what is spent."),
            ),
            models.CheckConstraint(
                name="budget_is_closed_once_spent",
                condition=Q(closed_at__isnull=True, spent_cents__lt=F("amount_cents"))
                | Q(closed_at__isnull=False, spent_cents__gte=F("amount_cents")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.boost or self.program}"

    @property
    def left_cents(self) -> int:
        """Return what may still be granted, in minor units."""
        return self.amount_cents - self.spent_cents
