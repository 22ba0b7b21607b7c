from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shops.models.catalogue import Product
from shops.models.merchants import Shop


class OrderStatus(models.TextChoices):
    """What the shop says of an order; only paid orders earn."""

    PENDING = "pending", _("not paid yet")
    PAID = "paid", _("paid")
    CANCELLED = "cancelled", _("cancelled")


class Order(models.Model):
    """What was bought, as the newest version the shop sent."""

    shop = models.ForeignKey(
        Shop,
        models.PROTECT,
        related_name="orders",
        db_index=False,  # two others begin with it
        verbose_name=_("shop"),
    )
    external_id = models.CharField(_("order number"), max_length=100)
    version = models.BigIntegerField(_("version"))
    content_hash = models.CharField(max_length=64, editable=False)
    placed_at = models.DateTimeField(_("placed at"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=9, choices=OrderStatus)
    buyer_hash = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Keyed; never the address."
    )
    buyer_country = models.CharField(_("buyer's country"), max_length=2, blank=True)
    clicks = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    codes = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    delivered_at = models.DateTimeField(
        _("delivered at"), null=True, blank=True, help_text=_("The last parcel.")
    )
    received_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "external_id"], name="order_is_known_once_per_shop"
            ),
            models.UniqueConstraint(
                fields=["id", "shop"], name="order_carries_its_shop"
            ),
            models.CheckConstraint(
                name="order_status_is_known",
                condition=Q(status__in=OrderStatus.values),
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "-placed_at"], name="order_by_shop_and_time"),
            # Whether a purchase is the buyer's first (rule C6): a fifth of the size
            # of a tree of these hashes, and one page to write for each order.
            HashIndex(
                fields=["buyer_hash"],
                name="order_by_buyer",
                condition=~Q(buyer_hash=""),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class OrderLine(models.Model):
    """One line; `net_cents` is what was paid without VAT, after discounts.

    Order and product are held by keys that carry the shop (migration 0002), so that
    further constraints on the single columns would only be checked a second time: a
    third of the time of a batch.
    """

    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="lines",
        db_constraint=False,
        verbose_name=_("order"),
    )
    shop = models.ForeignKey(
        Shop,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("shop"),
    )
    external_id = models.CharField(_("line"), max_length=100)
    sku = models.CharField(_("SKU"), max_length=100)
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("product"),
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    net_cents = models.BigIntegerField(_("paid without VAT"))
    tax_cents = models.BigIntegerField(_("VAT"), default=0)
    refunded_cents = models.BigIntegerField(_("refunded without VAT"), default=0)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "external_id"], name="line_is_known_once_per_order"
            ),
            models.UniqueConstraint(
                fields=["id", "shop"], name="line_carries_its_shop"
            ),
            models.CheckConstraint(
                name="line_amounts_are_not_negative",
                condition=Q(net_cents__gte=0, tax_cents__gte=0, quantity__gte=0),
            ),
            models.CheckConstraint(
                name="line_refunds_stay_within_what_was_paid",
                condition=Q(refunded_cents__gte=0, refunded_cents__lte=F("net_cents")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.external_id}"


class Refund(models.Model):
    """Money given back to the buyer, once per `external_id` of the shop."""

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="refunds", verbose_name=_("order")
    )
    external_id = models.CharField(_("refund number"), max_length=100)
    content_hash = models.CharField(max_length=64, editable=False)
    refunded_at = models.DateTimeField(_("refunded at"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "external_id"], name="refund_is_known_once_per_order"
            ),
        ]


class RefundLine(models.Model):
    """What a refund gives back of one line, without VAT."""

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="refunds")
    net_cents = models.BigIntegerField()
    quantity = models.PositiveIntegerField(
        default=0, help_text="Units given back; 0 where the shop names an amount only."
    )
    given_cents = models.BigIntegerField(
        null=True,
        help_text="What the shop said; empty where it names units only. The share of "
        "units follows the order's newest version.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["refund", "line"], name="refund_names_a_line_once"
            ),
            models.CheckConstraint(
                name="refund_line_is_not_negative", condition=Q(net_cents__gte=0)
            ),
        ]


class Delivery(models.Model):
    """One parcel that arrived; the last one starts the hold (rule C2)."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="deliveries")
    delivered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "delivered_at"], name="delivery_is_known_once"
            ),
        ]


class UnsettledLine(models.Model):
    """The row left for the floor above: this line, or its order, has changed.

    Whoever settles deletes it in the transaction that leaves the verdict. What fails
    is counted (see affiliate.common.queues), until the line changes again.
    """

    line = models.OneToOneField(
        OrderLine,
        models.PROTECT,
        primary_key=True,
        related_name="+",
        # Written by the statement that writes the line, or read it; a row without its
        # line would be taken and lead to nothing.
        db_constraint=False,
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True, db_default="")
