"""The settings of a program in its form: what holds now, and what is planned."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import label_for_field
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Words
from shops import drafting, program_settings
from shops.admin import pages
from shops.admin.columns import NOTHING
from shops.admin.forms import RefusableForm
from shops.admin.scope import user_of
from shops.models import Program, ProgramStatus
from shops.program_settings import Planned

NOTICE_WORDS = _(
    "Once the program is active, what is worse for creators holds for orders placed 15"
    " days after you save it, what is better at once."
)


class SettingsForm(RefusableForm):
    """Shows the settings that hold now; those planned stand beside them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with what an order placed now is judged by."""
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            held = program_settings.in_force(self.instance, at=now())
            self.initial = {**self.initial, **held}


def words(program: Program) -> Words:
    """Write what is planned, a line each."""
    lines = [(_sentence(each),) for each in planned(program)]
    return format_html_join("", "<p>{}</p>", lines) if lines else NOTHING


def planned(program: Program) -> list[Planned]:
    """Return what is planned from now on."""
    return program_settings.planned(program, at=now())


def save(request: HttpRequest, program: Program, form: Any) -> None:
    """Call the verb with what was changed, and say what is planned by it."""
    known = planned(program)
    changed = {name: form.cleaned_data[name] for name in form.changed_data}
    drafting.change(program, changed, at=now(), by=user_of(request))
    fresh = Program.objects.get(pk=program.pk)
    _tell(request, (each for each in planned(fresh) if each not in known))


def _tell(request: HttpRequest, plans: Iterable[Planned]) -> None:
    for each in plans:
        messages.info(request, _sentence(each))


def ask_to_withdraw(
    model_admin: Any, request: HttpRequest, program: Program
) -> HttpResponse:
    """Ask whether what is planned is to be taken back, and call the verb."""

    def perform(_values: dict[str, Any]) -> Words:
        program_settings.withdraw(program, at=now(), by=user_of(request))
        return _("What holds now goes on.")

    return pages.confirmed(
        model_admin,
        request,
        program,
        title=_("Take back what is planned?"),
        words=_("The settings that hold now go on. Nothing planned takes effect."),
        facts=[(_("program"), program.name), (_("planned"), words(program))],
        button=_("Take back what is planned"),
        perform=perform,
    )


def may_withdraw(program: Program) -> bool:
    """Say whether there is a plan to take back."""
    return program.status != ProgramStatus.ENDED and bool(planned(program))


def _sentence(change: Planned) -> str:
    return str(_("From %(moment)s on: %(setting)s: %(value)s")) % {
        "moment": pages.instant(change.starts_at),
        "setting": label_for_field(change.name, Program),
        "value": _value(change),
    }


def _value(change: Planned) -> str:
    if isinstance(change.value, bool):
        return str(_("yes") if change.value else _("no"))
    if change.name == "code_policy":
        return str(Program(code_policy=change.value).get_code_policy_display())
    return str(change.value)
