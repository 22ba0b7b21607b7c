from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from affiliate.common.api import idempotent
from affiliate.common.api.document import problems
from affiliate.common.errors import Refusal
from shops import orders
from shops.api import shapes
from shops.api.auth import scope
from shops.api.views import ShopView
from shops.models import Shop
from shops.orders import Outcome

MOST = 10_000


class NotABatch(Refusal):
    """The body holds no list of rows, or too long a one; nothing was kept."""

    code = "invalid_batch"
    title = _("The batch cannot be read.")
    way_out = _("Send an object with a list of up to 10,000.")
    status = 400


def rows_of(body: Any, name: str) -> list[Any]:
    """Return the list of a batch, which may hold anything. Raises NotABatch."""
    rows = body.get(name) if isinstance(body, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST:
        raise NotABatch(errors={name: [_("Must be a list of up to 10,000.")]})
    return rows


def number_of(raw: Any) -> str:
    """Return the number under which a rejected row can be found again, if any."""
    number = raw.get("external_id") if isinstance(raw, dict) else None
    return number[: orders.LONGEST] if isinstance(number, str) else ""


def shown(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as JSON, without what is empty."""
    body: dict[str, Any] = {
        "external_id": outcome.external_id,
        "status": outcome.status,
    }
    if outcome.code:
        body |= {"code": outcome.code, "errors": outcome.errors}
    return body


class RecordOrder(ShopView):
    """POST an order: 201 when new, 200 when known or newer, 409 on conflict."""

    permission_classes = [scope("orders:write")]

    @extend_schema(
        operation_id="record_order",
        request=shapes.OrderShape,
        responses={
            200: shapes.OutcomeShape,
            201: shapes.OutcomeShape,
            **problems(
                {
                    400: "invalid_order",
                    409: "order_conflict, currency_changed",
                    422: "below_refunded",
                }
            ),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep the newest version of an order; its lines are judged by the sweep."""
        shop, at = self.shop_of(request), now()
        facts = orders.parse(request.data, shop, at=at)
        _order, outcome = orders.record(shop, facts, at=at)
        status = 201 if outcome.status == "created" else 200
        return Response(shown(outcome), status=status)


class RecordOrders(ShopView):
    """POST up to 10,000 orders; a bad one never stops the others."""

    permission_classes = [scope("orders:write")]

    @extend_schema(
        operation_id="record_orders",
        request=shapes.BatchShape,
        responses={
            200: shapes.OutcomesShape,
            **problems({400: "invalid_batch"}),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep each order and say what became of each, in the order they came."""
        shop, at = self.shop_of(request), now()
        outcomes: list[Outcome | None] = []
        readable = []
        for raw in rows_of(request.data, "orders"):
            try:
                readable.append(orders.parse(raw, shop, at=at))
                outcomes.append(None)
            except orders.InvalidOrder as refusal:
                outcomes.append(
                    Outcome(number_of(raw), "rejected", refusal.code, refusal.errors)
                )
        recorded = iter(orders.record_many(shop, readable, at=at))
        results = [shown(outcome or next(recorded)) for outcome in outcomes]
        return Response({"results": results})


class _OrderEvent(ShopView):
    permission_classes = [scope("orders:write")]

    def apply(self, shop: Shop, number: str, body: Any) -> Outcome:
        """Call the verb of this event."""
        raise NotImplementedError

    def answer(self, request: Request, external_id: str) -> Response:
        """Answer 201 when applied, 200 when known, 202 when kept for its order."""
        outcome = self.apply(self.shop_of(request), external_id, request.data)
        statuses = {"unchanged": 200, "kept": 202}
        return Response(shown(outcome), status=statuses.get(outcome.status, 201))


def _answers(words: dict[int, str]) -> dict[Any, Any]:
    kept = OpenApiResponse(shapes.OutcomeShape, "Kept until its order comes.")
    known = {200: shapes.OutcomeShape, 201: shapes.OutcomeShape, 202: kept}
    return {**known, **problems(words)}


_OF_MOMENTS = {400: "invalid_instant, invalid_order_number", 422: "before_order"}


class RefundOrder(_OrderEvent):
    """POST a refund of lines of an order."""

    @extend_schema(
        operation_id="refund_order",
        request=shapes.RefundShape,
        responses=_answers(
            {
                400: "invalid_refund, invalid_order_number",
                409: "refund_conflict",
                422: "refund_exceeds_paid, unknown_line, before_order",
            }
        ),
    )
    @idempotent
    def post(self, request: Request, external_id: str) -> Response:
        """Give money back; commissions follow by the sweep."""
        return self.answer(request, external_id)

    def apply(self, shop: Shop, number: str, body: Any) -> Outcome:
        """Refund."""
        at = now()
        facts = orders.parse_refund(body, at=at)
        return orders.refund(shop, number, facts, at=at)


class CancelOrder(_OrderEvent):
    """POST the cancellation of an order."""

    @extend_schema(
        operation_id="cancel_order",
        request=shapes.CancelShape,
        responses=_answers(_OF_MOMENTS),
    )
    @idempotent
    def post(self, request: Request, external_id: str) -> Response:
        """Call the whole order off."""
        return self.answer(request, external_id)

    def apply(self, shop: Shop, number: str, body: Any) -> Outcome:
        """Cancel."""
        at = now()
        cancelled_at = orders.parse_instant(body, "cancelled_at", at=at)
        return orders.cancel(shop, number, cancelled_at, at=at)


class DeliverOrder(_OrderEvent):
    """POST the delivery of a parcel of an order."""

    @extend_schema(
        operation_id="deliver_order",
        request=shapes.DeliveryShape,
        responses=_answers(_OF_MOMENTS),
    )
    @idempotent
    def post(self, request: Request, external_id: str) -> Response:
        """Let the hold start when the last parcel arrived."""
        return self.answer(request, external_id)

    def apply(self, shop: Shop, number: str, body: Any) -> Outcome:
        """Deliver."""
        at = now()
        delivered_at = orders.parse_instant(body, "delivered_at", at=at)
        return orders.deliver(shop, number, delivered_at, at=at)
