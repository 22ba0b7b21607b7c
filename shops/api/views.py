from datetime import timedelta
from typing import Any, cast

from rest_framework.request import Request
from rest_framework.views import APIView

from affiliate.common import throttle
from affiliate.common.api import RateThrottle, demand_length
from shops.api.auth import KeyHolder, ShopKey
from shops.models import Shop


class PerShop(RateThrottle):
    """A shop's requests: six thousand at once, three hundred a minute for long."""

    limit = throttle.Limit("api", 6_000, timedelta(minutes=20), fails_open=True)


class ShopView(APIView):
    """What every endpoint of a shop's key shares."""

    authentication_classes = [ShopKey]
    throttle_classes = [PerShop]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask who it is and what may be done, then whether there is a body."""
        super().initial(request, *args, **kwargs)
        demand_length(request)

    @staticmethod
    def shop_of(request: Request) -> Shop:
        """Return the shop whose key asks."""
        return cast(KeyHolder, request.auth).shop
