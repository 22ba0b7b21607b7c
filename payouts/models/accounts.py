from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from creators.models import Creator


class BankAccount(models.Model):
    """Where a creator is paid. Usable once verified and past its hold (rule Y8)."""

    creator = models.ForeignKey(
        Creator,
        models.PROTECT,
        related_name="bank_accounts",
        verbose_name=_("creator"),
    )
    iban = models.CharField("IBAN", max_length=34)
    bic = models.CharField("BIC", max_length=11, blank=True)
    holder = models.CharField(_("holder"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    usable_from = models.DateTimeField(
        _("usable from"),
        null=True,
        blank=True,
        help_text=_("End of the 72 hours' hold."),
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "currency"],
                condition=Q(ended_at__isnull=True),
                name="bank_account_is_the_only_live_one",
            ),
            models.UniqueConstraint(
                fields=["id", "creator", "currency"],
                name="bank_account_carries_its_creator",
            ),
            models.CheckConstraint(
                name="bank_account_iban_is_compact",
                condition=Q(iban__regex=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$"),
            ),
            models.CheckConstraint(
                name="bank_account_is_usable_only_once_verified",
                condition=Q(usable_from__isnull=True)
                | Q(verified_at__isnull=False, usable_from__gte=F("verified_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.iban[:4]} … {self.iban[-4:]}"


class TaxKind(models.TextChoices):
    """How a creator stands with the tax office (law.md §7)."""

    FR_FRANCHISE = "fr_franchise", _("France, VAT franchise")
    FR_VAT = "fr_vat", _("France, VAT registered")
    EU_VAT = "eu_vat", _("EU, VAT registered")
    NON_EU = "non_eu", _("outside the EU")


class TaxProfile(models.Model):
    """What the self-billed invoice needs of a creator; without it nothing is paid."""

    creator = models.OneToOneField(
        Creator,
        models.PROTECT,
        related_name="tax_profile",
        verbose_name=_("creator"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=TaxKind)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("tax profile")
        verbose_name_plural = _("tax profiles")
        constraints = [
            models.CheckConstraint(
                name="tax_profile_names_its_registration",
                condition=Q(kind__in=["fr_franchise", "fr_vat"])
                & Q(siret__regex=r"^[0-9]{14}$")
                | Q(kind="eu_vat") & ~Q(vat_number="")
                | Q(kind="non_eu"),
                violation_error_message=_("A French creator needs a SIRET."),
            ),
        ]
