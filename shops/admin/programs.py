from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant

from shops import programs
from shops.admin import (
    budgets,
    ending,
    first_program,
    pages,
    program_page,
    program_settings,
)
from shops.admin.columns import button, column
from shops.admin.filters import OwnRelatedFilter
from shops.admin.forms import PercentField, hundredths_words
from shops.admin.scope import (
    MANAGERS,
    MerchantScopedAdmin,
    user_of,
)
from shops.models import Audience, Boost, Budget, Program, ProgramStatus

_BADGES = {
    ProgramStatus.DRAFT: "warning",
    ProgramStatus.ACTIVE: "success",
    ProgramStatus.PAUSED: "info",
    ProgramStatus.ENDED: "",
}


class ProgramForm(program_settings.SettingsForm):
    """Rates are written in percent, as people say them."""

    rate_bp = PercentField(
        label=_("default rate"),
        help_text=_(
            "For whom and what no other rate is made. Once the program is active, add"
            " a rate for everyone to change it from a moment on."
        ),
    )
    cap_bp = PercentField(
        label=_("highest rate"),
        initial=8000,
        help_text=_("Rate and boost together never pay more."),
    )

    class Meta:
        model = Program
        help_texts = {"hold_days": _("Never less than the legal withdrawal period.")}
        fields = (
            "shop",
            "name",
            "slug",
            "enrollment",
            "rate_bp",
            "cap_bp",
            "code_policy",
            "window_days",
            "hold_days",
            "shipping_days",
            "rate_lock_days",
            "halo",
            "catalogue_only",
            "countries",
            "niches",
            "least_followers",
            "most_followers",
            "least_age",
        )


