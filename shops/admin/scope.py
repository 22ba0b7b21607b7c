"""Whose rows a person sees in the admin, and which of them that person may change.

Two kinds of people come in. The platform's staff have Django permissions (by their
group, or as superusers) and see every shop. A shop's members have none: their role in
their own shops decides. Everything that can name a row is scoped here: lists, pages,
form choices, autocomplete, filters, actions, inlines and history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Refusal
from affiliate.common.models import User
from shops.admin.forms import RefusableForm, broken_constraint
from shops.admin.trail import record_change, trail_of
from shops.models import Member, Role, Shop

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline

    BaseAdmin = ModelAdmin[Any]
    BaseInline = TabularInline[Any, Any]
else:
    from unfold.admin import ModelAdmin as BaseAdmin
    from unfold.admin import TabularInline as BaseInline

OWNERS = frozenset({Role.OWNER})
MANAGERS = frozenset({Role.OWNER, Role.MANAGER})
NOBODY: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Reach:
    """The shops a person works for, and as what."""

    shops: dict[int, Shop]
    roles: dict[int, Role]

    def of(self, roles: frozenset[Role]) -> set[int]:
        """Return the shops where this person has one of these roles."""
        return {shop for shop, role in self.roles.items() if role in roles}


def reach(request: HttpRequest) -> Reach:
    """Return the memberships of who asks, read once a request."""
    known: Reach | None = getattr(request, "_reach", None)
    if known is None:
        members = (
            list(Member.objects.filter(user=request.user.pk).select_related("shop"))
            if request.user.is_authenticated
            else []
        )
        known = Reach(
            {member.shop_id: member.shop for member in members},
            {member.shop_id: Role(member.role) for member in members},
        )
        request._reach = known  # type: ignore[attr-defined]  # kept for this request
    return known


def user_of(request: HttpRequest) -> User:
    """Return who is signed in; the admin lets nobody else this far."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def may(request: HttpRequest, action: str, model: type[Model]) -> bool:
    """Say whether the platform's own permissions allow this on every row."""
    opts = model._meta
    return bool(request.user.has_perm(f"{opts.app_label}.{action}_{opts.model_name}"))


