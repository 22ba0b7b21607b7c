from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from affiliate.common.api import idempotent
from affiliate.common.api.document import problems
from shops import catalogue
from shops.api import shapes
from shops.api.auth import scope
from shops.api.orders import rows_of
from shops.api.views import ShopView
from shops.catalogue import Written


def _shown(written: Written) -> dict[str, Any]:
    body: dict[str, Any] = {"sku": written.sku, "status": written.status}
    if written.code:
        body |= {"code": written.code, "errors": written.errors}
    return body


class PutProduct(ShopView):
    """PUT a product by its SKU."""

    permission_classes = [scope("orders:write")]

    @extend_schema(
        operation_id="put_product",
        request=shapes.ProductShape,
        responses={
            200: shapes.WrittenShape,
            201: shapes.WrittenShape,
            **problems({400: "invalid_product"}),
        },
    )
    def put(self, request: Request, sku: str) -> Response:
        """Create or replace the product: 201 when new, else 200."""
        body = request.data
        row = {**body, "sku": sku} if isinstance(body, dict) else body
        _product, written = catalogue.put(self.shop_of(request), row)
        status = 201 if written.status == "created" else 200
        return Response(_shown(written), status=status)


class PutProducts(ShopView):
    """POST up to 10,000 products; a bad one never stops the others."""

    permission_classes = [scope("orders:write")]

    @extend_schema(
        operation_id="put_products",
        request=shapes.ProductsShape,
        responses={
            200: shapes.WrittensShape,
            **problems({400: "invalid_batch"}),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Create or replace each and say what became of each."""
        rows = rows_of(request.data, "products")
        written = catalogue.put_many(self.shop_of(request), rows)
        return Response({"results": [_shown(each) for each in written]})
