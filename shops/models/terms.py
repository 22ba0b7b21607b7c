from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shops.models.catalogue import Category, Product
from shops.models.programs import (
    Audience,
    Program,
    ends_after_it_starts,
    span,
    window,
)


class Term(models.Model):
    """What rates, exclusions and boosts share: a program and what of it they reach."""

    program = models.ForeignKey(
        Program, models.PROTECT, related_name="%(class)ss", verbose_name=_("program")
    )
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
    )
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
        help_text=_("This category and everything below it."),
    )
    starts_at = models.DateTimeField(
        _("from"), null=True, blank=True, help_text=_("Empty: since ever.")
    )
    ends_at = models.DateTimeField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("First moment without it. Empty: without end."),
    )

    class Meta:
        abstract = True


class AnnouncedTerm(Term):
    """A term that may lower what a creator earns, and so is announced (rule R6).

    Made or ended while creators already sell, it is announced at that moment and binds
    those who enrolled before from `binds_at` on; the same for its end. All is empty for
    what was there before the program opened.
    """

    announced_at = models.DateTimeField(_("announced at"), null=True, editable=False)
    binds_at = models.DateTimeField(
        _("binds earlier creators from"), null=True, editable=False
    )
    promised_ends_at = models.DateTimeField(
        null=True, editable=False, help_text="Its end before the end was announced."
    )
    end_announced_at = models.DateTimeField(
        _("end announced at"), null=True, editable=False
    )
    end_binds_at = models.DateTimeField(
        _("end binds earlier creators from"), null=True, editable=False
    )

    class Meta:
        abstract = True


def _announced_before_it_binds(noun: str) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            name=f"{noun}_is_announced_before_it_binds",
            condition=Q(announced_at__isnull=True, binds_at__isnull=True)
            | Q(
                announced_at__isnull=False,
                binds_at__isnull=False,
                binds_at__gte=F("announced_at"),
            ),
        ),
        models.CheckConstraint(
            name=f"{noun}_end_is_announced_before_it_binds",
            condition=Q(
                end_announced_at__isnull=True,
                end_binds_at__isnull=True,
                promised_ends_at__isnull=True,
            )
            | Q(
                end_announced_at__isnull=False,
                end_binds_at__isnull=False,
                end_binds_at__gte=F("end_announced_at"),
            ),
        ),
    ]


class Period(models.TextChoices):
    """How long a cap counts, in the shop's own days (rule C6)."""

    DAY = "day", _("a day")
    WEEK = "week", _("a week")
    MONTH = "month", _("a month")
    EVER = "ever", _("ever")


