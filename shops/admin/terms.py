from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from inspect import signature
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.forms.models import construct_instance
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from shops import boosts, exclusions, rates
from shops.admin import budgets, overlaps, pages
from shops.admin.columns import NOTHING, button, column
from shops.admin.exports import Exports
from shops.admin.filters import OwnRelatedFilter
from shops.admin.forms import (
    MoneyField,
    RefusableForm,
    TimesField,
    hundredths_words,
)
from shops.admin.scope import (
    MANAGERS,
    MerchantScopedAdmin,
    user_of,
)
from shops.models import Boost, Exclusion
from shops.tables import export

_STATES = {"running": "success", "planned": "info", "over": ""}
_WORDS = {"running": _("running"), "planned": _("planned"), "over": _("over")}


class TermForm(RefusableForm):
    """The verb judges the whole: its reasons stand beside the fields."""

    class Meta:
        help_texts = {"category": ""}

    def _post_clean(self) -> None:
        """Leave the rules to the verb: it says them beside the fields they concern."""
        self.instance = construct_instance(self, self.instance, self._meta.fields)


def facts_of(form: Any, verb: Callable[..., Any]) -> dict[str, Any]:
    """Return what a form says to a verb; the rest only the page asks."""
    taken = signature(verb).parameters
    return {name: fact for name, fact in form.cleaned_data.items() if name in taken}


class EndForm(forms.Form):
    """Asks from when on."""

    ends_at = forms.SplitDateTimeField(
        label=_("Ends at"),
        widget=UnfoldAdminSplitDateTimeWidget(),
        help_text=_("First moment without it."),
    )


class TermAdmin(MerchantScopedAdmin):
    """What rates, exclusions and boosts share: made once, ended, never changed."""

    shop_path = "program__shop"
    writers = MANAGERS
    actors = MANAGERS
    autocomplete_fields: ClassVar[tuple[str, ...]] = ("audience", "product", "category")
    list_select_related: ClassVar[tuple[str, ...]] = (
        "program__shop",
        "audience",
        "product",
        "category",
    )
    actions_detail: ClassVar[Sequence[str]] = ("end",)
    add_verb: ClassVar[Callable[..., Any]]
    end_verb: ClassVar[Callable[..., Any]]
    empty_value_display = "–"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody: orders were judged by it. It is ended, and another one made."""
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Call the verb."""
        facts = facts_of(form, type(self).add_verb)
        made = type(self).add_verb(**facts, at=now(), by=user_of(request))
        obj.pk = made.pk

    @column(_("for"), ordering="audience__slug")
    def who(self, term: Any) -> str:
        """Show whom it is for."""
        return str(term.audience) if term.audience else str(_("everyone"))

    @column(_("on"))
    def what(self, term: Any) -> str:
        """Show what it is for."""
        if term.product:
            return str(term.product)
        if term.category:
            return str(_("%(category)s and below") % {"category": term.category})
        return str(_("everything"))

    @column(_("state"), label=_STATES)
    def state(self, term: Any) -> tuple[str, Any]:
        """Say whether it holds now."""
        state = state_of(term, now())
        return state, _WORDS[state]

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """End what is not over."""
        return () if state_of(obj, now()) == "over" else ("end",)

    @button(_("Set its end"), icon="event_busy")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask from when on it no longer holds, and call the verb."""
        term = pages.found(self, request, object_id)

        def perform(values: dict[str, Any]) -> Any:
            type(self).end_verb(term, values["ends_at"], at=now(), by=user_of(request))
            return _("Its end is set.")

        soon = (now() + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
        return pages.confirmed(
            self,
            request,
            term,
            title=_("When does it end?"),
            words=_(
                "Orders placed before that moment keep it. Creators who joined before"
                " keep a rate until the program's notice is over."
            ),
            facts=[
                (_("program"), term.program),
                (str(self.opts.verbose_name), term),
                (_("until"), pages.instant(term.ends_at)),
            ],
            form=EndForm(request.POST or None, initial={"ends_at": soon}),
            button=_("Set its end"),
            perform=perform,
        )


def state_of(term: Any, at: datetime) -> str:
    """Say whether a term is planned, running or over at a moment."""
    if term.ends_at is not None and term.ends_at <= at:
        return "over"
    if term.starts_at is not None and term.starts_at > at:
        return "planned"
    return "running"


class ExclusionForm(TermForm):
    """A product or a category."""

    class Meta(TermForm.Meta):
        model = Exclusion
        fields = ("program", "product", "category", "starts_at", "ends_at")


@admin.register(Exclusion)
class ExclusionAdmin(TermAdmin):
    """What earns nothing; it beats every rate (rule R2)."""

    form = ExclusionForm
    add_verb = rates.exclude
    end_verb = exclusions.end
    list_display = ("what", "program", "state", "starts_at", "ends_at")
    list_filter = (("program", OwnRelatedFilter),)
    list_select_related = ("program__shop", "product", "category")
    autocomplete_fields = ("product", "category")
    search_fields = ("product__sku", "product__name", "category__slug")
    ordering = ("program__name", "-pk")
    fieldsets = (
        (None, {"fields": ("program", ("product", "category"))}),
        (_("When"), {"fields": ("starts_at", "ends_at")}),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin now: an empty start reaches orders that come late."""
        return {"starts_at": now(), **super().get_changeform_initial_data(request)}


