from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from shops import terms_versions
from shops.admin.columns import column
from shops.admin.filters import OwnRelatedFilter
from shops.admin.scope import MANAGERS, MerchantScopedAdmin, user_of
from shops.admin.terms import TermForm
from shops.models import TermsVersion

_STATES = {"held": "success", "coming": "info"}
_WORDS = {"held": _("in force"), "coming": _("announced")}


class TermsVersionForm(TermForm):
    """The verb numbers the text and looks at the notice."""

    class Meta(TermForm.Meta):
        model = TermsVersion
        fields = ("program", "text", "in_force_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the day to the verb where nobody chooses it."""
        super().__init__(*args, **kwargs)
        if "in_force_from" in self.fields:
            self.fields["in_force_from"].required = False
            self.fields["in_force_from"].help_text = _(
                "Empty: as soon as possible. A change is announced 15 days before."
            )


@admin.register(TermsVersion)
class TermsVersionAdmin(MerchantScopedAdmin):
    """What creators accept when they join (rule P3): published once, never changed."""

    shop_path = "program__shop"
    writers = MANAGERS
    form = TermsVersionForm
    list_display = ("program", "number", "published_at", "in_force_from", "state")
    list_filter = (("program", OwnRelatedFilter),)
    list_select_related = ("program__shop",)
    search_fields = ("program__name", "text")
    ordering = ("program__name", "-number", "-pk")
    fields = ("program", "text", "in_force_from")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody: creators accepted these words."""
        return False

    @column(_("state"), label=_STATES)
    def state(self, version: TermsVersion) -> tuple[str, Any]:
        """Say whether it holds already."""
        state = "held" if version.in_force_from <= now() else "coming"
        return state, _WORDS[state]

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Call the verb."""
        made = terms_versions.publish(
            obj.program,
            form.cleaned_data["text"],
            in_force_from=form.cleaned_data["in_force_from"],
            at=now(),
            by=user_of(request),
        )
        obj.pk, obj.number = made.pk, made.number
