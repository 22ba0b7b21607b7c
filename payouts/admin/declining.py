"""Declining many sales at once: asked for with a reason, told one by one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from payouts import commissions
from payouts.models import Commission, DeclineReason
from shops.admin import pages
from shops.admin.scope import user_of

_SHOWN, _NAMED = 100, 10


class DeclineForm(pages.ReasonForm):
    """The closed list of rule C3."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the reasons there are."""
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        if isinstance(reason, forms.ChoiceField):
            reason.label = capfirst(gettext("reason"))
            reason.choices = [("", _("Select value")), *DeclineReason.choices]


def many(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse:
    """Ask for a reason, then decline; what came in since is not declined unseen."""
    # Corrections go with their sale.
    rows = list(queryset.filter(number=0).select_related("shop"))
    own = [row.pk for row in rows if model_admin.may_act(request, row)]
    if not own:
        raise PermissionDenied
    newest = request.POST.get("newest", "")
    if newest.isdecimal():
        own = [pk for pk in own if pk <= int(newest)]
    form = DeclineForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        reason = DeclineReason(form.cleaned_data["reason"])
        found = commissions.decline_many(own, reason, by=user_of(request), at=now())
        _tell(request, found, len(rows) - len(own))
        return HttpResponseRedirect(request.get_full_path())
    chosen = Commission.objects.filter(pk__in=own)
    return TemplateResponse(
        request,
        "admin/commissions/decline_many.html",
        {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "title": _("Decline these commissions?"),
            "rows": chosen.select_related("line__order", "creator").order_by("-pk")[
                :_SHOWN
            ],
            "count": len(own),
            "newest": chosen.aggregate(newest=Max("pk"))["newest"],
            "chosen": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            "form": form,
            "back": request.get_full_path(),
        },
    )


def _tell(request: HttpRequest, found: commissions.DeclinedMany, not_own: int) -> None:
    if found.done:
        words = ngettext(
            "%(count)d commission was declined.",
            "%(count)d commissions were declined.",
            found.done,
        )
        messages.success(request, words % {"count": found.done})
    if found.kept:
        words = ngettext(
            "%(count)d was decided before and stays as it is: %(which)s.",
            "%(count)d were decided before and stay as they are: %(which)s.",
            len(found.kept),
        )
        which = {"count": len(found.kept), "which": _which(found.kept)}
        messages.warning(request, words % which)
    if not_own > 0:
        words = ngettext(
            "%(count)d is not yours to decline, or came in since, and was left out.",
            "%(count)d are not yours to decline, or came in since, and were left out.",
            not_own,
        )
        messages.warning(request, words % {"count": not_own})


def _which(kept: list[int]) -> str:
    """Name the first of them by their order and where they are."""
    rows = Commission.objects.filter(pk__in=kept[:_NAMED]).order_by("pk")
    said = [
        f"{row.line.order.external_id} ({row.get_status_display()})"
        for row in rows.select_related("line__order")
    ]
    return ", ".join(said) + ("…" if len(kept) > _NAMED else "")