class BoostForm(overlaps.OverlapForm, TermForm):
    """The multiplier is written as people say it: 2, or 1.5."""

    worded = {"multiplier_pct": _("From 1.01 to 10: 2 doubles the rate.")}

    multiplier_pct = TimesField(
        label=_("multiplier"), help_text=_("2 doubles the rate, 1.5 adds half of it.")
    )
    budget_cents = MoneyField(
        label=_("budget"),
        required=False,
        help_text=_(
            "What it may cost on top of the rates, in the program's currency; then it"
            " is over. Empty: no limit."
        ),
    )

    class Meta(TermForm.Meta):
        model = Boost
        fields = (
            "program",
            "name",
            "multiplier_pct",
            "audience",
            "product",
            "category",
            "starts_at",
            "ends_at",
        )

    def clean_budget_cents(self) -> int | None:
        """Return minor units of the program's currency."""
        text, program = (
            self.cleaned_data["budget_cents"],
            self.cleaned_data.get("program"),
        )
        return MoneyField.read(text, program.currency) if text and program else None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for both ends: a boost has a window."""
        super().__init__(*args, **kwargs)
        for name in ("starts_at", "ends_at"):
            if name in self.fields:
                self.fields[name].required = True
        if "starts_at" in self.fields:
            self.fields["starts_at"].help_text = _(
                "In the future: creators see it coming."
            )
        if "ends_at" in self.fields:
            self.fields["ends_at"].help_text = _("First moment without it.")

    def clean(self) -> dict[str, Any] | None:
        """Show the boosts that it meets before it is saved (rule B5)."""
        cleaned = super().clean()
        overlaps.look(self, self.cleaned_data)
        # Of the form, not of the boost: the verb takes the rest.
        self.cleaned_data.pop("accepts_overlaps", None)
        return cleaned


@admin.register(Boost)
class BoostAdmin(Exports, TermAdmin):
    """More for a time (rules B1 to B5)."""

    exported = export.BOOSTS
    form = BoostForm
    add_verb = boosts.add
    change_form_before_template = "admin/boosts/overlaps.html"
    end_verb = boosts.end
    actions_detail = ("end", "limit")
    list_select_related = (*TermAdmin.list_select_related, "budget")
    list_display = (
        "name",
        "times",
        "who",
        "what",
        "program",
        "state",
        "left",
        "budget_words",
        "ends_at",
    )
    list_filter = (("program", OwnRelatedFilter),)
    search_fields = ("name",)
    ordering = ("-ends_at", "-pk")
    fieldsets = (
        (None, {"fields": ("program", ("name", "multiplier_pct"), "budget_cents")}),
        (
            _("Who and what"),
            {
                "fields": ("audience", ("product", "category")),
                "description": _(
                    "For some creators only, it is shown to nobody else. A category"
                    " reaches everything below it. Of several boosts the one that pays"
                    " most counts; they never multiply each other."
                ),
            },
        ),
        (_("When"), {"fields": ("starts_at", "ends_at")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show a boost that is there in words."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        lines = (
            ("name", "program"),
            ("times", "state"),
            ("who", "what"),
            ("starts_at", "ends_at"),
            ("budget_words",),
        )
        return ((None, {"fields": lines}),)

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """End what is not over, and say what it may cost."""
        return ("end", "limit") if super().possible(request, obj) else ()

    @button(_("Set its budget"), icon="savings")
    def limit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask what it may cost on top of the rates."""
        boost = pages.found(self, request, object_id)
        words = _(
            "It counts what the boost adds to the rates. The sale that meets the end"
            " has what is left, then the boost is over and creators are told."
        )
        return budgets.ask(self, request, boost, str(words))

    @column(_("budget"))
    def budget_words(self, boost: Boost) -> str:
        """Show what is left of its budget."""
        budget = getattr(boost, "budget", None)
        return budgets.words(budget, boost.program.currency)

    @column(_("multiplier"), ordering="multiplier_pct")
    def times(self, boost: Boost) -> str:
        """Show by how much it multiplies."""
        return f"×{pages.decimal(hundredths_words(boost.multiplier_pct))}"

    @column(_("left"))
    def left(self, boost: Boost) -> str:
        """Show how long it still runs."""
        at = now()
        if state_of(boost, at) != "running":
            return NOTHING
        return time_left(boost.ends_at, at)


def time_left(ends_at: datetime | None, at: datetime) -> str:
    """Write what is left until an end: in days, and on the last one in hours."""
    if ends_at is None:
        return ""
    left = ends_at - at
    if left.days:
        return ngettext("%(count)d day", "%(count)d days", left.days) % {
            "count": left.days
        }
    hours = max(1, left.seconds // 3600)
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
