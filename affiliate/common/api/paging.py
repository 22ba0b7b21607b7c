"""Lists: `{"next", "previous", "results"}` with cursors, at most 200 a page."""

import re
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

_BASE64, _DIGITS = re.compile(r"[A-Za-z0-9+/_=-]+"), re.compile(r"[0-9]{1,4}")
_NOT_OURS = gettext_lazy("Use `next` or `previous` of an answer, as they are.")


class Cursor(CursorPagination):
    """Pages by a place in the order, so that new rows neither repeat nor hide others.

    A subclass may name another `ordering`; it has to end with a unique field.
    """

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering = "-pk"

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any] | None:
        """Return one page. Raises ValidationError for a cursor that is not ours."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, DjangoValidationError, NotFound) as error:
            # A cursor is only base64: inside may stand what the field cannot read.
            raise ValidationError({"cursor": [_NOT_OURS]}) from error

    def decode_cursor(self, request: Request) -> Any:
        """Return the place. Raises NotFound for what no answer of ours ever gave."""
        given = request.query_params.get(self.cursor_query_param)
        if given and not _BASE64.fullmatch(given):
            raise NotFound
        return super().decode_cursor(request)

    def get_page_size(self, request: Request) -> int | None:
        """Return how many rows to give. Raises ValidationError beyond the bounds."""
        given = request.query_params.get(self.page_size_query_param, "")
        if not given:
            return self.page_size
        if not (_DIGITS.fullmatch(given) and 1 <= int(given) <= self.max_page_size):
            bounds = _("A whole number from 1 to %(most)d.")
            raise ValidationError({"limit": [bounds % {"most": self.max_page_size}]})
        return int(given)


class PageShape(serializers.Serializer[object]):
    """What every page of a list has beside its `results`: addresses of others."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
