from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.timezone import now
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from affiliate.common.api import idempotent
from affiliate.common.api.document import problems
from creators import acceptances, enrollments
from creators.api import shapes
from creators.models import Enrollment, EnrollmentStatus
from shops.api.auth import scope
from shops.api.views import PAGES, ShopView
from shops.models import Shop


def _rows(shop: Shop) -> QuerySet[Enrollment]:
    rows = Enrollment.objects.filter(program__shop=shop).select_related("creator")
    return acceptances.with_waiting(rows, at=now())


def _one(shop: Shop, pk: int) -> Enrollment:
    found = _rows(shop).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _shown(enrollment: Any) -> dict[str, Any]:
    return {
        "id": enrollment.pk,
        "program": enrollment.program_id,
        "creator": enrollment.creator.handle,
        "status": enrollment.status,
        "asked_at": enrollment.asked_at,
        "since": enrollment.since,
        "ended_at": enrollment.ended_at,
        "reason": enrollment.reason,
        "may_apply_again": enrollment.may_apply_again or None,
        "again_at": enrollment.again_at,
        "awaits_terms": enrollment.is_waiting,
    }


class Enrollments(ShopView):
    """GET the creators of a shop's programs, the newest first."""

    permission_classes = [scope("creators:read")]

    @extend_schema(
        operation_id="list_enrollments",
        parameters=[
            OpenApiParameter("program", int, description="Only this program's (id)."),
            OpenApiParameter(
                "status",
                description="Only enrollments with this status.",
                enum=EnrollmentStatus.values,
            ),
            *PAGES,
        ],
        responses={200: shapes.EnrollmentsShape, **problems({400: "invalid"})},
    )
    def get(self, request: Request) -> Response:
        """Return one page."""
        rows = _rows(self.shop_of(request))
        if status := request.query_params.get("status"):
            if status not in EnrollmentStatus.values:
                known = {"choices": ", ".join(EnrollmentStatus.values)}
                said = _("Give one of %(choices)s.") % known
                raise ValidationError({"status": [said]})
            rows = rows.filter(status=status)
        if program := request.query_params.get("program"):
            if not (program.isascii() and program.isdigit() and len(program) < 19):
                raise ValidationError({"program": [_("Give the id of a program.")]})
            rows = rows.filter(program=int(program))
        return self.page_of(request, rows, _shown)


class _Step(ShopView):
    """What the steps of an enrollment share."""

    permission_classes = [scope("programs:write")]

    def found(self, request: Request, pk: int) -> Enrollment:
        """Return the shop's enrollment. Raises Http404, also for another shop's."""
        return _one(self.shop_of(request), pk)

    def answer(self, request: Request, pk: int) -> Response:
        """Return the enrollment as it stands now."""
        return Response(_shown(self.found(request, pk)))


class Approve(_Step):
    """POST: take an applicant in."""

    @extend_schema(
        operation_id="approve_enrollment",
        request=None,
        responses={
            200: shapes.EnrollmentShape,
            **problems(
                {
                    404: "not_found",
                    409: "enrollment_not_applied, program_not_active",
                    422: "not_eligible",
                }
            ),
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Let orders placed from now on be theirs; again, nothing changes."""
        with self.acting(request):
            enrollments.approve(self.found(request, pk), at=now())
        return self.answer(request, pk)


class Reject(_Step):
    """POST: turn an applicant away, or take an invitation back."""

    @extend_schema(
        operation_id="reject_enrollment",
        request=shapes.RejectShape,
        responses={
            200: shapes.EnrollmentShape,
            **problems(
                {
                    400: "invalid, decision_incomplete",
                    404: "not_found",
                    409: "enrollment_not_applied",
                }
            ),
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Tell the creator why, and when to apply again."""
        enrollment = self.found(request, pk)
        body = shapes.RejectShape(data=request.data)
        body.is_valid(raise_exception=True)
        with self.acting(request):
            enrollments.reject(enrollment, **body.validated_data, at=now())
        return self.answer(request, pk)


class End(_Step):
    """POST: let a creator go for good."""

    @extend_schema(
        operation_id="end_enrollment",
        request=shapes.EndShape,
        responses={
            200: shapes.EnrollmentShape,
            **problems(
                {400: "invalid", 404: "not_found", 409: "enrollment_not_active"}
            ),
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Let orders placed from now on no longer be theirs."""
        enrollment = self.found(request, pk)
        body = shapes.EndShape(data=request.data)
        body.is_valid(raise_exception=True)
        with self.acting(request):
            enrollments.end(enrollment, **body.validated_data, at=now())
        return self.answer(request, pk)
