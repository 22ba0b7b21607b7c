from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ShopQuerySet(models.QuerySet["Shop"]):
    """Words for choosing shops."""

    def of_member(self, user_id: int) -> "ShopQuerySet":
        """Keep the shops this user is a member of."""
        return self.filter(members__user_id=user_id)


class Shop(models.Model):
    """A merchant: who offers programs to creators and sends orders."""

    slug = models.SlugField(_("slug"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3)
    country = models.CharField(
        _("country"), max_length=2, help_text=_("Its public holidays move deadlines.")
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Paris")
    hosts = ArrayField(
        models.CharField(max_length=253),
        verbose_name=_("hosts"),
        default=list,
        blank=True,
        help_text=_("Links lead only to these."),
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ShopQuerySet.as_manager()

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="shop_slug_is_unique"),
            models.CheckConstraint(
                name="shop_currency_is_iso",
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                violation_error_message=_("Three capital letters, such as EUR."),
            ),
            models.CheckConstraint(
                name="shop_country_is_iso",
                condition=Q(country__regex=r"^[A-Z]{2}$"),
                violation_error_message=_("Two capital letters, such as FR."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do: owners everything, analysts look."""

    OWNER = "owner", _("owner")
    MANAGER = "manager", _("manager")
    ANALYST = "analyst", _("analyst")


class Member(models.Model):
    """A person who works for a shop."""

    shop = models.ForeignKey(
        Shop, models.PROTECT, related_name="members", verbose_name=_("shop")
    )
    user = models.ForeignKey(
        "common.User", models.PROTECT, related_name="shops", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=8, choices=Role)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "user"],
                name="member_once_per_shop",
                violation_error_message=_("This person is already a member."),
            ),
            models.CheckConstraint(
                name="member_role_is_known", condition=Q(role__in=Role.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


_TWO_PARTS = r"^[^:]+:.+$"


class WebhookSecret(models.Model):
    """What a shop system signs its webhooks with; two are live during a rotation.

    TikTok Shop signs with two things: they are kept as one, `<app key>:<app secret>`.
    """

    SYSTEMS = (
        ("shopify", "Shopify"),
        ("woocommerce", "WooCommerce"),
        ("tiktok_shop", "TikTok Shop"),
    )

    shop = models.ForeignKey(
        Shop, models.PROTECT, related_name="webhook_secrets", verbose_name=_("shop")
    )
    system = models.CharField(
        _("shop system"),
        max_length=20,
        choices=SYSTEMS,
    )
    secret = models.CharField(_("secret"), max_length=200)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook secret")
        verbose_name_plural = _("webhook secrets")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "system", "secret"], name="webhook_secret_once"
            ),
            models.CheckConstraint(
                name="tiktok_shop_secret_has_its_app_key",
                condition=~Q(system="tiktok_shop") | Q(secret__regex=_TWO_PARTS),
                violation_error_message=_(
                    "TikTok Shop needs the app key and the app secret: key:secret."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop} · {self.get_system_display()}"


class ApiKey(models.Model):
    """A bearer key; only its hash is stored, the key itself is shown once."""

    shop = models.ForeignKey(
        Shop,
        models.PROTECT,
        related_name="api_keys",
        null=True,
        blank=True,
        verbose_name=_("shop"),
        help_text=_("Empty for the platform's own keys."),
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    prefix = models.CharField(_("prefix"), max_length=16)
    secret_hash = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(models.CharField(max_length=32), verbose_name=_("scopes"))
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            models.UniqueConstraint(fields=["secret_hash"], name="api_key_is_unique"),
            models.CheckConstraint(
                name="api_key_expires_after_it_is_made",
                condition=Q(expires_at__isnull=True)
                | Q(expires_at__gt=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}".strip()

    @property
    def idempotency_owner(self) -> str:
        """Name whose repeats these are: the shop's, so that a new key finds them."""
        return f"shop:{self.shop_id}" if self.shop_id else f"key:{self.pk}"
