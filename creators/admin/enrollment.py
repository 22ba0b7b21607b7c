from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from affiliate.common import audit
from creators.models import Enrollment, EnrollmentStatus, GroupMember
from shops.admin import programs
from shops.admin.columns import column, names
from shops.admin.filters import OwnRelatedFilter
from shops.admin.scope import (
    MANAGERS,
    LooksOnly,
    MerchantScopedAdmin,
    ScopedInline,
    user_of,
)
from shops.models import Audience

_BADGES = {
    EnrollmentStatus.ACTIVE: "success",
    EnrollmentStatus.APPLIED: "warning",
    EnrollmentStatus.REJECTED: "danger",
    EnrollmentStatus.ENDED: "",
}


@admin.register(Enrollment)
class EnrollmentAdmin(LooksOnly, MerchantScopedAdmin):
    """The creators of a shop's programs: handle and dates, nothing of their person."""

    shop_path = "program__shop"
    list_display = ("handle", "program", "state", "since", "ended_at")
    list_filter = (
        ("program", OwnRelatedFilter),
        ("status", ChoicesDropdownFilter),
    )
    list_select_related = ("creator", "program__shop")
    search_fields = ("creator__handle", "creator__name")
    ordering = ("creator__handle", "pk")
    fields = (("handle", "program"), "state", ("since", "ended_at"))
    readonly_fields = names(fields)

    @column(_("creator"), ordering="creator__handle")
    def handle(self, enrollment: Enrollment) -> str:
        """Show how the creator is known."""
        return f"@{enrollment.creator.handle} · {enrollment.creator.name}"

    @column(_("status"), ordering="status", label=_BADGES)
    def state(self, enrollment: Enrollment) -> tuple[str, str]:
        """Show the status as a badge."""
        return enrollment.status, enrollment.get_status_display()


class GroupMemberInline(ScopedInline):
    """The creators of a group; only those enrolled in its program can join."""

    model = GroupMember
    shop_path = "program__shop"
    writers = MANAGERS
    fields = ("enrollment",)
    autocomplete_fields = ("enrollment",)
    hide_title = True
    verbose_name = _("creator")
    verbose_name_plural = _("creators of this group")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those take creators out who may put them in."""
        return self.has_change_permission(request, obj)


admin.site.unregister(Audience)


@admin.register(Audience)
class AudienceAdmin(programs.AudienceAdmin):
    """A group with its creators."""

    inlines = (GroupMemberInline,)

    list_display = (*programs.AudienceAdmin.list_display, "member_count")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return audiences with how many creators each has."""
        inside = GroupMember.objects.filter(audience=OuterRef("pk")).order_by()
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
        """Tie each row to the group's program, and write down who came and went."""
        if formset.model is not GroupMember:
            super().save_formset(request, form, formset, change)
            return
        group = form.instance
        for member in formset.save(commit=False):
            member.program = group.program
            member.save()
        for gone in formset.deleted_objects:
            gone.delete()
        came = [row.enrollment.creator_id for row in formset.new_objects]
        went = [row.enrollment.creator_id for row in formset.deleted_objects]
        for row, _fields in formset.changed_objects:
            came.append(row.enrollment.creator_id)
        if came or went:
            audit.record(
                f"shop:{group.program.shop_id}",
                "group.changed",
                group,
                at=now(),
                actor=user_of(request),
                before={"creators_left": went},
                after={"creators_joined": came},
            )
