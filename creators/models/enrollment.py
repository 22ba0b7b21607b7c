from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creators.models.creators import Creator
from shops.models import Audience, Program
from shops.models.programs import ends_after_it_starts, span, window


class EnrollmentStatus(models.TextChoices):
    """The life of an enrollment (rules P1, P2)."""

    INVITED = "invited", _("invited")
    APPLIED = "applied", _("applied")
    ACTIVE = "active", _("active")
    REJECTED = "rejected", _("rejected")
    ENDED = "ended", _("ended")


class Again(models.TextChoices):
    """Whether a rejected creator may apply again."""

    NOW = "now", _("at once")
    LATER = "later", _("after a delay")
    NEVER = "never", _("never")


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
        db_index=False,  # see `enrollment_by_program`
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
    asked_at = models.DateTimeField(
        _("asked at"),
        null=True,
        blank=True,
        help_text=_("When the creator last applied, or was last invited."),
    )
    reason = models.CharField(
        _("reason"),
        max_length=200,
        blank=True,
        help_text=_("Why it was rejected or ended; the creator reads it."),
    )
    may_apply_again = models.CharField(
        _("may apply again"), max_length=5, choices=Again, blank=True
    )
    again_at = models.DateTimeField(_("may apply again from"), null=True, blank=True)

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
            models.CheckConstraint(
                name="enrollment_rejection_says_why_and_when_again",
                condition=Q(may_apply_again="", again_at__isnull=True)
                & ~Q(status="rejected")
                | Q(status="rejected", may_apply_again__in=["now", "never"])
                & Q(again_at__isnull=True)
                & ~Q(reason="")
                | Q(status="rejected", may_apply_again="later")
                & Q(again_at__isnull=False)
                & ~Q(reason=""),
            ),
        ]
        indexes = [
            # With the id: by a program alone, a planner without statistics looked an
            # enrollment up among all of its program, for each verdict and commission.
            models.Index(fields=["program", "id"], name="enrollment_by_program"),
        ]

    def __str__(self) -> str:
        return f"{self.creator} · {self.program}"


class GroupMember(models.Model):
    """An enrollment's place in a group, for orders placed in [starts_at, ends_at)."""

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
    starts_at = models.DateTimeField(
        _("in the group since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Empty: since ever."),
    )
    ends_at = models.DateTimeField(
        _("in the group until"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("First moment out of the group."),
    )

    class Meta:
        verbose_name = _("group member")
        verbose_name_plural = _("group members")
        constraints = [
            ends_after_it_starts("group_member"),
            ExclusionConstraint(
                name="group_has_a_member_once_at_a_time",
                expressions=[
                    (span("audience"), "&&"),
                    (span("enrollment"), "&&"),
                    (window(), "&&"),
                ],
            ),
        ]

    @staticmethod
    def inside(at: datetime) -> Q:
        """Keep those who are in a group for orders placed at this moment."""
        return (Q(starts_at=None) | Q(starts_at__lte=at)) & (
            Q(ends_at=None) | Q(ends_at__gt=at)
        )
