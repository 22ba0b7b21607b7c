from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliate.common import triggers
from creators.models.enrollment import Enrollment
from shops.models import Program, TermsVersion


class TermsAcceptance(models.Model):
    """A creator said yes to a version of a program's terms (rule P3); kept for ever."""

    enrollment = models.ForeignKey(
        Enrollment,
        models.PROTECT,
        related_name="acceptances",
        verbose_name=_("enrollment"),
    )
    version = models.ForeignKey(
        TermsVersion,
        models.PROTECT,
        related_name="acceptances",
        verbose_name=_("version"),
    )
    program = models.ForeignKey(Program, models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(_("accepted at"))
    address_hash = models.CharField(
        _("address"),
        max_length=64,
        help_text=_("A keyed hash: proves an address that is named, tells none."),
    )

    class Meta:
        verbose_name = _("acceptance of terms")
        verbose_name_plural = _("acceptances of terms")
        triggers = triggers.append_only("creators_termsacceptance")
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "version"], name="terms_are_accepted_once"
            ),
            models.CheckConstraint(
                name="terms_acceptance_keeps_a_keyed_hash",
                condition=models.Q(address_hash__regex=r"^[0-9a-f]{64}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrollment} · {self.version.number}"
