"""Tables that merchants bring."""

import factory
from factory.django import DjangoModelFactory

from shops import models
from tests.factories.common import UserFactory
from tests.factories.shops import MOMENT, ShopFactory


class TableImportFactory(DjangoModelFactory):
    """A table of products that waits to be read."""

    class Meta:
        model = models.TableImport

    shop = factory.SubFactory(ShopFactory)
    by = factory.SubFactory(UserFactory)
    kind = models.TableKind.PRODUCTS
    name = factory.Sequence("table-{}.csv".format)
    language = "en"
    body = b"sku,name\nA,Serum\n"
    created_at = MOMENT
