from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from affiliate.common.api import idempotent
from affiliate.common.api.document import problems
from shops import drafting, program_settings
from shops.api import programs_shapes as shapes
from shops.api.views import PAGES, ShopView, scopes
from shops.models import Budget, Program, Shop

_PLAIN = (
    "id", "slug", "name", "status", "currency", "rate_bp", "cap_bp", "rate_lock_days",
    "enrollment",
)  # fmt: skip
_ELIGIBILITY = (
    "countries", "niches", "least_followers", "most_followers", "least_age"
)  # fmt: skip
READS_OR_WRITES = scopes(reads="programs:read", writes="programs:write")


def program_of(shop: Shop, pk: int) -> Program:
    """Return the shop's program. Raises Http404, also for another shop's."""
    program = _whole(shop).filter(pk=pk).select_related("shop").first()
    if program is None:
        raise Http404
    return program


def _whole(shop: Shop) -> QuerySet[Program]:
    own = Prefetch("budgets", Budget.objects.filter(boost=None), "own_budgets")
    programs = Program.objects.filter(shop=shop)
    return programs.prefetch_related(own, "earlier_settings")


def shown(program: Any) -> dict[str, Any]:
    """Return a program with its `own_budgets` as the API shows it now."""
    at = now()
    return {
        **{name: getattr(program, name) for name in _PLAIN},
        **program_settings.in_force(program, at=at),
        "planned": [
            {
                "setting": each.name,
                "value": each.value,
                "from": each.starts_at,
                "announced_at": each.announced_at,
            }
            for each in program_settings.planned(program, at=at)
        ],
        "eligibility": {name: getattr(program, name) for name in _ELIGIBILITY},
        "ends_at": program.ends_at,
        **budget_of(program.own_budgets[0] if program.own_budgets else None),
    }


def budget_of(budget: Budget | None) -> dict[str, Any]:
    """Return what a program or boost may cost, and what of it is spent."""
    return {
        "budget_cents": budget.amount_cents if budget else None,
        "spent_cents": budget.spent_cents if budget else None,
    }


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was sent as the fields of the model."""
    given = {name: value for name, value in values.items() if name != "eligibility"}
    return {**given, **values.get("eligibility", {})}


class Programs(ShopView):
    """GET a shop's programs, the newest first; POST a new one."""

    permission_classes = [READS_OR_WRITES]

    @extend_schema(
        operation_id="list_programs",
        parameters=PAGES,
        responses={200: shapes.ProgramsShape},
    )
    def get(self, request: Request) -> Response:
        """Return one page."""
        return self.page_of(request, _whole(self.shop_of(request)), shown)

    @extend_schema(
        operation_id="create_program",
        request=shapes.NewProgramShape,
        responses={
            201: shapes.ProgramShape,
            **problems({400: "invalid", 409: "program_slug_taken", 422: "(a gate)"}),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a draft, and turn it where `status` says so."""
        body = shapes.NewProgramShape(data=request.data)
        body.is_valid(raise_exception=True)
        with self.acting(request):
            made = drafting.begin(
                self.shop_of(request), _facts(body.validated_data), at=now()
            )
        return Response(shown(program_of(made.shop, made.pk)), status=201)


class OneProgram(ShopView):
    """GET a program; PATCH what it says and whether it runs."""

    permission_classes = [READS_OR_WRITES]

    @extend_schema(
        operation_id="read_program",
        responses={200: shapes.ProgramShape, **problems({404: "not_found"})},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Return the program; one of another shop is as missing as an unknown one."""
        return Response(shown(program_of(self.shop_of(request), pk)))

    @extend_schema(
        operation_id="change_program",
        request=shapes.NewProgramShape,
        responses={
            200: shapes.ProgramShape,
            **problems(
                {
                    400: "invalid",
                    404: "not_found",
                    409: (
                        "program_terms_fixed, program_slug_fixed, program_ended,"
                        " program_not_draft"
                    ),
                    422: "end_without_notice, budget_below_spent",
                }
            ),
        },
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is named; default rate, cap and currency of drafts only.

        Once a program is no draft, what is worse for its creators (codes, window, halo,
        catalogue, hold, shipping) is `planned` for 15 days later; what holds now, sent
        again, takes the plan of that setting back.
        """
        program = program_of(self.shop_of(request), pk)
        body = shapes.NewProgramShape(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        with self.acting(request):
            drafting.change(program, _facts(body.validated_data), at=now())
        return Response(shown(program_of(program.shop, pk)))
