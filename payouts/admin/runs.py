from collections.abc import Sequence
from typing import Any, ClassVar

from celery import current_app
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery, Sum
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant

from payouts import runs
from payouts.admin.months import OpenForm, month_name
from payouts.admin.progress import overview
from payouts.models import Payout, PayoutSkip, PayoutStatus, Run, RunStatus
from shops.admin import pages
from shops.admin.columns import button, column, names
from shops.admin.scope import LooksOnly, MerchantScopedAdmin, may, user_of

BADGES = {
    RunStatus.BUILDING: "warning",
    RunStatus.DRAFT: "primary",
    RunStatus.APPROVED: "info",
    RunStatus.SENT: "info",
    RunStatus.FINISHED: "success",
    RunStatus.DROPPED: "",
}


@admin.register(Run)
class RunAdmin(LooksOnly, MerchantScopedAdmin):
    """Payout runs: finance opens, approves, sends and finishes them, by their verbs."""

    shop_path = ""
    list_display = ("period", "state", "payouts", "total", "skipped", "execution_on")
    list_filter = (("status", ChoicesDropdownFilter),)
    ordering = ("-starts_on", "-pk")
    actions_detail: ClassVar[Sequence[str]] = (
        "try_again",
        "approve",
        "send",
        "file",
        "finish",
        "drop",
    )
    change_form_before_template = "admin/runs/run.html"
    fields = (
        ("period", "state"),
        ("threshold", "execution_on"),
        ("opened_at", "opened_by"),
        ("approved_at", "approved_by"),
        ("sent_at", "finished_at"),
        ("message_id", "file_sha256"),
    )
    readonly_fields = names(fields)
    empty_value_display = "–"

    # ---------------------------------------------------------------- the list

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return runs with what they pay and whom they skip."""
        paid = (
            Payout.objects.filter(run=OuterRef("pk"))
            .exclude(status=PayoutStatus.DROPPED)
            .order_by()
            .values("run")
            .annotate(number=Count("pk"), total=Sum("amount_cents"))
        )
        skips = PayoutSkip.objects.filter(run=OuterRef("pk")).order_by().values("run")
        return (
            super()
            .get_queryset(request)
            .annotate(
                payout_count=Subquery(paid.values("number")),
                total_cents=Subquery(paid.values("total")),
                skip_count=Subquery(skips.annotate(n=Count("pk")).values("n")),
            )
        )

    @column(_("month"), ordering="starts_on")
    def period(self, run: Run) -> str:
        """Show the month and the currency."""
        return f"{month_name(run.starts_on)} · {run.currency}"

    @column(_("status"), ordering="status", label=BADGES)
    def state(self, run: Run) -> tuple[str, str]:
        """Show the status as a badge."""
        return run.status, run.get_status_display()

    @column(_("payouts"))
    def payouts(self, run: Any) -> int:
        """Show how many transfers it holds."""
        return run.payout_count or 0

    @column(_("total"))
    def total(self, run: Any) -> str:
        """Show the sum of its transfers."""
        return pages.shown(run.total_cents or 0, run.currency)

    @column(_("skipped"))
    def skipped(self, run: Any) -> int:
        """Show how many creators it does not pay."""
        return run.skip_count or 0

    @column(_("threshold"))
    def threshold(self, run: Run) -> str:
        """Show the least amount that is paid."""
        return pages.shown(run.threshold_cents, run.currency)

    # ---------------------------------------------------------------- opening

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let finance open runs."""
        return may(request, "add", Run)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Ask for a month."""
        if obj is None:
            kwargs["form"] = OpenForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for a month and nothing else."""
        return self.fields if obj else ("month",)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Open the run and wake a builder; without the queue the timer does."""
        made = runs.open_run(
            runs.month_of(form.cleaned_data["month"]), at=now(), by=user_of(request)
        )
        obj.pk = made.pk
        obj.refresh_from_db()
        _wake_builder(made.pk)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go to the run, where one sees it being built."""
        messages.success(request, _("The run is open and is being built."))
        return HttpResponseRedirect(pages.page_of(self, obj))

    # ---------------------------------------------------------------- one run

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show progress, payouts and skips above the run's own facts."""
        run = self.get_object(request, str(object_id)) if object_id else None
        more = overview(run) if run is not None else {}
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **more}
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the part of the page that renews itself while workers build."""
        own = path(
            "<int:object_id>/progress/",
            self.admin_site.admin_view(self.progress),
            name="payouts_run_progress",
        )
        return [own, *super().get_urls()]

    def progress(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Return how far the builders are; once they are done, the page anew."""
        run = self.get_object(request, str(object_id))
        if not self.has_view_permission(request):
            raise PermissionDenied
        if run is None:
            raise Http404
        page = render(request, "admin/runs/progress.html", overview(run))
        if run.status != RunStatus.BUILDING:
            page["HX-Refresh"] = "true"
        return page

    # ---------------------------------------------------------------- its steps

    def may_act(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let finance take the steps."""
        return may(request, "change", Run)

    def possible(self, request: HttpRequest, obj: Any) -> Sequence[str]:
        """Return the steps of rule Y4 that begin at this state."""
        if obj.status == RunStatus.BUILDING and obj.chunks.parked().exists():
            return ("try_again", "drop")
        return {
            RunStatus.BUILDING: ("drop",),
            RunStatus.DRAFT: ("approve", "drop"),
            RunStatus.APPROVED: ("send",),
            RunStatus.SENT: ("finish", "file"),
            RunStatus.FINISHED: ("file",),
            RunStatus.DROPPED: (),
        }[RunStatus(obj.status)]

    @button(_("Try again"), icon="replay", variant=ActionVariant.PRIMARY)
    def try_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the builders try again what they gave up, once confirmed."""
        run = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            runs.unpark(run.pk, by=user_of(request), at=now())
            _wake_builder(run.pk)
            return _("The builders try again.")

        return self._ask(
            request,
            run,
            _("Try to build the rest again?"),
            _("Some parts failed too often and were given up; the page says why."),
            _("Try again"),
            perform,
        )

    @button(_("Approve"), icon="verified", variant=ActionVariant.PRIMARY)
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Approve a draft, once confirmed."""
        run = pages.found(self, request, object_id)
        limit = pages.shown(settings.FOUR_EYES_ABOVE_CENTS, run.currency)

        def perform(_values: dict[str, Any]) -> Any:
            runs.approve(run.pk, by=user_of(request), at=now())
            return _("The run is approved: it can be sent to the bank.")

        return self._ask(
            request,
            run,
            _("Approve this run?"),
            _(
                "Nothing of it can be changed afterwards. Above %(limit)s somebody"
                " else than who opened it has to approve."
            )
            % {"limit": limit},
            _("Approve"),
            perform,
            is_sensitive=True,
        )

    @button(_("Send to the bank"), icon="send", variant=ActionVariant.PRIMARY)
    def send(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Write the bank's file, once confirmed."""
        run = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            sent, file = runs.send(
                run.pk, settings.BANK_FILE_DIR, at=now(), by=user_of(request)
            )
            if file is None:
                return _("There was nothing to transfer; the run counts as sent.")
            return _("The file is ready. SHA-256: %(digest)s") % {
                "digest": sent.file_sha256
            }

        return self._ask(
            request,
            run,
            _("Send this run?"),
            _(
                "The payment file is written and its payouts count as sent. Download"
                " it then, and hand it in at the bank."
            ),
            _("Send to the bank"),
            perform,
            is_sensitive=True,
        )

    @button(_("Payment file"), icon="download")
    def file(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Hand out the file of a sent run: the same bytes every time."""
        pages.demand_fresh_sign_in(request)
        run = pages.found(self, request, object_id)
        if run.status not in (RunStatus.SENT, RunStatus.FINISHED):
            raise Http404
        written, found = runs.send(run.pk, settings.BANK_FILE_DIR, at=now())
        if found is None:
            messages.warning(request, _("This run transfers nothing: it has no file."))
            return HttpResponseRedirect(pages.page_of(self, written))
        return FileResponse(
            found.open("rb"),
            as_attachment=True,
            filename=found.name,
            content_type="application/xml",
        )

    @button(_("Finish"), icon="task_alt", variant=ActionVariant.PRIMARY)
    def finish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Mark what was sent as paid, once confirmed."""
        run = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            runs.finish(run.pk, at=now(), by=user_of(request))
            return _("The run is finished: its payouts are paid.")

        return self._ask(
            request,
            run,
            _("Has the bank executed this run?"),
            _(
                "Its payouts count as paid from now on. Those that come back later can"
                " still be marked as returned."
            ),
            _("Finish"),
            perform,
        )

    @button(_("Drop"), icon="delete")
    def drop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give a draft up, once confirmed."""
        run = pages.found(self, request, object_id)

        def perform(_values: dict[str, Any]) -> Any:
            runs.drop(run.pk, by=user_of(request), at=now())
            return _("The run was dropped; its month is free again.")

        return self._ask(
            request,
            run,
            _("Drop this run?"),
            _("Nobody is paid by it. Its commissions wait for the next run."),
            _("Drop"),
            perform,
            is_grave=True,
        )

    def _ask(
        self,
        request: HttpRequest,
        run: Any,
        title: Any,
        words: Any,
        label: Any,
        perform: Any,
        *,
        is_grave: bool = False,
        is_sensitive: bool = False,
    ) -> HttpResponse:
        return pages.confirmed(
            self,
            request,
            run,
            is_sensitive=is_sensitive,
            title=title,
            words=words,
            facts=[
                (_("month"), self.period(run)),
                (_("payouts"), self.payouts(run)),
                (_("total"), self.total(run)),
                (_("skipped"), self.skipped(run)),
            ],
            button=label,
            perform=perform,
            is_grave=is_grave,
        )


def _wake_builder(run_id: int) -> None:
    """Ask for a builder once this is committed; without the queue the timer does."""
    transaction.on_commit(
        lambda: current_app.send_task(
            "payouts.build_run", [run_id], retry=False, expires=60
        ),
        robust=True,
    )
