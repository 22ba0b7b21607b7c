from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creators.models.creators import Creator
from shops.models import Audience, Program


class EnrollmentStatus(models.TextChoices):
    """The life of an enrollment."""

    APPLIED = "applied", _("applied")
    ACTIVE = "active", _("active")
    REJECTED = "rejected", _("rejected")
    ENDED = "ended", _("ended")


class Enrollment(models.Model):
    """One creator in one program. Active for orders placed in [since, ended_at)."""

    creator = models.ForeignKey(
        Creator,
        models.PROTECT,
        related_name="enrollments",
        verbose_name=_("creator"),
    )
    program = models.ForeignKey(
        Program,
        models.PROTECT,
        related_name="enrollments",
        verbose_name=_("program"),
    )
    audience = models.OneToOneField(
        Audience,
        models.PROTECT,
        related_name="enrollment",
        verbose_name=_("audience"),
        help_text=_("This creator alone, for rates and boosts of their own."),
    )
    status = models.CharField(_("status"), max_length=8, choices=EnrollmentStatus)
    since = models.DateTimeField(_("since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "program"], name="enrollment_once_per_program"
            ),
            models.UniqueConstraint(
                fields=["id", "program"], name="enrollment_carries_its_program"
            ),
            models.UniqueConstraint(
                fields=["id", "creator"], name="enrollment_carries_its_creator"
            ),
            models.CheckConstraint(
                name="enrollment_ends_after_it_starts",
                condition=Q(ended_at__isnull=True)
                | Q(since__isnull=False, ended_at__gt=F("since")),
            ),
            models.CheckConstraint(
                name="enrollment_is_active_since_some_moment",
                condition=~Q(status__in=["active", "ended"]) | Q(since__isnull=False),
            ),
            models.CheckConstraint(
                name="enrollment_status_is_known",
                condition=Q(status__in=EnrollmentStatus.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creator} · {self.program}"


class GroupMember(models.Model):
    """An enrollment's place in a group of its program."""

    audience = models.ForeignKey(
        Audience, models.PROTECT, related_name="members", verbose_name=_("group")
    )
    enrollment = models.ForeignKey(
        Enrollment,
        models.PROTECT,
        related_name="groups",
        verbose_name=_("enrollment"),
    )
    program = models.ForeignKey(Program, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("group member")
        verbose_name_plural = _("group members")
        constraints = [
            models.UniqueConstraint(
                fields=["audience", "enrollment"], name="group_has_a_member_once"
            ),
        ]
