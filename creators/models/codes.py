from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from creators.models.enrollment import Enrollment
from creators.models.links import Format
from shops.models import Order, Program


class CodeStatus(models.TextChoices):
    """The life of a code; retired and banned codes are never handed out again (L2)."""

    ACTIVE = "active", _("active")
    RETIRED = "retired", _("retired")
    BANNED = "banned", _("banned")


class Code(models.Model):
    """What a buyer types: unique in its program without regard to case."""

    enrollment = models.ForeignKey(
        Enrollment,
        models.PROTECT,
        related_name="codes",
        verbose_name=_("enrollment"),
    )
    program = models.ForeignKey(Program, models.PROTECT, related_name="codes")
    code = models.CharField(_("code"), max_length=40)
    post = models.CharField(_("post"), max_length=120, blank=True)
    format = models.CharField(_("format"), max_length=8, choices=Format, blank=True)
    status = models.CharField(
        _("status"), max_length=7, choices=CodeStatus, default=CodeStatus.ACTIVE
    )
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("First moment without it.")
    )
    max_uses = models.PositiveIntegerField(_("most uses"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("code")
        verbose_name_plural = _("codes")
        constraints = [
            models.UniqueConstraint(
                Upper("code"),
                "program",
                name="code_is_unique_in_program_without_case",
                violation_error_message=_("This program already has this code."),
            ),
            models.CheckConstraint(
                name="code_has_no_blanks",
                condition=Q(code__regex=r"^\S{2,40}$"),
                violation_error_message=_("From 2 to 40 signs, without blanks."),
            ),
            models.CheckConstraint(
                name="code_ends_after_it_starts",
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="code_is_retired_at_some_moment",
                condition=Q(status="active", retired_at__isnull=True)
                | Q(status__in=["retired", "banned"], retired_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CodeUse(models.Model):
    """One order that took one of a code's uses; kept only where uses are limited."""

    code = models.ForeignKey(Code, models.PROTECT, related_name="uses")
    order = models.ForeignKey(Order, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "order"], name="code_is_used_once_per_order"
            ),
        ]
