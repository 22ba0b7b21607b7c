"""Lists: `{"next", "previous", "results"}` with cursors, at most 200 a page."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


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
        """Return one page. Raises NotFound for a cursor that is not ours."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError) as error:
            # A cursor is only base64: inside may stand what the field cannot read.
            raise NotFound(self.invalid_cursor_message) from error
