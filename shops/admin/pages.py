"""The page between a button and what it does: says what will happen, asks once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import get_language
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from affiliate.common import money
from affiliate.common.errors import Refusal, Words


class ReasonForm(forms.Form):
    """Asks for a reason of a closed list."""

    reason = forms.ChoiceField(widget=UnfoldAdminSelectWidget())


class WordsForm(forms.Form):
    """Asks for a reason in words, shown to whom it concerns."""

    reason = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget())


def found(model_admin: Any, request: HttpRequest, object_id: str) -> Any:
    """Return the row if it is one's own to change; 404 and 403 as everywhere else."""
    obj = model_admin.get_object(request, object_id)
    if obj is None:
        raise Http404
    if not model_admin.may_act(request, obj):
        raise PermissionDenied
    return obj


@reauthentication_required  # type: ignore[untyped-decorator]  # untyped library
def demand_fresh_sign_in(_request: HttpRequest) -> None:
    """Lead to the password, and back, unless it was given within 15 minutes.

    For what an open session on somebody's desk must not do: safety.md §4.
    """


def confirmed(
    model_admin: Any,
    request: HttpRequest,
    obj: Model,
    *,
    title: Words,
    button: Words,
    perform: Callable[[dict[str, Any]], Words | None],
    facts: Sequence[tuple[Words, object]] = (),
    words: Words = "",
    form: forms.Form | None = None,
    is_grave: bool = False,
    is_sensitive: bool = False,
    back: str | None = None,
) -> HttpResponse:
    """Ask before `perform` is called, and show what came of it on the row's page.

    `perform` gets the form's values and returns what to say; its refusal is shown
    politely. `is_grave` colours a button that cannot be taken back; `is_sensitive` asks
    for the password first.
    """
    if is_sensitive:
        demand_fresh_sign_in(request)
    back = back or page_of(model_admin, obj)
    if request.method == "POST" and (form is None or form.is_valid()):
        tell(request, lambda: perform(form.cleaned_data if form else {}))
        return HttpResponseRedirect(back)
    return TemplateResponse(
        request,
        "admin/confirm.html",
        {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "original": obj,
            "title": title,
            "words": words,
            "facts": facts,
            "form": form,
            "button": button,
            "is_grave": is_grave,
            "back": back,
        },
    )


def shown_once(
    model_admin: Any,
    request: HttpRequest,
    *,
    title: Words,
    words: Words,
    secret: str,
    back: str,
) -> HttpResponse:
    """Show a secret on this page and nowhere else: it is in no session and no log."""
    return TemplateResponse(
        request,
        "admin/shown_once.html",
        {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "title": title,
            "words": words,
            "secret": secret,
            "back": back,
        },
    )


def tell(request: HttpRequest, perform: Callable[[], Words | None]) -> bool:
    """Do it and show what it says, or why it was refused; say whether it was done."""
    try:
        said = perform()
    except Refusal as refusal:
        words = (str(refusal.title), str(refusal.detail), str(refusal.way_out or ""))
        messages.error(request, " ".join(dict.fromkeys(each for each in words if each)))
        return False
    if said:
        messages.success(request, str(said))
    return True


def page_of(model_admin: Any, obj: Model) -> str:
    """Return the address of a row's page in this admin."""
    opts = model_admin.opts
    name = f"{model_admin.admin_site.name}:{opts.app_label}_{opts.model_name}_change"
    return reverse(name, args=[obj.pk])


def list_of(model_admin: Any) -> str:
    """Return the address of the list of this admin."""
    opts = model_admin.opts
    return reverse(
        f"{model_admin.admin_site.name}:{opts.app_label}_{opts.model_name}_changelist"
    )


def shown(cents: int | None, currency: str) -> str:
    """Write an amount in the reader's language."""
    if cents is None:
        return ""
    return money.show(int(cents), currency, get_language() or "en")


def decimal(number: str) -> str:
    """Write a number with the reader's decimal sign: 12.5 is 12,5 in French."""
    is_french = (get_language() or "").startswith("fr")
    return number.replace(".", ",") if is_french else number


def instant(at: datetime | None) -> str:
    """Write a moment in the reader's time zone and language."""
    return str(localize(localtime(at))) if at else "–"
