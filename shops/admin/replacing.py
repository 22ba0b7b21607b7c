"""Another rate for the same creators and goods, from a moment on, in one step (R6)."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localtime, now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from shops import rates
from shops.admin import pages
from shops.admin.forms import MoneyField, PercentField
from shops.admin.scope import user_of
from shops.models import Rate


class ReplaceForm(forms.Form):
    """Asks for a percentage or an amount, as the rate has it, and from when on."""

    rate_bp = PercentField(label=_("rate"))
    flat_cents = MoneyField(label=_("flat amount per unit"))
    starts_at = forms.SplitDateTimeField(
        label=_("from"), widget=UnfoldAdminSplitDateTimeWidget()
    )

    def __init__(self, *args: Any, rate: Rate, **kwargs: Any) -> None:
        """Keep the unit: another one is another rate."""
        super().__init__(*args, **kwargs)
        self.currency = rate.program.currency
        del self.fields["rate_bp" if rate.rate_bp is None else "flat_cents"]

    def clean_flat_cents(self) -> int:
        """Return minor units of the program's currency."""
        return MoneyField.read(self.cleaned_data["flat_cents"], self.currency)


def ask(model_admin: Any, request: HttpRequest, rate: Rate) -> HttpResponse:
    """Ask what the rate is from a moment on, and call the verb."""

    def perform(values: dict[str, Any]) -> Any:
        rates.replace(rate, **values, at=now(), by=user_of(request))
        return _("The rate changes at that moment; creators are told.")

    soon = localtime(now() + timedelta(hours=1))
    known = MoneyField.write(rate.flat_cents, rate.program.currency)
    return pages.confirmed(
        model_admin,
        request,
        rate,
        title=_("What is it from a moment on?"),
        words=_(
            "As one announcement: what pays more holds from that moment. What pays less"
            " binds creators who joined before only after the program's notice."
        ),
        facts=[
            (_("program"), rate.program),
            (_("rate"), rate),
            (_("for"), rate.audience or _("everyone")),
            (_("on"), rate.product or rate.category or _("everything")),
        ],
        form=ReplaceForm(
            request.POST or None,
            rate=rate,
            initial={
                "rate_bp": rate.rate_bp,
                "flat_cents": known,
                "starts_at": soon.replace(minute=0, second=0, microsecond=0),
            },
        ),
        button=_("Change it"),
        perform=perform,
    )
