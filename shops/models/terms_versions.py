from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from affiliate.common import triggers
from shops.models.programs import Program


class TermsVersion(models.Model):
    """A text that creators accept when they join a program (rule P3); it never changes.

    The one of the highest number that is in force counts.
    """

    program = models.ForeignKey(
        Program,
        models.PROTECT,
        related_name="terms_versions",
        verbose_name=_("program"),
    )
    number = models.PositiveIntegerField(_("number"))
    text = models.TextField(_("text"))
    published_at = models.DateTimeField(_("published at"))
    in_force_from = models.DateTimeField(_("in force from"))

    class Meta:
        verbose_name = _("version of the terms")
        verbose_name_plural = _("versions of the terms")
        triggers = triggers.append_only("shops_termsversion")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "number"],
                name="terms_version_number_is_unique_in_program",
            ),
            models.UniqueConstraint(
                fields=["id", "program"], name="terms_version_carries_its_program"
            ),
            models.CheckConstraint(
                name="terms_version_is_published_before_it_holds",
                condition=Q(in_force_from__gte=F("published_at")),
            ),
            models.CheckConstraint(
                name="terms_version_has_number_and_text",
                condition=Q(number__gte=1) & ~Q(text=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program} · {self.number}"