class Rate(AnnouncedTerm):
    """A commission for some creators and some products, for a time (rules R1, R2)."""

    audience = models.ForeignKey(
        Audience,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rates",
        verbose_name=_("for"),
        help_text=_("Empty: for everyone."),
    )
    rate_bp = models.PositiveIntegerField(
        _("rate"),
        null=True,
        blank=True,
        help_text=_("In basis points: 1250 is 12.5 %."),
    )
    flat_cents = models.PositiveBigIntegerField(
        _("flat amount per unit"), null=True, blank=True
    )
    is_first_purchase_only = models.BooleanField(
        _("first purchase only"),
        default=False,
        db_default=False,
        help_text=_("Only where the buyer had bought nothing of the shop before."),
    )
    most_sales = models.PositiveIntegerField(
        _("at most so many sales"),
        null=True,
        blank=True,
        help_text=_("Of one creator; further sales have the next rate. Empty: any."),
    )
    most_sales_per = models.CharField(
        _("in"),
        max_length=5,
        choices=Period,
        blank=True,
        default="",
        db_default="",
        help_text=_("Days, weeks and months of the shop's time zone."),
    )

    class Meta:
        verbose_name = _("rate")
        verbose_name_plural = _("rates")
        constraints = [
            ends_after_it_starts("rate"),
            *_announced_before_it_binds("rate"),
            # For the key of payouts that a capped sale has its rate's own cap.
            models.UniqueConstraint(
                fields=["id", "most_sales"], name="rate_carries_its_cap"
            ),
            models.CheckConstraint(
                name="rate_cap_has_a_number_and_a_period",
                condition=Q(most_sales__isnull=True, most_sales_per="")
                | Q(
                    most_sales__isnull=False,
                    most_sales__gte=1,
                    most_sales_per__in=Period.values,
                ),
                violation_error_message=_("Give a number of sales and a period."),
            ),
            models.CheckConstraint(
                name="rate_is_percent_or_flat",
                condition=Q(rate_bp__isnull=False, flat_cents__isnull=True)
                | Q(rate_bp__isnull=True, flat_cents__isnull=False),
                violation_error_message=_("Give a rate or a flat amount, not both."),
            ),
            models.CheckConstraint(
                name="rate_is_between_floor_and_cap",
                condition=Q(rate_bp__isnull=True)
                | Q(rate_bp__gte=100, rate_bp__lte=8000),
                violation_error_message=_("A rate lies between 1 %% and 80 %%."),
            ),
            models.CheckConstraint(
                name="rate_names_product_or_category",
                condition=Q(product__isnull=True) | Q(category__isnull=True),
                violation_error_message=_("Name a product or a category, not both."),
            ),
            ExclusionConstraint(
                name="rate_is_alone_for_its_who_and_what",
                expressions=[
                    (span("program"), "&&"),
                    (span("audience"), "&&"),
                    (span("product"), "&&"),
                    (span("category"), "&&"),
                    (window(), "&&"),
                ],
                violation_error_message=_(
                    "Another rate for the same creators and products overlaps in time."
                ),
            ),
        ]

    def __str__(self) -> str:
        if self.rate_bp is None:
            return f"{self.flat_cents} {_('per unit')}"
        return f"{self.rate_bp // 100}.{self.rate_bp % 100:02d} %"


class Exclusion(AnnouncedTerm):
    """A product or category that earns nothing; it beats every rate (rule R2)."""

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        constraints = [
            ends_after_it_starts("exclusion"),
            *_announced_before_it_binds("exclusion"),
            models.CheckConstraint(
                name="exclusion_names_product_or_category",
                condition=Q(product__isnull=False, category__isnull=True)
                | Q(product__isnull=True, category__isnull=False),
                violation_error_message=_("Name a product or a category."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.product or self.category)


class Boost(Term):
    """Extra commission for a time, on top of the rate (rules B1, B2)."""

    name = models.CharField(_("name"), max_length=120)
    audience = models.ForeignKey(
        Audience,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="boosts",
        verbose_name=_("for"),
        help_text=_("Empty: for everyone."),
    )
    multiplier_pct = models.PositiveIntegerField(
        _("multiplier"), help_text=_("200 doubles the rate.")
    )

    class Meta:
        verbose_name = _("boost")
        verbose_name_plural = _("boosts")
        constraints = [
            # For the key of budgets that a boost is of the budget's program.
            models.UniqueConstraint(
                fields=["id", "program"], name="boost_carries_its_program"
            ),
            ends_after_it_starts("boost"),
            models.CheckConstraint(
                name="boost_has_a_window",
                condition=Q(starts_at__isnull=False, ends_at__isnull=False),
                violation_error_message=_("A boost has a start and an end."),
            ),
            models.CheckConstraint(
                name="boost_raises_at_most_tenfold",
                condition=Q(multiplier_pct__gt=100, multiplier_pct__lte=1000),
                violation_error_message=_("From 101 to 1000: 200 doubles the rate."),
            ),
            models.CheckConstraint(
                name="boost_names_product_or_category",
                condition=Q(product__isnull=True) | Q(category__isnull=True),
                violation_error_message=_("Name a product or a category, not both."),
            ),
        ]

    def __str__(self) -> str:
        whole, rest = divmod(self.multiplier_pct, 100)
        decimals = f".{rest:02}".rstrip("0") if rest else ""
        return f"{self.name} ×{whole}{decimals}"
