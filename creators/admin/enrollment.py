from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from creators import acceptances, enrollments, export, groups, tables
from creators.admin import invitations
from creators.admin.invitations import InviteForm
from creators.models import Again, Enrollment, EnrollmentStatus, GroupMember
from shops.admin import audiences, pages
from shops.admin.columns import NOTHING, button, column, names
from shops.admin.filters import OwnRelatedFilter
from shops.admin.imports import Imports
from shops.admin.scope import (
    MANAGERS,
    LooksOnly,
    ScopedInline,
    user_of,
)
from shops.models import Audience

_BADGES = {
    EnrollmentStatus.ACTIVE: "success",
    EnrollmentStatus.APPLIED: "warning",
    EnrollmentStatus.INVITED: "info",
    EnrollmentStatus.REJECTED: "danger",
    EnrollmentStatus.ENDED: "",
}


class RejectForm(pages.WordsForm):
    """Asks for words that the creator reads, and for the rule of the next time."""

    may_apply_again = forms.ChoiceField(
        label=_("May apply again"),
        choices=Again.choices,
        widget=UnfoldAdminSelectWidget(),
    )
    after_days = forms.IntegerField(
        label=_("After how many days"),
        required=False,
        min_value=1,
        max_value=enrollments.LONGEST_DELAY_DAYS,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=_("Only for those who may apply again after a delay."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the days beside their field, before the verb does."""
        values: dict[str, Any] = super().clean() or {}
        is_later = values.get("may_apply_again") == Again.LATER
        if is_later and not values.get("after_days") and "after_days" in values:
            self.add_error("after_days", _("Say after how many days."))
        if not is_later:
            values["after_days"] = None
        return values


@admin.register(Enrollment)
class EnrollmentAdmin(LooksOnly, Imports):
    """The creators of a shop's programs: handle and dates, nothing of their person."""

    table_kind = "creators"
    makers = tables.KINDS
    upload_form = InviteForm
    upload_words = invitations.WORDS
    exported = export.ENROLLMENTS

    shop_path = "program__shop"
    actors = MANAGERS
    actions_detail: ClassVar[Sequence[str]] = ("approve", "reject", "end")
    list_display = ("handle", "program", "state", "terms", "since", "ended_at")
    list_filter = (
        ("program", OwnRelatedFilter),
        ("status", ChoicesDropdownFilter),
    )
    list_select_related = ("creator", "program__shop")
    search_fields = ("creator__handle", "creator__name")
    ordering = ("creator__handle", "pk")
    fields = (
        ("handle", "program"),
        ("state", "terms"),
        ("asked_at", "since", "ended_at"),
        ("reason", "again"),
    )
    readonly_fields = names(fields)
    empty_value_display = NOTHING

    def may_import(self, request: HttpRequest) -> bool:
        """Let those invite who decide on applications."""
        return self.may_act(request)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return enrollments with whether the terms in force are accepted."""
        return acceptances.with_waiting(super().get_queryset(request), at=now())

    @column(_("creator"), ordering="creator__handle")
    def handle(self, enrollment: Enrollment) -> str:
        """Show how the creator is known."""
        return f"@{enrollment.creator.handle} · {enrollment.creator.name}"

    @column(_("status"), ordering="status", label=_BADGES)
    def state(self, enrollment: Enrollment) -> tuple[str, str]:
        """Show the status as a badge."""
        return enrollment.status, enrollment.get_status_display()

    @column(_("terms in force"), label={True: "warning", False: "success"})
    def terms(self, enrollment: Any) -> tuple[bool, Any]:
        """Show whether the creator has yet to accept them; sales are paid anyway."""
        return enrollment.is_waiting, self._terms_in_words(enrollment)

    @staticmethod
    def _terms_in_words(enrollment: Any) -> Any:
        if enrollment.version_in_force is None:
            return _("none")
        return _("not accepted yet") if enrollment.is_waiting else _("accepted")

    @column(_("may apply again"))
    def again(self, enrollment: Enrollment) -> str:
        """Show what a rejected creator was told of the next time."""
        if enrollment.again_at is not None:
            return pages.instant(enrollment.again_at)
        return enrollment.get_may_apply_again_display() or NOTHING

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Return where an enrollment can go from its status."""
        return {
            EnrollmentStatus.APPLIED: ("approve", "reject"),
            EnrollmentStatus.INVITED: ("reject",),
            EnrollmentStatus.ACTIVE: ("end",),
        }.get(EnrollmentStatus(obj.status), ())

    @button(_("Approve"), icon="check", variant=ActionVariant.PRIMARY)
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take an applicant in, once confirmed."""
        enrollment = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            enrollments.approve(enrollment, at=now(), by=user_of(request))
            return _("The creator is in.")

        return pages.confirmed(
            self,
            request,
            enrollment,
            title=_("Take this creator into the program?"),
            words=_("Orders placed from now on may be theirs."),
            facts=[
                *self._facts(enrollment),
                (_("terms in force"), self._terms_in_words(enrollment)),
            ],
            button=_("Approve"),
            perform=perform,
        )

    @button(_("Reject"), icon="close")
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Turn an applicant away with words, or take an invitation back."""
        enrollment = pages.found(self, request, object_id)

        def perform(values: dict[str, Any]) -> Any:
            enrollments.reject(enrollment, **values, at=now(), by=user_of(request))
            return _("The creator is told why.")

        return pages.confirmed(
            self,
            request,
            enrollment,
            title=_("Reject this creator?"),
            words=_("The creator reads the reason, and when to apply again."),
            facts=self._facts(enrollment),
            form=RejectForm(request.POST or None),
            button=_("Reject"),
            perform=perform,
            is_grave=True,
        )

    @button(_("End"), icon="stop")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let a creator go for good, with words."""
        enrollment = pages.found(self, request, object_id)

        def perform(values: dict[str, Any]) -> Any:
            enrollments.end(enrollment, **values, at=now(), by=user_of(request))
            return _("The creator has left the program.")

        return pages.confirmed(
            self,
            request,
            enrollment,
            title=_("Let this creator go for good?"),
            words=_(
                "Orders placed from now on are no longer theirs. What was sold before"
                " is still approved and paid. They cannot come back."
            ),
            facts=self._facts(enrollment),
            form=pages.WordsForm(request.POST or None),
            button=_("End"),
            perform=perform,
            is_grave=True,
        )

    @staticmethod
    def _facts(enrollment: Enrollment) -> list[tuple[Any, object]]:
        return [(_("creator"), enrollment.creator), (_("program"), enrollment.program)]


class GroupMemberInline(ScopedInline):
    """The creators of a group; only those enrolled in its program can join.

    Who comes and goes does so by the verbs of `groups`; a row is never another one.
    """

    model = GroupMember
    shop_path = "program__shop"
    writers = MANAGERS
    fields = ("enrollment", "starts_at", "ends_at")
    readonly_fields = ("starts_at", "ends_at")
    autocomplete_fields = ("enrollment",)
    hide_title = True
    verbose_name = _("creator")
    verbose_name_plural = _("creators of this group")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Show who is in, also on notice; who has left is in the history."""
        rows = super().get_queryset(request)
        return rows.filter(GroupMember.inside(now())).select_related(
            "enrollment__creator", "enrollment__program"
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody: past orders have the groups of their moment."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those take creators out who may put them in."""
        return self.has_add_permission(request, obj)


admin.site.unregister(Audience)


@admin.register(Audience)
class AudienceAdmin(audiences.AudienceAdmin):
    """A group with its creators."""

    inlines = (GroupMemberInline,)

    list_display = (*audiences.AudienceAdmin.list_display, "member_count")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return audiences with how many creators each has."""
        inside = GroupMember.objects.filter(
            GroupMember.inside(now()), audience=OuterRef("pk")
        ).order_by()
        counted = inside.values("audience").annotate(number=Count("pk"))
        return (
            super()
            .get_queryset(request)
            .annotate(members_in=Subquery(counted.values("number")))
        )

    @column(_("creators"))
    def member_count(self, audience: Any) -> int:
        """Show how many creators are in the group."""
        return audience.members_in or 0

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Give creators to groups that are there; one creator is no group."""
        return self.inlines if obj is not None and obj.kind == "group" else ()

    def save_formset(
        self, request: HttpRequest, form: Any, formset: Any, change: bool
    ) -> None:
        """Call the verbs, and say who goes on notice."""
        if formset.model is not GroupMember:
            super().save_formset(request, form, formset, change)
            return
        group, by = form.instance, user_of(request)
        for member in formset.save(commit=False):
            groups.join(group, member.enrollment, at=now(), by=by)
        for member in formset.deleted_objects:
            ends_at = groups.leave(member, at=now(), by=by)
            if ends_at is not None and ends_at > now():
                words = _("%(creator)s has the rates of this group until %(moment)s.")
                known = {
                    "creator": member.enrollment.creator,
                    "moment": pages.instant(ends_at),
                }
                messages.info(request, words % known)
