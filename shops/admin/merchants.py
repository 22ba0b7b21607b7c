from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget

from shops import merchants
from shops.admin import pages
from shops.admin.columns import button, column
from shops.admin.filters import OwnRelatedFilter
from shops.admin.forms import RefusableForm
from shops.admin.scope import (
    MANAGERS,
    OWNERS,
    MerchantScopedAdmin,
    user_of,
)
from shops.models import Member, Role, Shop, WebhookSecret


@admin.register(Shop)
class ShopAdmin(MerchantScopedAdmin):
    """The shop itself: its owner keeps name and hosts, its books stay as they are."""

    shop_path = "pk"
    writers = OWNERS
    audited = True
    list_display = ("name", "slug", "currency", "country", "time_zone")
    search_fields = ("name", "slug")
    ordering = ("name",)
    fields = (
        ("name", "slug"),
        ("currency", "country"),
        "time_zone",
        "hosts",
    )
    # They decide what money means and when a day ends: orders were judged by them.
    fixed_fields = ("slug", "currency", "country", "time_zone")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let the platform open shops, not their members."""
        return bool(getattr(request.user, "is_superuser", False))


class MemberForm(RefusableForm):
    """A new member is named by address: nobody browses other people."""

    email = forms.EmailField(
        label=_("e-mail"),
        widget=UnfoldAdminEmailInputWidget(),
        help_text=_(
            "Who has no account yet gets one, and chooses a password by “Forgot your"
            " password?” on the sign-in page."
        ),
    )

    class Meta:
        model = Member
        fields = ("shop", "role")


@admin.register(Member)
class MemberAdmin(MerchantScopedAdmin):
    """Who works for the shop; owners decide."""

    readers = MANAGERS
    writers = OWNERS
    actors = OWNERS
    list_display = ("email", "shop", "role_name")
    list_filter = (("shop", OwnRelatedFilter),)
    list_select_related = ("user", "shop")
    search_fields = ("user__email",)
    ordering = ("shop__name", "user__email")
    fixed_fields = ("shop", "email")
    actions_detail: ClassVar[Sequence[str]] = ("remove",)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Ask for the address of a new member only."""
        if obj is None:
            kwargs["form"] = MemberForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show who, where and as what."""
        return ("shop", "email", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the address a field of the form while there is no member."""
        return super().get_readonly_fields(request, obj) if obj else ()

    @column(_("e-mail"), ordering="user__email")
    def email(self, member: Member) -> str:
        """Show the address that was given; the name is the person's own."""
        return member.user.email

    @column(
        _("role"),
        ordering="role",
        label={Role.OWNER: "primary", Role.MANAGER: "info", Role.ANALYST: ""},
    )
    def role_name(self, member: Member) -> tuple[str, str]:
        """Show the role as a badge."""
        return member.role, member.get_role_display()

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Call the verb."""
        who, at = user_of(request), now()
        role = Role(form.cleaned_data["role"])
        if change:
            merchants.change_role(obj.pk, role, by=who, at=at)
        else:
            email = form.cleaned_data["email"]
            made = merchants.add_member(obj.shop, email, role, by=who, at=at)
            obj.pk, obj.user = made.pk, made.user

    @button(_("Remove"), icon="person_remove")
    def remove(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End the membership, once confirmed."""
        member = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            merchants.remove_member(member.pk, by=user_of(request), at=now())
            return _("The member was removed.")

        return pages.confirmed(
            self,
            request,
            member,
            title=_("Remove this member?"),
            words=_("They lose access to this shop at once."),
            facts=[(_("e-mail"), member.user.email), (_("shop"), member.shop)],
            button=_("Remove"),
            perform=perform,
            is_grave=True,
            back=pages.list_of(self),
        )


def _is_live(secret: WebhookSecret) -> bool:
    return secret.ends_at is None or secret.ends_at > now()


class SecretForm(RefusableForm):
    """The secret goes in and never comes out."""

    secret = forms.CharField(
        label=_("secret"),
        min_length=8,
        max_length=200,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text=_(
            "As your shop system shows it; for TikTok Shop the app key, a colon, the"
            " app secret. It is not shown again here. The secrets before it stay valid"
            " until you end them."
        ),
    )

    class Meta:
        model = WebhookSecret
        fields = ("shop", "system", "secret")


@admin.register(WebhookSecret)
class WebhookSecretAdmin(MerchantScopedAdmin):
    """What the shop system signs with; during a change two are valid."""

    readers = OWNERS
    writers = OWNERS
    actors = OWNERS
    list_display = ("system", "shop", "created_at", "state")
    list_filter = (("shop", OwnRelatedFilter),)
    list_select_related = ("shop",)
    ordering = ("-created_at",)
    actions_detail: ClassVar[Sequence[str]] = ("end",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody: a secret is replaced, not edited."""
        return False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Ask for the secret of a new row only."""
        if obj is None:
            kwargs["form"] = SecretForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Never show a secret that is kept."""
        if obj is None:
            return ("shop", "system", "secret")
        return ("shop", "system", "created_at", "ends_at")

    @column(_("state"), label={"live": "success", "ended": ""})
    def state(self, secret: WebhookSecret) -> tuple[str, Any]:
        """Say whether webhooks signed with it are accepted."""
        return ("live", _("valid")) if _is_live(secret) else ("ended", _("ended"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask for the password first: whoever has the secret is believed."""
        if self.has_add_permission(request):
            pages.demand_fresh_sign_in(request)
        return super().add_view(request, form_url, extra_context)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Call the verb."""
        made = merchants.add_webhook_secret(
            obj.shop,
            obj.system,
            form.cleaned_data["secret"],
            by=user_of(request),
            at=now(),
        )
        obj.pk = made.pk

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """End what is valid."""
        return ("end",) if _is_live(obj) else ()

    @button(_("End"), icon="block")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Accept the secret no longer, once confirmed."""
        secret = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            merchants.end_webhook_secret(secret.pk, by=user_of(request), at=now())
            return _("The secret is no longer accepted.")

        return pages.confirmed(
            self,
            request,
            secret,
            title=_("End this secret?"),
            words=_("Webhooks signed with it are refused from now on."),
            facts=[(_("shop system"), secret.get_system_display())],
            button=_("End"),
            perform=perform,
            is_grave=True,
        )
