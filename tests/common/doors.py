"""A small API with every way to go wrong, for the tests of its shape."""

import time
from threading import Event
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, OperationalError, connection
from django.http import Http404
from django.urls import path
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.response import Response
from rest_framework.views import APIView

from affiliate.common.api import (  # noqa: F401  Django looks for the handlers here
    Cursor,
    JSONParser,
    handler400,
    handler403,
    handler404,
    handler500,
    idempotent,
)
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from affiliate.common.throttle import TooMany


class InPayoutRun(Refusal):
    code = "in_payout_run"
    title = "It is being paid."
    way_out = "Claw it back instead."


class ExceedsPaid(Refusal):
    code = "refund_exceeds_paid"
    status = 422
    title = "More than was paid."


class Key:
    def __init__(self, owner: str) -> None:
        self.idempotency_owner = owner


class Bearer(BaseAuthentication):
    """The token is the owner."""

    def authenticate(self, request: Any) -> Any:
        header = request.headers.get("Authorization", "")
        if header == "Bearer bad":
            raise exceptions.AuthenticationFailed("This key is not known.")
        return (User(), Key(header.removeprefix("Bearer "))) if header else None

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class Line(serializers.Serializer):
    sku = serializers.CharField()
    net_cents = serializers.IntegerField(min_value=0, max_value=10**12)


class Order(serializers.Serializer):
    external_id = serializers.CharField(max_length=20)
    lines = Line(many=True, allow_empty=False)
    codes = serializers.ListField(child=serializers.CharField(max_length=5), default=[])

    def validate(self, order: dict[str, Any]) -> dict[str, Any]:
        if len({line["sku"] for line in order["lines"]}) < len(order["lines"]):
            raise serializers.ValidationError("Two lines hold one SKU.")
        return order


class Door(APIView):
    authentication_classes = [Bearer]
    parser_classes = [JSONParser]


class Orders(Door):
    def post(self, request: Any) -> Response:
        body = Order(data=request.data)
        body.is_valid(raise_exception=True)
        return Response({"external_id": body.validated_data["external_id"]}, status=201)


FAULTS: dict[str, Any] = {
    "refusal": lambda: InPayoutRun("Commission 7 is being paid."),
    "refusal-of-fields": lambda: ExceedsPaid(errors={"lines[0].net_cents": ["9 > 8"]}),
    "throttled": lambda: exceptions.Throttled(wait=12.4),
    "too-many": lambda: TooMany(retry_after_s=7),
    "missing": lambda: Http404("No Commission matches the given query."),
    "not-found": lambda: exceptions.NotFound(),
    "denied": PermissionDenied,
    "suspicious": lambda: SuspiciousOperation("the inner words"),
    "model": lambda: ModelValidationError({"ends_at": ["Too early."]}),
    "model-whole": lambda: ModelValidationError("A boost must end after it starts."),
    "model-all": lambda: ModelValidationError({"__all__": ["Overlaps."]}),
    "busy": lambda: OperationalError("canceling statement due to lock timeout"),
    "other-data": lambda: DataError("integer out of range"),
    "bug": lambda: ZeroDivisionError("personal@mail.example"),
}


class Fault(Door):
    def get(self, request: Any, name: str) -> Response:
        raise FAULTS[name]()


class Locked(Door):
    def get(self, request: Any) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("select set_config('lock_timeout', '100ms', true)")
            cursor.execute("lock table common_user")
        return Response()


class People(Door):
    def get(self, request: Any) -> Response:
        pages = Cursor()
        people = pages.paginate_queryset(User.objects.all(), request, self) or []
        return pages.get_paginated_response([person.pk for person in people])


class Find(Door):
    def get(self, request: Any, email: str) -> Response:
        return Response({"found": User.objects.filter(email=email).exists()})


class Invite(Door):
    """Makes a user, then does what the body says."""

    permission_classes: list[Any] = []
    goes_on = Event()
    began = Event()

    @idempotent
    def post(self, request: Any, room: str = "") -> Any:
        then = request.data.get("then", "")
        if "email" not in request.data:
            raise exceptions.ValidationError({"email": ["This field is required."]})
        person = User.objects.create_user(request.data["email"])
        if then == "wait":
            self.began.set()
            self.goes_on.wait(10)
        if then == "sleep":
            time.sleep(0.2)
        if then in FAULTS:
            raise FAULTS[then]()
        if then == "dangle":
            User.groups.through.objects.create(user=person, group_id=10**9)
        answer = {"id": person.pk, "email": person.email}
        return Response(
            answer, status=201, headers={"Location": f"/people/{person.pk}"}
        )

    @idempotent
    def delete(self, request: Any) -> Response:
        User.objects.all().delete()
        return Response(status=204)


def bug(request: Any) -> Any:
    raise FAULTS[request.GET.get("name", "bug")]()


urlpatterns = [
    path("api/v1/orders", Orders.as_view()),
    path("api/v1/faults/<name>", Fault.as_view()),
    path("api/v1/locked", Locked.as_view()),
    path("api/v1/people", People.as_view()),
    path("api/v1/find/<email>", Find.as_view()),
    path("api/v1/invite", Invite.as_view()),
    path("api/v1/invite/<room>", Invite.as_view()),
    path("api/v1/plain", bug),
    path("hooks/plain", bug),
    path("page", bug),
    # The error pages lead back here.
    path("", bug, name="home"),
    path("login", bug, name="account_login"),
    path("logout", bug, name="account_logout"),
]
