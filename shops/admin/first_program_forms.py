"""The forms of the wizard for a first program, one for each step."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from shops import gates, reach, terms_drafts
from shops.admin.forms import MoneyField, PercentField, hundredths_words
from shops.models import (
    Category,
    Exclusion,
    Program,
    ProgramPlan,
    Restriction,
    Shop,
    WhoMayJoin,
)

_LAUNCHES = [
    ("", _("No launch boost")),
    ("150", _("×1.5")),
    ("200", "×2"),
    ("300", "×3"),
]


class StepForm(forms.Form):
    """One step: `program` is None as long as there is none."""

    def __init__(
        self, *args: Any, program: Program | None, shops: list[Shop], **kwargs: Any
    ) -> None:
        """Fill the step with what the draft has."""
        self.program = program
        self.shops = shops
        kwargs["initial"] = self.known()
        super().__init__(*args, **kwargs)
        self.offer()

    def known(self) -> dict[str, Any]:
        """Return what the draft says already."""
        return {}

    def offer(self) -> None:
        """Offer what this shop has to choose from."""

    def facts(self) -> dict[str, Any]:
        """Return what the verb of this step takes. Only after `is_valid`."""
        return dict(self.cleaned_data)


class TermsStep(StepForm):
    """Name, who may join, rate."""

    shop = forms.ModelChoiceField(
        label=_("Shop"), queryset=Shop.objects.none(), widget=UnfoldAdminSelectWidget()
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Creators see it, such as: Friends of the house."),
    )
    rate_bp = PercentField(
        label=_("Rate"),
        help_text=_("Of what buyers pay without VAT and shipping. 10 % is usual."),
    )
    enrollment = forms.ChoiceField(
        label=_("Who may join"),
        choices=WhoMayJoin.choices,
        widget=UnfoldAdminSelectWidget(),
    )
    countries = forms.CharField(
        label=_("Countries of the creators"),
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Two letters each, such as FR, BE. Empty: anywhere."),
    )

    def known(self) -> dict[str, Any]:
        """Show the draft's terms."""
        if self.program is None:
            return {"shop": self.shops[0].pk if self.shops else None, "rate_bp": 1000}
        return {
            "name": self.program.name,
            "rate_bp": self.program.rate_bp,
            "enrollment": self.program.enrollment,
            "countries": ", ".join(self.program.countries),
        }

    def offer(self) -> None:
        """Ask for the shop where there are several to choose from, once."""
        own = Shop.objects.filter(pk__in=[shop.pk for shop in self.shops])
        field: Any = self.fields["shop"]
        field.queryset = own
        if self.program is not None:
            del self.fields["shop"]
        elif len(self.shops) == 1:
            field.widget = forms.HiddenInput()

    def clean_countries(self) -> list[str]:
        """Read a list as people write it."""
        text = self.cleaned_data["countries"].replace(",", " ").replace(";", " ")
        return list(dict.fromkeys(code.upper() for code in text.split()))


