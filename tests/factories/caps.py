"""The smallest valid row of a place under a cap."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from payouts import models
from tests.factories.payouts import CommissionFactory
from tests.factories.shops import RateFactory


class CappedSaleFactory(DjangoModelFactory):
    """The only place under a cap of one sale ever."""

    class Meta:
        model = models.CappedSale

    commission = factory.SubFactory(
        CommissionFactory,
        rate=factory.SubFactory(
            RateFactory,
            program=factory.SelfAttribute("..program"),
            most_sales=1,
            most_sales_per="ever",
        ),
    )
    rate = factory.SelfAttribute("commission.rate")
    creator = factory.SelfAttribute("commission.creator")
    most_sales = 1
    period_starts_on = date(2000, 1, 1)
    place = 1
