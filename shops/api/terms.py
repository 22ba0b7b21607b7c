from collections.abc import Mapping
from datetime import UTC
from typing import Any, TypeVar

from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from affiliate.common.api import idempotent
from affiliate.common.api.document import problems
from shops import boosts, rates, reach
from shops.api import programs_shapes as shapes
from shops.api.programs import READS_OR_WRITES, budget_of, program_of
from shops.api.views import PAGES, ShopView
from shops.models import Boost, Program, Rate

Term = TypeVar("Term", Rate, Boost)
_REACH = ("audience", "product", "category")
_WINDOW = ("multiplier_pct", "starts_at", "ends_at")


def _reach(program: Program, values: Mapping[str, Any]) -> dict[str, Any]:
    who = values.get("who", reach.EVERYONE)
    return reach.read(program, who, values.get("what", reach.EVERYTHING))


def _read_again(term: Term) -> Term:
    """Return a term as a list will show it: instants in UTC."""
    term.refresh_from_db()
    return term


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "id": rate.pk,
        "who": reach.who_of(rate),
        "what": reach.what_of(rate),
        "rate_bp": rate.rate_bp,
        "flat_cents": rate.flat_cents,
        "from": rate.starts_at,
        "until": rate.ends_at,
        "first_purchase_only": rate.is_first_purchase_only,
        "most_sales": rate.most_sales,
        "most_sales_per": rate.most_sales_per or None,
    }


def _boost(boost: Boost) -> dict[str, Any]:
    return {
        "id": boost.pk,
        "name": boost.name,
        "who": reach.who_of(boost),
        "what": reach.what_of(boost),
        "multiplier_pct": boost.multiplier_pct,
        "starts_at": boost.starts_at,
        "ends_at": boost.ends_at,
        **budget_of(getattr(boost, "budget", None)),
    }


def overlaps_of(made: Boost) -> list[dict[str, Any]]:
    """Return which boosts a new one meets, and which of both counts (rule B5)."""
    facts = {name: getattr(made, name) for name in (*_REACH, *_WINDOW)}
    return [
        {
            "id": overlap.boost.pk,
            "name": overlap.boost.name,
            "multiplier_pct": overlap.boost.multiplier_pct,
            "starts_at": overlap.starts_at.astimezone(UTC),
            "ends_at": overlap.ends_at.astimezone(UTC),
            "wins": overlap.wins,
            "is_certain": overlap.is_certain,
        }
        for overlap in boosts.overlapping(made.program, **facts)
        if overlap.boost != made
    ]


class Rates(ShopView):
    """GET a program's rates, the newest first; POST another one."""

    permission_classes = [READS_OR_WRITES]

    @extend_schema(
        operation_id="list_rates",
        parameters=PAGES,
        responses={200: shapes.TermRatesShape, **problems({404: "not_found"})},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Return one page; those that are over too."""
        program = program_of(self.shop_of(request), pk)
        rows = Rate.objects.filter(program=program).select_related(*_REACH)
        return self.page_of(request, rows, _rate)

    @extend_schema(
        operation_id="add_rate",
        request=shapes.NewRateShape,
        responses={
            201: shapes.TermRateShape,
            **problems({400: "invalid_term", 404: "not_found", 409: "term_overlaps"}),
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Add a rate, from now on where no other moment is named."""
        return Response(_rate(_read_again(self.make(request, pk))), status=201)

    def beside(self, made: Rate) -> dict[str, Any]:
        """Return nothing: rates do not meet."""
        return {}

    def make(self, request: Request, pk: int) -> Rate:
        """Call the verb with what the body says."""
        program = program_of(self.shop_of(request), pk)
        body = shapes.NewRateShape(data=request.data)
        body.is_valid(raise_exception=True)
        values, at = body.validated_data, now()
        with self.acting(request):
            return rates.add(
                program,
                **_reach(program, values),
                rate_bp=values.get("rate_bp"),
                flat_cents=values.get("flat_cents"),
                starts_at=values.get("from") or at,
                ends_at=values.get("until"),
                is_first_purchase_only=values.get("first_purchase_only", False),
                most_sales=values.get("most_sales"),
                most_sales_per=values.get("most_sales_per") or "",
                at=at,
            )


class Boosts(ShopView):
    """GET a program's boosts, the newest first; POST another one."""

    permission_classes = [READS_OR_WRITES]

    @extend_schema(
        operation_id="list_boosts",
        parameters=PAGES,
        responses={200: shapes.TermBoostsShape, **problems({404: "not_found"})},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Return one page; those that are over too."""
        program = program_of(self.shop_of(request), pk)
        rows = Boost.objects.filter(program=program).select_related(*_REACH, "budget")
        return self.page_of(request, rows, _boost)

    @extend_schema(
        operation_id="add_boost",
        request=shapes.NewBoostShape,
        responses={
            201: shapes.NewTermBoostShape,
            **problems({400: "invalid_term", 404: "not_found"}),
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Add a boost that starts in the future."""
        made = _read_again(self.make(request, pk))
        return Response({**_boost(made), **self.beside(made)}, status=201)

    def beside(self, made: Boost) -> dict[str, Any]:
        """Return what is told of a new boost, saved or only previewed."""
        return {"overlaps": overlaps_of(made)}

    def make(self, request: Request, pk: int) -> Boost:
        """Call the verb with what the body says."""
        program = program_of(self.shop_of(request), pk)
        body = shapes.NewBoostShape(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        with self.acting(request):
            return boosts.add(
                program,
                **_reach(program, values),
                **{name: values[name] for name in _WINDOW},
                name=values["name"],
                budget_cents=values.get("budget_cents"),
                at=now(),
            )
