"""What of a program decides verdicts and days, and what it was before (rule R4)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CodePolicy(models.TextChoices):
    """When a code earns (rule A2)."""

    ALWAYS = "always", _("a code alone earns")
    IF_INVOLVED = "if_involved", _("if the creator also has a click in the window")
    IF_WINNER = "if_winner", _("only if the creator's click wins")


class Settings(models.Model):
    """The settings by which an order is judged and its hold is counted."""

    code_policy = models.CharField(
        _("codes"), max_length=11, choices=CodePolicy, default=CodePolicy.ALWAYS
    )
    window_days = models.PositiveSmallIntegerField(
        _("attribution window in days"), default=30
    )
    hold_days = models.PositiveSmallIntegerField(_("hold in days"), default=30)
    shipping_days = models.PositiveSmallIntegerField(
        _("days of shipping"),
        default=5,
        help_text=_(
            "The hold starts that long after the order, if no delivery is known."
        ),
    )
    halo = models.BooleanField(_("a click credits other products too"), default=True)
    catalogue_only = models.BooleanField(
        _("only products of the catalogue earn"), default=False
    )

    class Meta:
        abstract = True


def constraints(noun: str) -> list[models.CheckConstraint]:
    """Return what holds of the settings wherever they stand."""
    return [
        models.CheckConstraint(
            name=f"{noun}_window_is_1_to_90_days",
            condition=Q(window_days__gte=1, window_days__lte=90),
            violation_error_message=_("From 1 to 90 days."),
        ),
        models.CheckConstraint(
            name=f"{noun}_hold_is_at_most_60_days",
            condition=Q(hold_days__lte=60),
            violation_error_message=_("At most 60 days."),
        ),
        models.CheckConstraint(
            name=f"{noun}_code_policy_is_known",
            condition=Q(code_policy__in=CodePolicy.values),
        ),
    ]


class EarlierSettings(Settings):
    """What held in a program until `ends_at`, from the end of the one before on.

    An order has those of the first end after it, or, after the last end, the program's
    own. So exactly one holds at any moment, and a program that never changed its
    settings has no rows here.
    """

    program = models.ForeignKey(
        "shops.Program",
        models.PROTECT,
        related_name="earlier_settings",
        db_index=False,  # the unique pair begins with it
        verbose_name=_("program"),
    )
    ends_at = models.DateTimeField(help_text="First moment of what comes after.")
    announced_at = models.DateTimeField(help_text="When it was said that it ends then.")

    class Meta:
        constraints = [
            *constraints("earlier_settings"),
            models.UniqueConstraint(
                fields=["program", "ends_at"], name="earlier_settings_end_one_by_one"
            ),
            models.CheckConstraint(
                name="earlier_settings_end_is_announced",
                condition=Q(ends_at__gte=F("announced_at")),
            ),
        ]
