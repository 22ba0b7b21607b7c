from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from shops.models import joining, program_settings
from shops.models.merchants import Shop


def span(field: str) -> Func:
    """One whole number as a range: equality for GiST without an extension."""
    number = Coalesce(F(field), Value(0))
    template = "%(function)s(%(expressions)s, '[]')"
    return Func(number, number, function="int8range", template=template)


def window() -> Func:
    """[starts_at, ends_at) as a range; an empty side is open."""
    return Func(
        F("starts_at"),
        F("ends_at"),
        function="tstzrange",
        output_field=DateTimeRangeField(),
    )


def ends_after_it_starts(noun: str) -> models.CheckConstraint:
    """Refuse a window that ends before it starts, or as it does."""
    return models.CheckConstraint(
        name=f"{noun}_ends_after_it_starts",
        condition=Q(starts_at__isnull=True)
        | Q(ends_at__isnull=True)
        | Q(ends_at__gt=F("starts_at")),
        violation_error_message=_("It must end after it starts."),
    )


class ProgramStatus(models.TextChoices):
    """The life of a program (rule P1)."""

    DRAFT = "draft", _("draft")
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    ENDED = "ended", _("ended")


class WhoMayJoin(models.TextChoices):
    """How creators come in (rule P1)."""

    OPEN = "open", _("anyone eligible")
    APPROVAL = "approval", _("on approval")
    INVITATION = "invitation", _("by invitation")


class Program(joining.Joining, program_settings.Settings):
    """A shop's terms for creators."""

    shop = models.ForeignKey(
        Shop, models.PROTECT, related_name="programs", verbose_name=_("shop")
    )
    slug = models.SlugField(_("slug"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(
        _("status"), max_length=6, choices=ProgramStatus, default=ProgramStatus.DRAFT
    )
    enrollment = models.CharField(
        _("who may join"),
        max_length=10,
        default=WhoMayJoin.OPEN,
        choices=WhoMayJoin,
    )
    rate_bp = models.PositiveIntegerField(
        _("default rate"), help_text=_("In basis points: 1000 is 10 %.")
    )
    cap_bp = models.PositiveIntegerField(
        _("highest rate"),
        default=8000,
        help_text=_("Rate and boost together never pay more. 8000 is 80 %."),
    )
    rate_lock_days = models.PositiveSmallIntegerField(
        _("notice of a lower rate in days"), default=30
    )
    # Of the settings: those that come after each of `earlier_settings` stand here, also
    # while they are planned.
    settings_changed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        constraints = [
            *joining.constraints,
            *program_settings.constraints("program"),
            models.UniqueConstraint(
                fields=["slug"],
                name="program_slug_is_unique",
                violation_error_message=_("This slug is taken."),
            ),
            models.UniqueConstraint(
                fields=["id", "shop"], name="program_carries_its_shop"
            ),
            models.CheckConstraint(
                name="program_rate_is_between_floor_and_cap",
                condition=Q(rate_bp__gte=100, cap_bp__lte=8000)
                & Q(rate_bp__lte=F("cap_bp")),
                violation_error_message=_("A rate lies between 1 %% and 80 %%."),
            ),
            models.CheckConstraint(
                name="program_status_is_known",
                condition=Q(status__in=ProgramStatus.values),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_over(self, at: datetime) -> bool:
        """Say whether it has ended, or its planned end has passed, swept or not."""
        is_past = self.ends_at is not None and self.ends_at <= at
        return is_past or self.status == ProgramStatus.ENDED


class ActivePeriod(models.Model):
    """When a program was active: an order is judged by its own moment (rule R4)."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="active_periods")
    starts_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty: since ever."
    )
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="First moment not active."
    )

    class Meta:
        constraints = [
            ends_after_it_starts("active_period"),
            ExclusionConstraint(
                name="active_periods_do_not_overlap",
                expressions=[(span("program"), "&&"), (window(), "&&")],
            ),
        ]


class Audience(models.Model):
    """Whom a term is for. Its members are rows of the floor above: this floor sells,
    it does not know creators. One enrolled creator is an audience of kind creator."""

    program = models.ForeignKey(
        Program, models.PROTECT, related_name="audiences", verbose_name=_("program")
    )
    slug = models.CharField(_("slug"), max_length=60)
    name = models.CharField(_("name"), max_length=120, blank=True)
    kind = models.CharField(
        _("kind"),
        max_length=7,
        choices=[("group", _("group")), ("creator", _("one creator"))],
    )

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "kind", "slug"],
                name="audience_slug_is_unique_in_program",
            ),
            models.UniqueConstraint(
                fields=["id", "program"], name="audience_carries_its_program"
            ),
            models.CheckConstraint(
                name="audience_kind_is_known",
                condition=Q(kind__in=["group", "creator"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.slug
