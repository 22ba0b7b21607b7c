"""The smallest valid rows of the shops floor; states are traits."""

from datetime import UTC, datetime, timedelta

import factory
from factory.django import DjangoModelFactory

from affiliate.common import ids
from shops import models
from tests.factories.common import UserFactory

MOMENT = datetime(2026, 11, 3, 9, 15, tzinfo=UTC)


class ShopFactory(DjangoModelFactory):
    class Meta:
        model = models.Shop

    slug = factory.Sequence("shop-{}".format)
    name = factory.Sequence("Shop {}".format)
    currency = "EUR"
    country = "FR"
    time_zone = "Europe/Paris"
    hosts = factory.LazyAttribute(lambda shop: [f"{shop.slug}.example"])


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = models.Member

    shop = factory.SubFactory(ShopFactory)
    user = factory.SubFactory(UserFactory)
    role = models.Role.OWNER


class WebhookSecretFactory(DjangoModelFactory):
    class Meta:
        model = models.WebhookSecret

    shop = factory.SubFactory(ShopFactory)
    system = "shopify"
    secret = factory.Sequence("s3cret-{}".format)


class ApiKeyFactory(DjangoModelFactory):
    """A key whose bearer text is `secret`: `ApiKeyFactory(secret="mk_...")`."""

    class Meta:
        model = models.ApiKey

    class Params:
        secret = factory.LazyFunction(lambda: ids.new_secret("mk"))

    shop = factory.SubFactory(ShopFactory)
    name = "test"
    prefix = factory.LazyAttribute(lambda key: key.secret[:11])
    secret_hash = factory.LazyAttribute(lambda key: ids.secret_hash(key.secret))
    scopes = factory.LazyFunction(lambda: ["orders:read", "orders:write"])


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = models.Category

    shop = factory.SubFactory(ShopFactory)
    slug = factory.Sequence("category-{}".format)


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = models.Product

    shop = factory.SubFactory(ShopFactory)
    sku = factory.Sequence("SKU-{}".format)
    name = factory.Sequence("Product {}".format)
    url = factory.LazyAttribute(
        lambda product: f"https://{product.shop.slug}.example/p/{product.sku}"
    )
    currency = factory.SelfAttribute("shop.currency")


class ProgramFactory(DjangoModelFactory):
    """A draft; `active=True` makes it active since ever."""

    class Meta:
        model = models.Program
        skip_postgeneration_save = True

    class Params:
        active = factory.Trait(
            status=models.ProgramStatus.ACTIVE,
            period=factory.RelatedFactory(
                "tests.factories.shops.ActivePeriodFactory", "program"
            ),
        )

    shop = factory.SubFactory(ShopFactory)
    slug = factory.Sequence("program-{}".format)
    name = factory.Sequence("Program {}".format)
    currency = factory.SelfAttribute("shop.currency")
    rate_bp = 1000


class EarlierSettingsFactory(DjangoModelFactory):
    """The defaults, which held until MOMENT."""

    class Meta:
        model = models.EarlierSettings

    program = factory.SubFactory(ProgramFactory)
    ends_at = MOMENT
    announced_at = MOMENT - timedelta(days=15)


class ActivePeriodFactory(DjangoModelFactory):
    """Since ever and without end."""

    class Meta:
        model = models.ActivePeriod

    program = factory.SubFactory(ProgramFactory)
    starts_at = None
    ends_at = None


class AudienceFactory(DjangoModelFactory):
    class Meta:
        model = models.Audience

    program = factory.SubFactory(ProgramFactory)
    slug = factory.Sequence("audience-{}".format)
    kind = "group"


class RateFactory(DjangoModelFactory):
    """12 % for everyone and everything, since ever; `flat=True` is 1.00 a unit."""

    class Meta:
        model = models.Rate

    class Params:
        flat = factory.Trait(rate_bp=None, flat_cents=100)

    program = factory.SubFactory(ProgramFactory)
    rate_bp = 1200


