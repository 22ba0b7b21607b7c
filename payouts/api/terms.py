"""Adding a rate or a boost, or only what it would have cost (rule R8)."""

from functools import wraps
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.timezone import now
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from affiliate.common.api.document import problems
from affiliate.common.api.idempotent import Method
from payouts import previews
from payouts.api import shapes
from shops.api import programs_shapes as terms_shapes
from shops.api import terms

_ANSWERS = {"true": True, "1": True, "false": False, "0": False}
_DRY_RUN = OpenApiParameter(
    "dry_run",
    bool,
    description=(
        "`true` saves nothing, under no key, and answers with what it would have cost"
        " on the last 30 days' orders; it refuses what would be refused."
    ),
)


def is_dry_run(request: Request) -> bool:
    """Say whether a preview is asked for; anything unclear is refused, not saved."""
    said = request.query_params.get("dry_run", "false")
    if said.lower() not in _ANSWERS:
        raise ValidationError({"dry_run": [_("Give true or false.")]})
    return _ANSWERS[said.lower()]


def part_of(part: previews.Part, names: tuple[str, ...]) -> dict[str, Any]:
    """Return creators or products as the API shows them."""
    return {
        "rows": [
            {
                **dict(zip(names, (row.name, row.title), strict=False)),
                "lines": row.lines,
                "before_cents": row.before_cents,
                "after_cents": row.after_cents,
                "difference_cents": row.difference_cents,
            }
            for row in part.rows
        ],
        "others": part.others,
        "others_cents": part.others_cents,
    }


def preview_of(preview: previews.Preview) -> dict[str, Any]:
    """Return a preview as the API shows it."""
    return {
        "since": preview.since,
        "until": preview.until,
        "days": preview.days,
        "is_whole": preview.is_whole,
        "lines": preview.lines,
        "orders": preview.orders,
        "binds_at": preview.binds_at,
        "costs": [
            {
                "currency": cost.currency,
                "lines": cost.lines,
                "before_cents": cost.before_cents,
                "after_cents": cost.after_cents,
                "difference_cents": cost.difference_cents,
                "creators": part_of(cost.creators, ("creator",)),
                "products": part_of(cost.products, ("sku", "name")),
            }
            for cost in preview.costs
        ],
    }


def or_previewed(post: Method) -> Method:
    """Let a POST that asks for a preview answer with it, and keep nothing at all."""

    @wraps(post)
    def asked(view: Any, request: Request, pk: int) -> HttpResponseBase:
        if not is_dry_run(request):
            return post(view, request, pk)
        beside: dict[str, Any] = {}

        def make() -> Any:
            made = view.make(request, pk)
            beside.update(view.beside(made))
            return made

        preview = previews.of(make, at=now())
        return Response({**preview_of(preview), **beside})

    return asked


class Rates(terms.Rates):
    """GET a program's rates; POST another one, or preview it."""

    post = extend_schema(
        parameters=[_DRY_RUN],
        responses={
            200: shapes.PreviewShape,
            201: terms_shapes.TermRateShape,
            **problems({400: "invalid_term", 404: "not_found", 409: "term_overlaps"}),
        },
    )(or_previewed(terms.Rates.post))


class Boosts(terms.Boosts):
    """GET a program's boosts; POST another one, or preview it."""

    post = extend_schema(
        parameters=[_DRY_RUN],
        responses={
            200: shapes.BoostPreviewShape,
            201: terms_shapes.NewTermBoostShape,
            **problems({400: "invalid_term", 404: "not_found"}),
        },
    )(or_previewed(terms.Boosts.post))
