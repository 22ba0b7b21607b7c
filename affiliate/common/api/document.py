"""What every endpoint shares in the OpenAPI document: errors and repeats."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from affiliate.common import idempotency
from affiliate.common.api.problems import CONTENT_TYPE

_REPEAT = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description=(
        "The same request under the same key gets the first answer again, for 24 hours"
        f" at least. From 1 to {idempotency.MAX_LENGTH} printable ASCII characters."
    ),
)


class ProblemShape(serializers.Serializer[object]):
    """An error (RFC 9457). `code` is stable; `errors` maps places to messages."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # a field
        child=serializers.ListField(child=serializers.CharField())
    )


def problems(words: Mapping[int, str]) -> dict[tuple[int, str], OpenApiResponse]:
    """Return the errors of one endpoint, by status, for `extend_schema(responses=)`.

    `words` are the codes that clients may match on. What every endpoint may answer (no
    key, too many requests ...) is described once, as the default response.
    """
    return {
        (status, CONTENT_TYPE): OpenApiResponse(
            ProblemShape, description=f"{HTTPStatus(status).phrase}: {codes}."
        )
        for status, codes in words.items()
    }


class Schema(AutoSchema):
    """Describes an endpoint, with its errors and, where it holds, Idempotency-Key."""

    def get_override_parameters(self) -> list[Any]:
        """Return the header of idempotent methods."""
        method = getattr(self.view, self.method.lower(), None)
        return [_REPEAT] if getattr(method, "is_idempotent", False) else []

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation with the default response: a problem."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            problem = self.resolve_serializer(ProblemShape, "response").ref
            operation["responses"]["default"] = {
                "description": "Any other error.",
                "content": {CONTENT_TYPE: {"schema": problem}},
            }
        return operation
