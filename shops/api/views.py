from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, TypeVar, cast

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from affiliate.common import audit, throttle
from affiliate.common.api import Cursor, RateThrottle, demand_length
from shops.api.auth import KeyHolder, ShopKey, scope
from shops.models import Shop

Row = TypeVar("Row", bound=Model)


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

    @staticmethod
    def acting(request: Request) -> AbstractContextManager[None]:
        """Have the audit trail name the key that asks, by its prefix."""
        return audit.acting_as(cast(KeyHolder, request.auth).key.prefix)

    def page_of(
        self,
        request: Request,
        rows: QuerySet[Row],
        shown: Callable[[Row], dict[str, Any]],
    ) -> Response:
        """Return one page of these rows, each as `shown` shows it."""
        pages = Cursor()
        page = pages.paginate_queryset(rows, request, self) or []
        return pages.get_paginated_response([shown(row) for row in page])


# How a list is asked for its pages.
PAGES = [
    OpenApiParameter("cursor", description="As in `next` and `previous`."),
    OpenApiParameter("limit", int, description="At most 200."),
]


def scopes(*, reads: str, writes: str) -> type[BasePermission]:
    """Return the permission that asks for one scope to look and one to change."""
    looking, changing = scope(reads), scope(writes)

    class HasScopes(BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            asked = looking if request.method in SAFE_METHODS else changing
            permission = asked()
            self.message = getattr(permission, "message", None)
            return bool(permission.has_permission(request, view))

    return HasScopes
