from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from creators.models import Creator, Enrollment, EnrollmentStatus
from shops.admin.columns import column, names
from shops.admin.scope import LooksOnly, MerchantScopedAdmin


@admin.register(Creator)
class CreatorAdmin(LooksOnly, MerchantScopedAdmin):
    """Who sells: for the platform's staff; a shop sees its own enrollments."""

    shop_path = ""
    list_display = ("handle", "name", "email", "country", "followers", "programs")
    list_filter = ("country",)
    list_select_related = ("user",)
    search_fields = ("handle", "name", "user__email")
    ordering = ("handle",)
    fields = (
        ("handle", "name"),
        ("email", "country"),
        ("followers", "languages"),
        "niches",
        "created_at",
    )
    readonly_fields = names(fields)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return creators with the number of their programs."""
        active = Enrollment.objects.filter(
            creator=OuterRef("pk"), status=EnrollmentStatus.ACTIVE
        )
        counted = active.order_by().values("creator").annotate(number=Count("pk"))
        return (
            super()
            .get_queryset(request)
            .annotate(program_count=Subquery(counted.values("number")))
        )

    @column(_("e-mail"))
    def email(self, creator: Creator) -> str:
        """Show the address of the account."""
        return creator.user.email

    @column(_("programs"))
    def programs(self, creator: Any) -> int:
        """Show in how many programs the creator is active."""
        return creator.program_count or 0
