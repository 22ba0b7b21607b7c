from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


class Creator(models.Model):
    """Who sells: a person known by a handle."""

    user = models.OneToOneField(
        "common.User",
        models.PROTECT,
        related_name="creator",
        verbose_name=_("user"),
    )
    handle = models.CharField(_("handle"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(_("country"), max_length=2)
    languages = ArrayField(
        models.CharField(max_length=5),
        verbose_name=_("languages"),
        default=list,
        blank=True,
    )
    followers = models.PositiveBigIntegerField(_("followers"), null=True, blank=True)
    niches = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("niches"),
        default=list,
        blank=True,
    )
    born_on = models.DateField(
        _("born on"),
        null=True,
        blank=True,
        help_text=_("Programs ask for an age; without it none can be joined."),
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("creator")
        verbose_name_plural = _("creators")
        constraints = [
            models.UniqueConstraint(
                Lower("handle"),
                name="creator_handle_is_unique_without_case",
                violation_error_message=_("This handle is taken."),
            ),
            models.CheckConstraint(
                name="creator_handle_is_plain",
                condition=Q(handle__regex=r"^[a-zA-Z0-9][a-zA-Z0-9._-]{0,39}$"),
                violation_error_message=_(
                    "Letters, digits, dot, dash, underscore; first a letter or digit."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"


class CreatorEmail(models.Model):
    """An address of a creator as a keyed hash: finds the creator's own purchases (A6).

    The sign-in address and every payout address have one.
    """

    creator = models.ForeignKey(Creator, models.PROTECT, related_name="emails")
    email_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email_hash", "creator"], name="creator_email_is_kept_once"
            ),
        ]
