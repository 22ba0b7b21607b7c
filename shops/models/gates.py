from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shops.models.merchants import Shop
from shops.models.programs import Program


class Restriction(models.Model):
    """Which restricted goods a program promotes, and what is done about it (P5)."""

    program = models.OneToOneField(
        Program,
        models.PROTECT,
        related_name="restriction",
        verbose_name=_("program"),
    )
    codes = ArrayField(
        models.CharField(max_length=30),
        verbose_name=_("restricted goods"),
        default=list,
        blank=True,
    )
    platforms = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("platforms"),
        default=list,
        blank=True,
        help_text=_("Where creators may post. Empty: anywhere."),
    )
    excludes_minors = models.BooleanField(
        _("minors are kept out"),
        default=False,
        help_text=_("The age exclusion of every platform is on."),
    )
    notice = models.CharField(
        _("notice"),
        max_length=500,
        blank=True,
        help_text=_("The legal words that creators have to show."),
    )

    class Meta:
        verbose_name = _("restricted goods of a program")
        verbose_name_plural = _("restricted goods of programs")

    def __str__(self) -> str:
        return str(self.program)


class Licence(models.Model):
    """A shop's proof for restricted goods; it counts once a person has reviewed it."""

    shop = models.ForeignKey(
        Shop, models.PROTECT, related_name="licences", verbose_name=_("shop")
    )
    code = models.CharField(_("restricted goods"), max_length=30)
    reference = models.CharField(
        _("reference"),
        max_length=120,
        help_text=_("Number and authority of a licence, or what was reviewed."),
    )
    expires_on = models.DateField(_("last day"))
    reviewed_by = models.ForeignKey(
        "common.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "code", "reference"],
                name="licence_is_kept_once",
                violation_error_message=_("This licence is there already."),
            ),
            models.CheckConstraint(
                name="licence_names_goods_and_reference",
                condition=~Q(code="") & ~Q(reference=""),
            ),
            models.CheckConstraint(
                name="licence_is_reviewed_by_someone",
                condition=Q(reviewed_by__isnull=True, reviewed_at__isnull=True)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reference
