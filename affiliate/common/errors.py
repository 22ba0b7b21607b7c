"""The one base of every refusal: a state of the business that forbids a verb."""

import traceback
from collections.abc import Mapping, Sequence
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Refusal(Exception):  # noqa: N818  subclasses are named for the state
    """A verb said no, for a reason that the caller can act on.

    Subclasses live in the floors and are named for the state (`InPayoutRun`). The API
    answers them as problem+json: `code` is stable and may be matched on, `title` says
    the state in a few words, `way_out` says what to do instead.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[Words] = _("This cannot be done now.")
    way_out: Words | None = None
    retry_after_s: int | None = None

    def __init__(
        self,
        detail: Words = "",
        *,
        errors: Mapping[str, Sequence[Words]] | None = None,
        way_out: Words | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        """Refuse with `detail`; `errors` maps field paths to messages.

        A path reads like the input: `lines[2].net_cents`.
        """
        super().__init__(detail)
        self.detail = detail
        self.errors = {
            path: [str(message) for message in messages]
            for path, messages in (errors or {}).items()
        }
        if way_out is not None:
            self.way_out = way_out
        if retry_after_s is not None:
            self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return str(self.detail or self.title)


def place(error: BaseException) -> str:
    """Say what went wrong and where, without the values: they may be personal.

    Of a database's refusal the constraint is named.
    """
    frame = traceback.extract_tb(error.__traceback__)[-1]
    diag = getattr(error.__cause__, "diag", None)
    constraint = getattr(diag, "constraint_name", None)
    by = f" by {constraint}" if constraint else ""
    return f"{type(error).__name__}{by} in {frame.name}, line {frame.lineno}"
