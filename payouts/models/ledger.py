from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creators.models import Creator
from shops.models import Shop


class AccountKind(models.TextChoices):
    """The accounts of the double entry (rule G3); debit is positive."""

    SHOP_OWED = "shop_owed", _("owed by the shop")
    CREATOR_ACCRUED = "creator_accrued", _("expected by the creator")
    CREATOR_PAYABLE = "creator_payable", _("payable to the creator")
    IN_TRANSIT = "in_transit", _("on its way to the bank")
    BANK = "bank", _("bank")


class LedgerAccount(models.Model):
    """One account in one currency, of a shop, of a creator, or of the platform."""

    kind = models.CharField(_("account"), max_length=16, choices=AccountKind)
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, related_name="+")
    creator = models.ForeignKey(
        Creator, models.PROTECT, null=True, related_name="accounts"
    )
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "shop", "creator", "currency"],
                nulls_distinct=False,
                name="ledger_account_exists_once",
            ),
            models.UniqueConstraint(
                fields=["id", "currency"], name="ledger_account_carries_its_currency"
            ),
            models.CheckConstraint(
                name="ledger_account_belongs_to_whom_its_kind_says",
                condition=Q(kind="shop_owed", shop__isnull=False, creator__isnull=True)
                | Q(
                    kind__in=["creator_accrued", "creator_payable", "in_transit"],
                    shop__isnull=True,
                    creator__isnull=False,
                )
                | Q(kind="bank", shop__isnull=True, creator__isnull=True),
            ),
        ]


class LedgerEntry(models.Model):
    """One business event in money: posted once, balanced, never changed (G1).

    `sealed_by` is the transaction that wrote it: no leg joins it later. `is_whole` says
    that its legs came in the same statement, and were checked by it.
    """

    key = models.CharField(max_length=80, help_text="Names the business event.")
    kind = models.CharField(_("kind"), max_length=16)
    at = models.DateTimeField(_("at"))
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by"
    )

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="ledger_entry_is_posted_once_per_event"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class LedgerLeg(models.Model):
    """One side of an entry, in minor units; positive is debit."""

    # Held by `ledger_entry_is_sealed`: a leg comes after its entry, which never goes.
    entry = models.ForeignKey(
        LedgerEntry,
        models.PROTECT,
        related_name="legs",
        db_constraint=False,
        verbose_name=_("entry"),
    )
    account = models.ForeignKey(
        LedgerAccount,
        models.PROTECT,
        related_name="legs",
        db_index=False,
        db_constraint=False,  # held by the key with the currency (migration 0002)
        verbose_name=_("account"),
    )
    amount_cents = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("ledger leg")
        verbose_name_plural = _("ledger legs")
        constraints = [
            models.CheckConstraint(
                name="ledger_leg_is_not_zero", condition=~Q(amount_cents=0)
            ),
        ]
        indexes = [
            models.Index(
                fields=["account"],
                include=["amount_cents"],
                name="ledger_leg_by_account",
            ),
        ]
