"""Bodies: JSON in UTF-8, capped in size and depth, without a float."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from affiliate.common.errors import Refusal

# A lone surrogate is valid JSON and no valid text: no database takes it.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class LengthRequired(Refusal):
    """The body came in chunks, of which Django reads none."""

    code = "length_required"
    status = 411
    title = gettext_lazy("The length of the body is not said.")
    way_out = gettext_lazy("Send Content-Length instead of Transfer-Encoding: chunked.")


def demand_length(request: Request) -> None:
    """Refuse a body without a length: it would be read as an empty one.

    Raises LengthRequired.
    """
    if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get(
        "CONTENT_LENGTH"
    ):
        raise LengthRequired


class JSONParser(BaseParser):
    """Reads a JSON body, or says at which place it stops being one.

    Django's cap on bodies (DATA_UPLOAD_MAX_MEMORY_SIZE) holds here too: the framework's
    own parser reads past it.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value. Raises ParseError, and RequestDataTooBig beyond the cap."""
        raw: bytes = (parser_context or {})["request"].body
        try:
            text = raw.decode("utf-8")
            value = _load(text)
            if _SURROGATE.search(text):
                json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
        except UnicodeEncodeError as error:
            raise ParseError(_("A text holds half a character (\\ud800).")) from error
        except UnicodeDecodeError as error:
            where = _("The body is not UTF-8 at byte %(place)s.")
            raise ParseError(where % {"place": error.start}) from error
        except json.JSONDecodeError as error:
            where = _("The body is not JSON at line %(line)s, column %(column)s.")
            place = {"line": error.lineno, "column": error.colno}
            raise ParseError(where % place) from error
        except RecursionError as error:
            raise ParseError(_("The body is nested too deeply.")) from error
        except ValueError as error:
            raise ParseError(_("A number in the body is too long.")) from error
        return value


def _load(text: str) -> Any:
    # Decimal: an amount written as 40.10 must not become the nearest float.
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise ParseError(_("%(name)s is not JSON.") % {"name": name})