class Scope:
    """What pages and inlines share: which rows are the person's own.

    `shop_path` leads from the model to its shop; "pk" for the shop itself, "" for
    what belongs to no shop and is for the platform's staff alone. `writers` are the
    roles that may add and change rows, `actors` those that may press their buttons,
    `readers` those that may look.
    """

    model: type[Model]
    shop_path: ClassVar[str] = "shop"
    writers: ClassVar[frozenset[Role]] = NOBODY
    readers: ClassVar[frozenset[Role]] = frozenset(Role)
    actors: ClassVar[frozenset[Role]] = NOBODY
    staff_writes: ClassVar[bool] = True

    def own(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Keep the rows that this person may see."""
        if may(request, "view", self.model):
            return queryset
        return self._of_shops(queryset, reach(request).of(self.readers))

    def choices(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return the rows that this person may name in a form."""
        queryset: QuerySet[Any] = self.model._default_manager.all()
        if may(request, "change", self.model) or may(request, "view", self.model):
            return queryset
        return self._of_shops(queryset, reach(request).of(MANAGERS))

    def _of_shops(self, queryset: "QuerySet[Any]", shops: set[int]) -> "QuerySet[Any]":
        if not self.shop_path or not shops:
            return queryset.none()
        return queryset.filter(**{f"{self.shop_path}__in": sorted(shops)})

    def shop_of(self, obj: Model) -> int | None:
        """Return the shop that a row belongs to."""
        found: Any = obj
        if self.shop_path == "pk":
            return int(obj.pk)
        for step in self.shop_path.split("__"):
            found = getattr(found, step, None)
        return found.pk if isinstance(found, Shop) else None

    def _has_role(
        self, request: HttpRequest, obj: object, roles: frozenset[Role]
    ) -> bool:
        mine = reach(request).of(roles)
        if isinstance(obj, Model) and isinstance(obj, self.model) and obj.pk:
            return self.shop_of(obj) in mine
        return bool(self.shop_path and mine)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let staff see all, and members their own shops' rows."""
        return may(request, "view", self.model) or self._has_role(
            request, obj, self.readers
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let in whose role may write somewhere; the form says where."""
        if self.writers and self._has_role(request, None, self.writers):
            return True
        return self.staff_writes and may(request, "add", self.model)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let in whose role may write in this row's shop."""
        if self.writers and self._has_role(request, obj, self.writers):
            return True
        return self.staff_writes and may(request, "change", self.model)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody: rows end, they do not vanish."""
        return False

    def may_act(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether this person may press the buttons of a row, or of any."""
        if self.actors and self._has_role(request, obj, self.actors):
            return True
        return self.staff_writes and may(request, "change", self.model)

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer own rows only, and accept no other."""
        kwargs.setdefault("queryset", own_choices(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer own rows only, and accept no other."""
        kwargs.setdefault("queryset", own_choices(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Leave out the menu beside a choice: one page makes one thing."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # a mixin
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


def own_choices(field: Any, request: HttpRequest) -> "QuerySet[Any]":
    """Return what a field may point at; nothing where no admin says whose it is."""
    model = field.remote_field.model
    registered = admin.site._registry.get(model)
    if isinstance(registered, Scope):
        return registered.choices(request)
    rows: QuerySet[Any] = model._default_manager.all()
    return rows if may(request, "view", model) else rows.none()


class MerchantScopedAdmin(Scope, BaseAdmin):
    """The page of a model whose rows belong to shops.

    A row that is not one's own is answered like one that is not there. A verb's
    refusal, or a constraint's, comes back as an error of the form.
    """

    form = RefusableForm
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    compressed_fields = True
    show_full_result_count = False
    list_per_page = 50
    actions_detail: ClassVar[Sequence[str]] = ()
    # Terms: whoever changes them through the form stands in the audit trail.
    audited: ClassVar[bool] = False
    # Fields that are chosen when a row is made and stay.
    fixed_fields: ClassVar[Sequence[str]] = ()

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return the rows that this person may see."""
        return self.own(request, super().get_queryset(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the floor to whom it shows anything."""
        return self.has_view_permission(request)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> "list[str] | tuple[Any, ...]":
        """Fix what was chosen once."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return (*fields, *self.fixed_fields) if obj else fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Choose the only shop or program that there is to choose."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        for name in ("shop", "program"):
            if name in initial or name not in _field_names(self.model):
                continue
            field = self.model._meta.get_field(name)
            rows = list(own_choices(field, request).values_list("pk", flat=True)[:2])
            if len(rows) == 1:
                initial[name] = rows[0]
        return initial

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> NoReturn:
        raise Http404(_("There is no such row."))

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Save the form, and write down what a term was and what it became."""
        super().save_model(request, obj, form, change)
        if self.audited and form.changed_data:
            record_change(user_of(request), obj, form, change, self.shop_of(obj))

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what the audit trail holds of a row, by whatever door it was changed."""
        trail = trail_of(
            request, self.opts.label_lower, object_id, reach(request).of(self.readers)
        )
        return super().history_view(
            request, object_id, {**(extra_context or {}), "trail": trail}
        )

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Return the buttons that this row's state allows."""
        return self.actions_detail

    def get_actions_detail(
        self, request: HttpRequest, object_id: int | str
    ) -> list[Any]:
        """Show the buttons that this person may press on this row now."""
        obj = self.get_object(request, str(object_id))
        if obj is None or not self.may_act(request, obj):
            return []
        allowed = self.possible(request, obj)
        return [
            self.get_unfold_action(name)  # type: ignore[attr-defined]  # Unfold's
            for name in self.actions_detail
            if name in allowed
        ]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the shop out for who has only one."""
        columns = super().get_list_display(request)
        return (
            [name for name in columns if name != "shop"] if _one(request) else columns
        )

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Leave the shop out for who has only one."""
        filters = super().get_list_filter(request)
        return [
            each
            for each in filters
            if not (_one(request) and isinstance(each, tuple) and each[0] == "shop")
        ]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Tell the form why the verb refused, the second time around."""
        form = super().get_form(request, obj, change, **kwargs)
        if not issubclass(form, RefusableForm):
            return form
        told = {"refusal": getattr(request, "_refusal", None), "request": request}
        return type(form.__name__, (form,), told)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a refusal of the verb behind the form as the form's own error."""
        try:
            with transaction.atomic():
                page = super().changeform_view(
                    request, object_id, form_url, extra_context
                )
                if request.method == "POST":
                    # Keys that carry the shop are checked at commit: too late for us.
                    connection.check_constraints()
                return page
        except Refusal as refusal:
            request._refusal = refusal  # type: ignore[attr-defined]  # for get_form
        except IntegrityError as error:
            request._refusal = broken_constraint(error, self.model)  # type: ignore[attr-defined]  # for get_form
        return super().changeform_view(request, object_id, form_url, extra_context)


class ScopedInline(Scope, BaseInline):
    """Rows shown inside a page of the same shop."""

    extra = 0
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return the rows that this person may see."""
        return self.own(request, super().get_queryset(request))


class LooksOnly:
    """A page that nobody, not even a superuser, may write through."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody: a verb makes these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody: a verb changes these."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody."""
        return False


def _one(request: HttpRequest) -> bool:
    return len(reach(request).shops) == 1 and not may(request, "view", Shop)


def _field_names(model: type[models.Model]) -> set[str]:
    return {field.name for field in model._meta.fields}