class ExclusionFactory(DjangoModelFactory):
    class Meta:
        model = models.Exclusion

    program = factory.SubFactory(ProgramFactory)
    product = factory.SubFactory(
        ProductFactory, shop=factory.SelfAttribute("..program.shop")
    )


class BoostFactory(DjangoModelFactory):
    """Double, in the week around MOMENT."""

    class Meta:
        model = models.Boost

    program = factory.SubFactory(ProgramFactory)
    name = factory.Sequence("Boost {}".format)
    multiplier_pct = 200
    starts_at = MOMENT - timedelta(days=3)
    ends_at = MOMENT + timedelta(days=4)


class BudgetFactory(DjangoModelFactory):
    """7.00 for a boost, nothing of it spent; `boost=None` is of the whole program."""

    class Meta:
        model = models.Budget

    program = factory.SubFactory(ProgramFactory)
    boost = factory.SubFactory(BoostFactory, program=factory.SelfAttribute("..program"))
    amount_cents = 700


class OrderFactory(DjangoModelFactory):
    """Paid, without lines: `OrderLineFactory(order=...)` adds them."""

    class Meta:
        model = models.Order

    class Params:
        pending = factory.Trait(status=models.OrderStatus.PENDING)
        cancelled = factory.Trait(
            status=models.OrderStatus.CANCELLED,
            cancelled_at=factory.LazyAttribute(
                lambda order: order.placed_at + timedelta(days=1)
            ),
        )
        delivered = factory.Trait(
            delivered_at=factory.LazyAttribute(
                lambda order: order.placed_at + timedelta(days=3)
            )
        )

    shop = factory.SubFactory(ShopFactory)
    external_id = factory.Sequence("order-{}".format)
    version = 1
    content_hash = factory.Sequence("{:064x}".format)
    placed_at = MOMENT
    currency = factory.SelfAttribute("shop.currency")
    status = models.OrderStatus.PAID


class OrderLineFactory(DjangoModelFactory):
    """40.00 for two units, of no product of the catalogue."""

    class Meta:
        model = models.OrderLine

    order = factory.SubFactory(OrderFactory)
    shop = factory.SelfAttribute("order.shop")
    external_id = factory.Sequence("{}".format)
    product = None
    sku = factory.LazyAttribute(
        lambda line: line.product.sku if line.product else "SKU-UNKNOWN"
    )
    quantity = 2
    net_cents = 4000
    tax_cents = 800


class RefundFactory(DjangoModelFactory):
    class Meta:
        model = models.Refund

    order = factory.SubFactory(OrderFactory)
    external_id = factory.Sequence("refund-{}".format)
    content_hash = factory.Sequence("{:064x}".format)
    refunded_at = factory.LazyAttribute(
        lambda refund: refund.order.placed_at + timedelta(days=5)
    )


class RefundLineFactory(DjangoModelFactory):
    """10.00 of one line; the line's own sum is the verb's to keep."""

    class Meta:
        model = models.RefundLine

    line = factory.SubFactory(OrderLineFactory)
    refund = factory.SubFactory(
        RefundFactory, order=factory.SelfAttribute("..line.order")
    )
    net_cents = 1000


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = models.Delivery

    order = factory.SubFactory(OrderFactory)
    delivered_at = factory.LazyAttribute(
        lambda delivery: delivery.order.placed_at + timedelta(days=3)
    )


class UnsettledLineFactory(DjangoModelFactory):
    class Meta:
        model = models.UnsettledLine

    line = factory.SubFactory(OrderLineFactory)


class EarlyEventFactory(DjangoModelFactory):
    """A cancellation whose order has not come."""

    class Meta:
        model = models.EarlyEvent

    shop = factory.SubFactory(ShopFactory)
    order_external_id = factory.Sequence("order-early-{}".format)
    kind = "cancel"
    key = "cancel"
    facts = factory.LazyFunction(lambda: {"cancelled_at": MOMENT.isoformat()})


class InboundEventFactory(DjangoModelFactory):
    class Meta:
        model = models.InboundEvent

    shop = factory.SubFactory(ShopFactory)
    system = "shopify"
    topic = "orders/paid"
    body = b"{}"
