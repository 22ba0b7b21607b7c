"""The wizard for a first program: five steps, each kept, in any order again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Refusal
from shops import first_program, gates
from shops.admin import first_program_forms as forms
from shops.admin import pages
from shops.admin.scope import MANAGERS, may, reach, user_of
from shops.models import Program, ProgramPlan, ProgramStatus, Shop

_STEPS: dict[str, tuple[Any, Any, type[forms.StepForm]]] = {
    "terms": (
        _("Terms"),
        _("What is it called, what does it pay, and who may join?"),
        forms.TermsStep,
    ),
    "goods": (_("Goods"), _("Which goods earn commissions?"), forms.GoodsStep),
    "launch": (_("Launch"), _("Pay more for the first days?"), forms.LaunchStep),
    "text": (_("Text"), _("What do creators accept?"), forms.TextStep),
    "look": (_("Open"), _("Look it over, then open it"), forms.LookStep),
}


def urls(model_admin: Any) -> list[Any]:
    """Return the addresses of the wizard, below those of programs."""

    def door(view: Callable[..., HttpResponse]) -> Any:
        def opened(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            return view(model_admin, request, **kwargs)

        return model_admin.admin_site.admin_view(opened)

    return [
        path("first/", door(begin), name="first_program"),
        path(
            "first/<int:program_id>/<slug:step>/",
            door(go_on),
            name="first_program_step",
        ),
    ]


def begin(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Ask for the terms of a new program, and show the drafts that wait."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    shops = _shops(request)
    form = forms.TermsStep(request.POST or None, program=None, shops=shops)
    made: list[Program] = []

    def save(facts: dict[str, Any]) -> None:
        shop = facts.pop("shop")
        made.append(first_program.begin(shop, facts, at=now(), by=user_of(request)))

    if request.method == "POST" and form.is_valid() and _saved(form, save):
        return HttpResponseRedirect(_address(made[0], "goods"))
    waiting = ProgramPlan.objects.filter(
        program__status=ProgramStatus.DRAFT, program__shop__in=shops
    ).select_related("program")
    drafts = [
        (plan.program, _address(plan.program, first_program.STEPS[min(plan.step, 4)]))
        for plan in waiting.order_by("-program")[:5]
    ]
    return _page(model_admin, request, None, "terms", form, drafts=drafts)


def go_on(
    model_admin: Any, request: HttpRequest, *, program_id: int, step: str
) -> HttpResponse:
    """Show one step of one's own draft, or save it and lead to the next."""
    if step not in _STEPS:
        raise Http404
    program: Program = pages.found(model_admin, request, str(program_id))
    if program.status != ProgramStatus.DRAFT:
        return HttpResponseRedirect(pages.page_of(model_admin, program))
    form = _STEPS[step][2](
        request.POST if request.method == "POST" else None,
        program=program,
        shops=[program.shop],
    )
    if request.method == "POST" and form.is_valid():
        if step == "look":
            return _open(model_admin, request, program)
        if _saved(form, lambda facts: _save(step, program, facts, request)):
            following = first_program.STEPS[first_program.STEPS.index(step) + 1]
            return HttpResponseRedirect(_address(program, following))
    return _page(model_admin, request, program, step, form)


def _save(
    step: str, program: Program, facts: dict[str, Any], request: HttpRequest
) -> None:
    at, by = now(), user_of(request)
    if step == "terms":
        first_program.rewrite(program, facts, at=at, by=by)
    elif step == "goods":
        first_program.choose_goods(program, **facts, at=at, by=by)
    elif step == "launch":
        first_program.plan_launch(program, facts["launch"], at=at, by=by)
    else:
        first_program.write(program, facts["text"], at=at)


def _open(model_admin: Any, request: HttpRequest, program: Program) -> HttpResponse:
    def perform() -> Any:
        first_program.activate(program, at=now(), by=user_of(request))
        return _("The program is active: creators can join.")

    if forms.closed_gates(program, now()):
        # The page says each gate and its way out: the banner does not say them again.
        messages.error(request, str(gates.GateClosed.title))
    elif pages.tell(request, perform):
        return HttpResponseRedirect(pages.page_of(model_admin, program))
    return HttpResponseRedirect(_address(program, "look"))


def _saved(form: forms.StepForm, save: Callable[[dict[str, Any]], None]) -> bool:
    """Call the verb; put its reasons beside the fields, and the rest above them."""
    try:
        save(form.facts())
    except (Refusal, ValidationError) as error:
        told: Any = error.errors if isinstance(error, Refusal) else error.message_dict
        told = told or {NON_FIELD_ERRORS: [str(error)]}
        for name, messages in told.items():
            form.add_error(_field(form, name), messages)
        return False
    return True


def _field(form: forms.StepForm, name: str) -> str | None:
    if name in form.fields:
        return name
    if name in {"what", "category", "product"} and "product" in form.fields:
        return "product"
    if name == "ends_at" and "days" in form.fields:
        return "days"
    return None


def _shops(request: HttpRequest) -> list[Shop]:
    if may(request, "add", Program):
        return list(Shop.objects.order_by("name"))
    mine = reach(request)
    return [mine.shops[pk] for pk in sorted(mine.of(MANAGERS))]


def _address(program: Program, step: str) -> str:
    return reverse("admin:first_program_step", args=[program.pk, step])


def _page(
    model_admin: Any,
    request: HttpRequest,
    program: Program | None,
    step: str,
    form: forms.StepForm,
    **more: Any,
) -> HttpResponse:
    title, question, _form = _STEPS[step]
    place = first_program.STEPS.index(step)
    plan = ProgramPlan.objects.filter(program=program).first()
    done = plan.step if plan else 0
    is_last = step == "look"
    before = first_program.STEPS[place - 1] if place and program else None
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "question": question,
        "form": form,
        "program": program,
        "plan": plan,
        "launch": forms.launch_words(plan.launch) if plan and plan.launch else "",
        "number": place + 1,
        "steps": [
            {
                "title": _STEPS[name][0],
                "is_done": number < done,
                "is_here": name == step,
                "address": _address(program, name)
                if program and number <= done
                else "",
            }
            for number, name in enumerate(first_program.STEPS)
        ],
        "back": _address(program, before) if program and before else "",
        "closed": forms.closed_gates(program, now()) if done > 1 or is_last else [],
        "goods": _address(program, "goods") if program and step != "goods" else "",
        "is_last": is_last,
        **more,
    }
    return TemplateResponse(request, "admin/first_program/step.html", context)
