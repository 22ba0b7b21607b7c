from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from shops import keys
from shops.admin import pages
from shops.admin.columns import button, column
from shops.admin.filters import OwnRelatedFilter
from shops.admin.forms import RefusableForm
from shops.admin.scope import (
    OWNERS,
    MerchantScopedAdmin,
    user_of,
)
from shops.models import ApiKey


class KeyForm(RefusableForm):
    """What a new key may do, and until when."""

    scopes = forms.MultipleChoiceField(
        label=_("scopes"),
        choices=[(scope, scope) for scope in keys.SCOPES],
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=_("Only what the key is for."),
    )

    class Meta:
        model = ApiKey
        fields = ("shop", "name", "scopes", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(MerchantScopedAdmin):
    """Keys of the API: made by owners, shown once, revoked at once."""

    readers = OWNERS
    writers = OWNERS
    actors = OWNERS
    list_display = ("prefix", "name", "shop", "scope_words", "state", "expires_at")
    list_filter = (("shop", OwnRelatedFilter),)
    list_select_related = ("shop",)
    search_fields = ("name", "prefix__startswith")
    ordering = ("-created_at", "-pk")
    actions_detail: ClassVar[Sequence[str]] = ("revoke",)
    fields = (
        ("name", "shop"),
        ("prefix", "state"),
        "scope_words",
        ("created_at", "expires_at"),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody: a key is revoked and another one made."""
        return False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Ask what a new key may do; each belongs to a shop, but the platform's own."""
        if obj is None:
            kwargs["form"] = KeyForm
        form = super().get_form(request, obj, change, **kwargs)
        if "shop" in form.base_fields and not user_of(request).is_superuser:
            form.base_fields["shop"].required = True
            form.base_fields["shop"].help_text = ""
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what is known of a key that is there."""
        return self.fields if obj else ("shop", "name", "scopes", "expires_at")

    @column(_("scopes"))
    def scope_words(self, key: ApiKey) -> str:
        """Show what it may do."""
        return ", ".join(key.scopes)

    @column(_("state"), label={"live": "success", "expired": "warning", "revoked": ""})
    def state(self, key: ApiKey) -> tuple[str, Any]:
        """Say whether it opens anything now."""
        if key.revoked_at is not None:
            return "revoked", _("revoked")
        if key.expires_at is not None and key.expires_at <= now():
            return "expired", _("expired")
        return "live", _("valid")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask for the password first: whoever has the key is believed."""
        if self.has_add_permission(request):
            pages.demand_fresh_sign_in(request)
        return super().add_view(request, form_url, extra_context)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Call the verb, and keep the secret for the one page that shows it."""
        values = form.cleaned_data
        made, secret = keys.create(
            values["shop"],
            values["scopes"],
            at=now(),
            name=values["name"],
            expires_at=values["expires_at"],
            by=user_of(request),
        )
        obj.pk, obj.prefix = made.pk, made.prefix
        request._secret = secret  # type: ignore[attr-defined]  # for response_add only

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the key on the page itself, once: messages would store it."""
        return pages.shown_once(
            self,
            request,
            title=_("Your new API key"),
            words=_(
                "Copy it now: only its beginning is kept, and nobody can show it again."
            ),
            secret=request._secret,  # type: ignore[attr-defined]  # from save_model
            back=pages.page_of(self, obj),
        )

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Revoke what is not revoked."""
        return () if obj.revoked_at else ("revoke",)

    @button(_("Revoke"), icon="key_off")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End the key at once, once confirmed."""
        key = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            keys.revoke(key, at=now(), by=user_of(request))
            return _("The key opens nothing any more.")

        return pages.confirmed(
            self,
            request,
            key,
            title=_("Revoke this key?"),
            words=_("Whatever uses it is refused from this second on."),
            facts=[(_("key"), f"{key.prefix}…"), (_("name"), key.name)],
            button=_("Revoke"),
            perform=perform,
            is_grave=True,
        )
