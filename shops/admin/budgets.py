"""The budget of a boost (rule B4) or of a program (rule P4): shown, and set."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from shops import budgets
from shops.admin import pages
from shops.admin.columns import NOTHING
from shops.admin.forms import MoneyField
from shops.admin.scope import user_of
from shops.models import Boost, Budget, Program

_HOW = _(
    "It counts orders placed from now on. Once creators sell on it, it can be raised"
    " only."
)


class BudgetForm(forms.Form):
    """Asks for an amount in the program's currency."""

    amount = MoneyField(label=_("Budget"))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        """Name the currency beside the amount."""
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["amount"].help_text = currency

    def clean_amount(self) -> int:
        """Return minor units."""
        return MoneyField.read(self.cleaned_data["amount"], self.currency)


def words(budget: Budget | None, currency: str) -> str:
    """Say what is left of a budget, and of how much."""
    if budget is None:
        return NOTHING
    return str(_("%(left)s of %(amount)s left")) % {
        "left": pages.shown(budget.left_cents, currency),
        "amount": pages.shown(budget.amount_cents, currency),
    }


def ask(
    model_admin: Any, request: HttpRequest, of: Boost | Program, held: str
) -> HttpResponse:
    """Ask for the budget of a boost or a program, and call the verb.

    `held` says what happens when it is used up.
    """
    boost = of if isinstance(of, Boost) else None
    program = of if isinstance(of, Program) else of.program
    budget = Budget.objects.filter(program=program, boost=boost).first()
    currency = program.currency

    def perform(values: dict[str, Any]) -> Any:
        budgets.limit(
            program, values["amount"], boost=boost, at=now(), by=user_of(request)
        )
        return _("The budget is set.")

    known = budget.amount_cents if budget else None
    spent = budget.spent_cents if budget else 0
    return pages.confirmed(
        model_admin,
        request,
        of,
        title=_("What may it cost?"),
        words=f"{held} {_HOW}",
        facts=[
            (_("program"), program),
            (_("budget"), pages.shown(known, currency) or _("no limit")),
            (_("spent"), pages.shown(spent, currency)),
        ],
        form=BudgetForm(
            request.POST or None,
            currency=currency,
            initial={"amount": MoneyField.write(known, currency)},
        ),
        button=_("Set the budget"),
        perform=perform,
    )
