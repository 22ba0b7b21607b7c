"""The smallest valid rows of restricted goods."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from shops.models import Licence, Restriction
from tests.factories.common import UserFactory
from tests.factories.shops import MOMENT, ProgramFactory, ShopFactory


class RestrictionFactory(DjangoModelFactory):
    class Meta:
        model = Restriction

    program = factory.SubFactory(ProgramFactory)
    codes = ["CRYPTO"]
    platforms = ["youtube"]


class LicenceFactory(DjangoModelFactory):
    """Not reviewed; `reviewed=True` holds until the end of 2026."""

    class Meta:
        model = Licence

    class Params:
        reviewed = factory.Trait(
            reviewed_by=factory.SubFactory(UserFactory), reviewed_at=MOMENT
        )

    shop = factory.SubFactory(ShopFactory)
    code = "CRYPTO"
    reference = factory.Sequence("AMF {}".format)
    expires_on = date(2026, 12, 31)
