from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creators.models.codes import Code
from creators.models.creators import Creator
from creators.models.enrollment import Enrollment
from creators.models.links import Link
from shops.models import OrderLine, Program, Shop


class VerdictState(models.TextChoices):
    """Whose a line is."""

    ATTRIBUTED = "attributed", _("attributed")
    NOBODY = "nobody", _("nobody")
    PENDING = "pending", _("waiting")


class Verdict(models.Model):
    """Who, if anyone, a line is attributed to, and why: one a line (rule A1).

    Line, shop, program, enrollment and creator are held by keys of two columns
    (migration 0002): constraints on the single ones would only be checked once more.
    """

    line = models.OneToOneField(
        OrderLine,
        models.PROTECT,
        primary_key=True,
        related_name="verdict",
        db_constraint=False,
        verbose_name=_("order line"),
    )
    shop = models.ForeignKey(
        Shop,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("shop"),
    )
    state = models.CharField(_("state"), max_length=10, choices=VerdictState)
    reason = models.CharField(_("reason"), max_length=30)
    via = models.CharField(_("through"), max_length=5, blank=True)
    program = models.ForeignKey(
        Program,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("program"),
    )
    creator = models.ForeignKey(
        Creator,
        models.PROTECT,
        null=True,
        related_name="verdicts",
        db_constraint=False,
        verbose_name=_("creator"),
    )
    enrollment = models.ForeignKey(
        Enrollment,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    link = models.ForeignKey(
        Link,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("link"),
    )
    code = models.ForeignKey(
        Code,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("code"),
    )
    touches = models.JSONField(
        _("touches"),
        default=list,
        help_text=_("Every click and code considered, and why it lost."),
    )
    facts = models.CharField(
        max_length=32,
        help_text="Digest of what was judged: the same facts are not judged again.",
    )
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        constraints = [
            models.CheckConstraint(
                name="verdict_names_a_creator_only_when_attributed",
                condition=Q(
                    state="attributed",
                    creator__isnull=False,
                    program__isnull=False,
                    enrollment__isnull=False,
                    via__in=["code", "click"],
                )
                | Q(
                    state__in=["nobody", "pending"],
                    creator__isnull=True,
                    program__isnull=True,
                    enrollment__isnull=True,
                    via="",
                ),
            ),
        ]


class UnaccruedVerdict(models.Model):
    """The row left for the floor above: this line's verdict or facts have changed.

    What fails is counted (see affiliate.common.queues), until it is queued again.
    """

    verdict = models.OneToOneField(
        Verdict,
        models.PROTECT,
        primary_key=True,
        related_name="+",
        # Written by who has just read the verdict, which is never deleted; a row
        # without one would be taken and lead to nothing.
        db_constraint=False,
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True, db_default="")
