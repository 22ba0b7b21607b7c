"""The planned end of a program (rule P1): asked for with its notice."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localtime, now
from django.utils.translation import gettext_lazy as _

from shops import programs
from shops.admin import pages
from shops.admin.scope import user_of
from shops.admin.terms import EndForm
from shops.models import Program


def ask(model_admin: Any, request: HttpRequest, program: Program) -> HttpResponse:
    """Ask until when orders earn, and call the verb; a plan is moved the same way."""

    def perform(values: dict[str, Any]) -> Any:
        at, by = now(), user_of(request)
        programs.plan_end(program, ends_at=values["ends_at"], at=at, by=by)
        return _("Its end is planned; creators are told.")

    first = localtime(now() + programs.END_NOTICE + timedelta(days=1))
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    return pages.confirmed(
        model_admin,
        request,
        program,
        title=_("When does it end?"),
        words=_(
            "Creators are told at least 15 days before. Orders placed until then earn,"
            " and are approved and paid after it. The plan may be moved."
        ),
        facts=[
            (_("program"), program.name),
            (_("planned end"), pages.instant(program.ends_at)),
        ],
        form=EndForm(
            request.POST or None, initial={"ends_at": program.ends_at or midnight}
        ),
        button=_("Plan its end"),
        perform=perform,
    )