class GoodsStep(StepForm):
    """What earns nothing, and what the law restricts."""

    categories = forms.ModelMultipleChoiceField(
        label=_("Categories that earn nothing"),
        queryset=Category.objects.none(),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=_("With all below them. None: everything you sell earns."),
    )
    products = forms.CharField(
        label=_("Products that earn nothing"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("One SKU a line."),
    )
    codes = forms.MultipleChoiceField(
        label=_("Restricted goods"),
        choices=gates.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=_("Tick what the program promotes: the law asks more of these."),
    )
    platforms = forms.MultipleChoiceField(
        label=_("Platforms"),
        choices=[(name, name.capitalize()) for name in gates.PLATFORMS],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=_("Where creators may post. Empty: anywhere."),
    )
    excludes_minors = forms.BooleanField(
        label=_("The platforms keep out minors"),
        required=False,
        widget=UnfoldBooleanWidget(),
    )
    notice = forms.CharField(
        label=_("Legal notice that creators show"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    def known(self) -> dict[str, Any]:
        """Show what is excluded and restricted now."""
        held = Exclusion.objects.filter(program=self.program, ends_at=None)
        rows = list(held.select_related("product"))
        known = Restriction.objects.filter(program=self.program).first()
        restricted = known or Restriction()
        return {
            "categories": [row.category_id for row in rows if row.category_id],
            "products": "\n".join(row.product.sku for row in rows if row.product),
            "codes": restricted.codes,
            "platforms": restricted.platforms,
            "excludes_minors": restricted.excludes_minors,
            "notice": restricted.notice,
        }

    def offer(self) -> None:
        """Offer the categories of this shop; none are asked for where it has none."""
        field: Any = self.fields["categories"]
        field.queryset = _categories(self.program)
        if not field.queryset.exists():
            del self.fields["categories"]

    def facts(self) -> dict[str, Any]:
        """Return exclusions and restrictions apart."""
        values = self.cleaned_data
        lines = map(str.strip, values["products"].splitlines())
        restricted = ("codes", "platforms", "excludes_minors", "notice")
        return {
            "categories": list(values.get("categories", [])),
            "skus": list(dict.fromkeys(filter(None, lines))),
            "restricted": {name: values[name] for name in restricted},
        }


class LaunchStep(StepForm):
    """The boost that begins with the program."""

    multiplier_pct = forms.ChoiceField(
        label=_("Launch boost"),
        choices=_LAUNCHES,
        required=False,
        widget=UnfoldAdminSelectWidget(),
        help_text=_("×2 doubles what creators earn while it runs."),
    )
    name = forms.CharField(
        label=_("Name"), max_length=120, widget=UnfoldAdminTextInputWidget()
    )
    days = forms.IntegerField(
        label=_("How many days"), widget=UnfoldAdminIntegerFieldWidget()
    )
    starts_at = forms.SplitDateTimeField(
        label=_("From when"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget(),
        help_text=_("Empty: as soon as the program is active."),
    )
    category = forms.ModelChoiceField(
        label=_("For one category only"),
        queryset=Category.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget(),
        empty_label=_("everything"),
    )
    product = forms.CharField(
        label=_("For one product only"),
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Its SKU. Empty: everything."),
    )
    budget_cents = MoneyField(
        label=_("Budget"),
        required=False,
        help_text=_("What it may cost on top of the rate; then it is over."),
    )

    def known(self) -> dict[str, Any]:
        """Show the boost that is planned; by default it doubles for a week."""
        program = self.program
        plan = ProgramPlan.objects.filter(program=program).first()
        launch = plan.launch if plan else None
        if program is None or plan is None or launch is None:
            is_new = plan is None or plan.step < 3
            name = str(_("Launch"))
            first = "200" if is_new else ""
            return {"multiplier_pct": first, "days": 7, "name": name}
        what = launch["what"] if isinstance(launch["what"], dict) else {}
        starts_at = launch["starts_at"]
        category = _categories(program).filter(slug=what.get("category", "")).first()
        return {
            "multiplier_pct": str(launch["multiplier_pct"]),
            "name": launch["name"],
            "days": launch["days"],
            "starts_at": starts_at and datetime.fromisoformat(starts_at),
            "category": category,
            "product": what.get("product", ""),
            "budget_cents": MoneyField.write(
                launch.get("budget_cents"), program.currency
            ),
        }

    def offer(self) -> None:
        """Offer the categories of this shop, and write numbers as the reader does."""
        field: Any = self.fields["category"]
        field.queryset = _categories(self.program)
        if not field.queryset.exists():
            del self.fields["category"]

    def clean_budget_cents(self) -> int | None:
        """Return minor units of the program's currency."""
        text = self.cleaned_data["budget_cents"]
        program = self.program
        return MoneyField.read(text, program.currency) if text and program else None

    def facts(self) -> dict[str, Any]:
        """Return the boost in the words of the API; None for none."""
        values = self.cleaned_data
        if not values["multiplier_pct"]:
            return {"launch": None}
        starts_at, category = values["starts_at"], values.get("category")
        what: Any = reach.EVERYTHING
        if values["product"]:
            what = {"product": values["product"].strip()}
        elif category is not None:
            what = {"category": category.slug}
        launch = {
            "name": values["name"],
            "multiplier_pct": int(values["multiplier_pct"]),
            "days": values["days"],
            "starts_at": starts_at.isoformat() if starts_at else None,
            "what": what,
            "budget_cents": values["budget_cents"],
        }
        return {"launch": launch}


class TextStep(StepForm):
    """What creators accept when they join."""

    text = forms.CharField(
        label=_("Text that creators accept"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 18}),
        help_text=_(
            "Drafted from your terms, in French and in English. Read it, change it:"
            " it is your contract."
        ),
    )

    def known(self) -> dict[str, Any]:
        """Show the text that is kept, or one drafted from the terms."""
        plan = ProgramPlan.objects.filter(program=self.program).first()
        if plan is not None and plan.text:
            return {"text": plan.text}
        return {"text": terms_drafts.suggest(self.program) if self.program else ""}


class LookStep(StepForm):
    """Nothing to fill in: it is looked over."""


def launch_words(launch: Any) -> str:
    """Write a planned boost's multiplier as people say it: ×2."""
    return f"×{hundredths_words(launch['multiplier_pct'])}"


def closed_gates(program: Program | None, at: datetime) -> list[gates.Closed]:
    """Return what the law asks and is not there."""
    return [] if program is None else gates.unmet(program, at=at)


def _categories(program: Program | None) -> Any:
    shop = program.shop_id if program is not None else None
    return Category.objects.filter(shop=shop).order_by("slug")