@admin.register(Program)
class ProgramAdmin(MerchantScopedAdmin):
    """A shop's terms for creators; its life is in the buttons."""

    writers = MANAGERS
    actors = MANAGERS
    audited = True
    form = ProgramForm
    change_form_outer_before_template = "admin/programs/glance.html"
    list_display = (
        "name",
        "state",
        "rate",
        "enrollment",
        "creators",
        "boosts",
        "budget",
        "shop",
    )
    list_filter = (("shop", OwnRelatedFilter), ("status", ChoicesDropdownFilter))
    list_select_related = ("shop",)
    search_fields = ("name", "slug")
    ordering = ("name", "pk")
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    actions_detail: ClassVar[Sequence[str]] = (
        "activate", "pause", "limit", "withdraw", "plan", "end"
    )  # fmt: skip
    fixed_fields = ("shop", "slug", "state", "budget", "planned")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "shop",
                    ("name", "slug"),
                    ("state", "enrollment"),
                    "budget",
                )
            },
        ),
        (
            _("What it pays"),
            {"fields": (("rate_bp", "cap_bp"), ("hold_days", "shipping_days"))},
        ),
        (
            _("Which sales count"),
            {
                "fields": (
                    ("code_policy", "window_days"),
                    ("halo", "catalogue_only"),
                    "rate_lock_days",
                    "planned",
                ),
                "description": program_settings.NOTICE_WORDS,
            },
        ),
        (
            _("Who may join"),
            {
                "fields": (
                    ("countries", "niches"),
                    ("least_followers", "most_followers", "least_age"),
                )
            },
        ),
    )

    def get_urls(self) -> list[Any]:
        """Add the wizard for a first program."""
        return [*first_program.urls(self), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the program at a glance above its form."""
        glance = program_page.context(self, request, object_id)
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **glance}
        )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return own programs with how many creators and boosts they have."""
        alone = Audience.objects.filter(program=OuterRef("pk"), kind="creator")
        running = Boost.objects.filter(
            program=OuterRef("pk"), starts_at__lte=now(), ends_at__gt=now()
        )
        return (
            super()
            .get_queryset(request)
            .annotate(creator_count=_counted(alone), boost_count=_counted(running))
            .prefetch_related(
                Prefetch("budgets", Budget.objects.filter(boost=None), "own_budgets"),
                "earlier_settings",
            )
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the status of a program that is there."""
        first, pays, counts, *others = super().get_fieldsets(request, obj)
        if obj is None:
            first = (None, {"fields": ("shop", ("name", "slug"), "enrollment")})
            counts = (counts[0], {**counts[1], "fields": counts[1]["fields"][:-1]})
        elif not self._may_change_rates(request, obj):
            title, options = pays
            lines = (("rate", "cap"), *options["fields"][1:])
            pays = (title, {"fields": lines})
        return (first, pays, counts, *others)

    def _may_change_rates(self, request: HttpRequest, obj: Any) -> bool:
        """Fix the rates once creators sold on their word."""
        is_draft = bool(obj.status == ProgramStatus.DRAFT)
        return is_draft and self.has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show a fixed rate as people say it."""
        fields = (*super().get_readonly_fields(request, obj), "rate", "cap")
        if obj is None or self._may_change_rates(request, obj):
            return fields
        return (*fields, "rate_bp", "cap_bp")

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> dict[str, Sequence[str]]:
        """Make the slug from the name of a new program."""
        return {} if obj else dict(self.prepopulated_fields)

    @column(_("status"), ordering="status", label=_BADGES)
    def state(self, program: Program) -> tuple[str, str]:
        """Show the status as a badge."""
        return program.status, program.get_status_display()

    @column(_("default rate"), ordering="rate_bp")
    def rate(self, program: Program) -> str:
        """Show the default rate in percent."""
        return percent(program.rate_bp)

    @column(_("highest rate"))
    def cap(self, program: Program) -> str:
        """Show what rate and boost together never exceed."""
        return percent(program.cap_bp)

    @column(_("creators"))
    def creators(self, program: Any) -> int:
        """Show how many creators have applied or joined."""
        return program.creator_count or 0

    @column(_("boosts now"))
    def boosts(self, program: Any) -> int:
        """Show how many boosts are running."""
        return program.boost_count or 0

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Give a new program its shop's currency; call the verb for one that is."""
        if change:
            program_settings.save(request, obj, form)
            return
        obj.currency = obj.shop.currency
        super().save_model(request, obj, form, change)

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Return where a program can go from its status (rule P1)."""
        steps = {
            ProgramStatus.DRAFT: ("activate", "limit", "end"),
            ProgramStatus.ACTIVE: ("pause", "limit", "plan", "end"),
            ProgramStatus.PAUSED: ("activate", "limit", "plan", "end"),
            ProgramStatus.ENDED: (),
        }[ProgramStatus(obj.status)]
        return (*steps, "withdraw") if program_settings.may_withdraw(obj) else steps

    @button(_("Activate"), icon="play_arrow", variant=ActionVariant.PRIMARY)
    def activate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let orders earn from now on, once confirmed."""
        return self._turn(
            request,
            object_id,
            programs.activate,
            _("Activate this program?"),
            _("Orders placed from now on earn commissions."),
            _("Activate"),
            _("The program is active."),
        )

    @button(_("Pause"), icon="pause")
    def pause(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let orders earn nothing until it goes on, once confirmed."""
        return self._turn(
            request,
            object_id,
            programs.pause,
            _("Pause this program?"),
            _(
                "Orders placed from now on earn nothing until you activate it again."
                " What was placed before stays due."
            ),
            _("Pause"),
            _("The program is paused."),
        )

    @column(_("budget"))
    def budget(self, program: Any) -> str:
        """Show what is left of what the program may cost."""
        own = next(iter(program.own_budgets), None)
        return budgets.words(own, program.currency)

    @button(_("Set its budget"), icon="savings")
    def limit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask what the program may cost in all."""
        program = pages.found(self, request, object_id)
        words = _(
            "It counts all that creators earn in it. The sale that meets the end has"
            " what is left, then the program is paused until you raise its budget."
        )
        return budgets.ask(self, request, program, str(words))

    @column(_("planned"))
    def planned(self, program: Program) -> Any:
        """Show which settings will be others, and from when."""
        return program_settings.words(program)

    @button(_("Take back what is planned"), icon="undo")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the settings that hold now go on, once confirmed."""
        program = pages.found(self, request, object_id)
        return program_settings.ask_to_withdraw(self, request, program)

    @button(_("Plan its end"), icon="event")
    def plan(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask until when orders earn."""
        return ending.ask(self, request, pages.found(self, request, object_id))

    @button(_("End"), icon="stop")
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close the program for good, once confirmed."""
        return self._turn(
            request,
            object_id,
            programs.end,
            _("End this program for good?"),
            _(
                "It cannot be activated again. Orders placed before now are still"
                " approved and paid."
            ),
            _("End"),
            _("The program has ended."),
            is_grave=True,
        )

    def _turn(
        self,
        request: HttpRequest,
        object_id: str,
        verb: Callable[..., Program],
        title: Any,
        words: Any,
        label: Any,
        done: Any,
        *,
        is_grave: bool = False,
    ) -> HttpResponse:
        program = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            verb(program, at=now(), by=user_of(request))
            return done

        return pages.confirmed(
            self,
            request,
            program,
            title=title,
            words=words,
            facts=[
                (_("program"), program.name),
                (_("shop"), program.shop),
                (_("creators"), program.creator_count or 0),
            ],
            button=label,
            perform=perform,
            is_grave=is_grave,
        )


def _counted(rows: "QuerySet[Any]") -> Subquery:
    counted = rows.order_by().values("program").annotate(number=Count("pk"))
    return Subquery(counted.values("number"))


def percent(bp: int) -> str:
    """Write basis points as people say them: 1250 is 12.5 %."""
    return f"{pages.decimal(hundredths_words(bp))} %"
