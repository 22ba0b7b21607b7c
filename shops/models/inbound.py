from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shops.models.merchants import Shop


class EarlyEvent(models.Model):
    """A refund, cancellation or delivery whose order has not come yet."""

    shop = models.ForeignKey(
        Shop, models.PROTECT, related_name="early_events", verbose_name=_("shop")
    )
    order_external_id = models.CharField(_("order number"), max_length=100)
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=[
            ("refund", _("refund")),
            ("cancel", _("cancellation")),
            ("delivery", _("delivery")),
        ],
    )
    key = models.CharField(max_length=100, help_text="What makes it the same event.")
    facts = models.JSONField(_("facts"))
    received_at = models.DateTimeField(_("received at"), db_default=Now())
    refusal = models.CharField(
        _("refused because"), max_length=200, blank=True, default=""
    )

    class Meta:
        verbose_name = _("early event")
        verbose_name_plural = _("early events")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "order_external_id", "kind", "key"],
                name="early_event_is_kept_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.order_external_id}"


class InboundStatus(models.TextChoices):
    """What became of a raw event."""

    RECEIVED = "received", _("received")
    APPLIED = "applied", pgettext_lazy("message of a shop", "applied")
    IGNORED = "ignored", _("nothing to do")
    FAILED = "failed", _("not understood")


class InboundEvent(models.Model):
    """One webhook as it came: the bytes are stored before anyone reads them."""

    shop = models.ForeignKey(
        Shop, models.PROTECT, related_name="inbound_events", verbose_name=_("shop")
    )
    system = models.CharField(_("shop system"), max_length=20)
    topic = models.CharField(_("topic"), max_length=60)
    body = models.BinaryField()
    status = models.CharField(
        _("status"),
        max_length=8,
        choices=InboundStatus,
        default=InboundStatus.RECEIVED,
    )
    reason = models.TextField(_("reason"), blank=True)
    received_at = models.DateTimeField(_("received at"), db_default=Now())
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("inbound event")
        verbose_name_plural = _("inbound events")
        constraints = [
            models.CheckConstraint(
                name="inbound_event_status_is_known",
                condition=Q(status__in=InboundStatus.values),
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "-received_at"], name="inbound_by_shop_and_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.topic}"
