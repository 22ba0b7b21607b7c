from datetime import timedelta
from typing import ClassVar, cast

from rest_framework.request import Request
from rest_framework.views import APIView

from affiliate.common import throttle
from affiliate.common.api import RateThrottle
from shops.api.auth import KeyHolder, ShopKey
from shops.models import Shop


class PerKey(RateThrottle):
    """A shop's requests: a burst of a thousand, three hundred a minute for long."""

    limit = throttle.Limit("api", 6_000, timedelta(minutes=20), fails_open=True)


class ShopView(APIView):
    """What every endpoint of a shop's key shares."""

    authentication_classes: ClassVar = [ShopKey]
    throttle_classes: ClassVar = [PerKey]

    @staticmethod
    def shop_of(request: Request) -> Shop:
        """Return the shop whose key asks."""
        return cast(KeyHolder, request.auth).shop
