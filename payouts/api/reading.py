from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from affiliate.common import reading
from affiliate.common.api.document import problems
from creators.models import Verdict
from payouts import explanations
from payouts.api import shapes
from payouts.models import Commission, CommissionStatus
from shops.api.auth import scope
from shops.api.views import PAGES, ShopView
from shops.models import EarlyEvent, Order, OrderLine

_UNDECIDED: dict[str, Any] = {
    "state": "pending",
    "reason": "not_settled_yet",
    "via": None,
    "creator": None,
    "link": None,
    "code": None,
    "post": None,
    "touches": [],
}


# A line that a newer version took out stays as an empty row, but only where the older
# version came at all: an order reads the same in whatever order its versions came.
_STANDS = Q(quantity__gt=0) | Q(net_cents__gt=0)


def verdict_of(line: OrderLine) -> dict[str, Any]:
    """Return a line's verdict as the API shows it; pending until it is settled."""
    verdict: Verdict | None = getattr(line, "verdict", None)
    if verdict is None:
        return _UNDECIDED
    shown_by = verdict.link or verdict.code
    return {
        "state": verdict.state,
        "reason": verdict.reason,
        "via": verdict.via or None,
        "creator": verdict.creator.handle if verdict.creator else None,
        "link": verdict.link.slug if verdict.link else None,
        "code": verdict.code.code if verdict.code else None,
        "post": (shown_by.post or None) if shown_by else None,
        "touches": verdict.touches,
    }


def commission_of(commission: Commission) -> dict[str, Any]:
    """Return a commission as the API shows it."""
    return {
        "id": commission.pk,
        "order": commission.line.order.external_id,
        "line": commission.line.external_id,
        "creator": commission.creator.handle,
        "kind": commission.kind,
        "state": commission.status,
        "amount_cents": commission.amount_cents,
        "currency": commission.currency,
        "payable_on": commission.payable_on,
    }


def waiting_for(order: Order) -> list[dict[str, Any]]:
    """Return the events that the order refuses as it stands, and why, as a code."""
    kept = EarlyEvent.objects.filter(
        shop=order.shop_id, order_external_id=order.external_id
    )
    return [
        {
            "kind": each.kind,
            "external_id": each.key if each.kind == "refund" else None,
            "code": each.refusal,
        }
        for each in kept.order_by("received_at", "pk")
    ]


def order_of(order: Order) -> dict[str, Any]:
    """Return an order as the API shows it, with what its lines came to."""
    lines = list(
        OrderLine.objects.filter(_STANDS, order=order)
        .select_related("verdict__creator", "verdict__link", "verdict__code")
        .order_by("pk")
    )
    commissions: dict[int, list[dict[str, Any]]] = {}
    for row in (
        Commission.objects.filter(line__in=lines)
        .select_related("creator", "line__order")
        .order_by("pk")
    ):
        commissions.setdefault(row.line_id, []).append(commission_of(row))
    return {
        "external_id": order.external_id,
        "version": order.version,
        "placed_at": order.placed_at,
        "currency": order.currency,
        "status": order.status,
        "delivered_at": order.delivered_at,
        "cancelled_at": order.cancelled_at,
        "waiting": waiting_for(order),
        "lines": [
            {
                "external_id": line.external_id,
                "sku": line.sku,
                "quantity": line.quantity,
                "net_cents": line.net_cents,
                "tax_cents": line.tax_cents,
                "refunded_cents": line.refunded_cents,
                "verdict": verdict_of(line),
                "commissions": commissions.get(line.pk, []),
            }
            for line in lines
        ],
    }


class ReadOrder(ShopView):
    """GET an order with its lines' verdicts and commissions."""

    permission_classes = [scope("orders:read")]

    @extend_schema(
        operation_id="read_order",
        responses={200: shapes.ReadOrderShape, **problems({404: "not_found"})},
    )
    def get(self, request: Request, external_id: str) -> Response:
        """Return the order; one of another shop is as missing as an unknown one."""
        # The worker may settle it meanwhile: verdict and commissions have to agree.
        with reading.one_moment():
            order = Order.objects.filter(
                shop=self.shop_of(request), external_id=external_id
            ).first()
            if order is None:
                raise Http404
            return Response(order_of(order))


class ListCommissions(ShopView):
    """GET the commissions on a shop's orders, newest first."""

    permission_classes = [scope("commissions:read")]

    @extend_schema(
        operation_id="list_commissions",
        parameters=[
            OpenApiParameter(
                "state",
                description="Only commissions in this state.",
                enum=CommissionStatus.values,
            ),
            OpenApiParameter("creator", description="Only this creator's (handle)."),
            *PAGES,
        ],
        responses={
            200: shapes.CommissionsShape,
            **problems({400: "invalid"}),
        },
    )
    def get(self, request: Request) -> Response:
        """Return one page."""
        rows = Commission.objects.filter(shop=self.shop_of(request)).select_related(
            "creator", "line__order"
        )
        if state := request.query_params.get("state"):
            if state not in CommissionStatus.values:
                known = ", ".join(CommissionStatus.values)
                said = _("Give one of %(choices)s.") % {"choices": known}
                raise ValidationError({"state": [said]})
            rows = rows.filter(status=state)
        if handle := request.query_params.get("creator"):
            rows = rows.filter(creator__handle=handle)
        return self.page_of(request, rows, commission_of)


class ReadCommission(ShopView):
    """GET one commission with its explanation."""

    permission_classes = [scope("commissions:read")]

    @extend_schema(
        operation_id="read_commission",
        responses={200: shapes.ExplainedShape, **problems({404: "not_found"})},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Return the commission; another shop's is as missing as an unknown one."""
        commission = (
            Commission.objects.filter(shop=self.shop_of(request), pk=pk)
            .select_related("creator", "line__order")
            .first()
        )
        if commission is None:
            raise Http404
        explanation = explanations.explain(commission)
        return Response({**commission_of(commission), "explanation": explanation})
