from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from django import forms
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from payouts import runs
from payouts.models import Run, RunStatus
from shops.admin.forms import RefusableForm

_MONTHS_OFFERED = 12


class OpenForm(RefusableForm):
    """Offers the months that are over and have no run."""

    month = forms.ChoiceField(
        label=_("month"),
        widget=UnfoldAdminSelectWidget(),
        help_text=_(
            "The run takes everything approved that was payable before the month's"
            " end, leftovers of earlier months included."
        ),
    )

    class Meta:
        model = Run
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the months in the reader's language, the latest first."""
        super().__init__(*args, **kwargs)
        month = self.fields["month"]
        if isinstance(month, forms.ChoiceField):
            month.choices = [
                (f"{first:%Y-%m}", month_name(first)) for first in open_months()
            ]


def open_months() -> list[date]:
    """Return the first days of the last months that are over and have no run."""
    first = now().astimezone(runs.BOOKS).date().replace(day=1)
    months = []
    for _number in range(_MONTHS_OFFERED):
        first = (first - timedelta(days=1)).replace(day=1)
        months.append(first)
    taken = set(
        Run.objects.exclude(status=RunStatus.DROPPED)
        .filter(currency="EUR", starts_on__gte=months[-1])
        .values_list("starts_on", flat=True)
    )
    return [month for month in months if month not in taken]


def month_name(first: date) -> str:
    """Write a month as people say it: October 2026."""
    words = format_date(first, "LLLL y", locale=(get_language() or "en")[:2])
    return str(words[:1].upper() + words[1:])
