"""Browsers of the people who enter the admin, and the addresses they ask for."""

from http import HTTPStatus
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse

from affiliate import staff
from affiliate.common.models import User
from shops.models import Program, Role, Shop
from tests.factories import MemberFactory

ADD_RATE, ADD_BOOST = "/admin/shops/rate/add/", "/admin/shops/boost/add/"
ADD_EXCLUSION, ADD_PROGRAM = "/admin/shops/exclusion/add/", "/admin/shops/program/add/"
PASSWORD_FREE = {"HTTP_ACCEPT_LANGUAGE": "en"}


def browser_of(user: User, *, gave_password: bool = True) -> Client:
    """Return a browser, in English, in which this person is signed in.

    What asks for the password again has just been told it, or not.
    """
    client = Client(**PASSWORD_FREE)
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    if gave_password:
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, user, "password", reauthenticated=True)
        request.session.save()
    return client


def member(shop: Shop, role: Role = Role.OWNER) -> User:
    return MemberFactory(shop=shop, role=role, user__is_staff=True).user


def member_browser(shop: Shop, role: Role = Role.OWNER) -> Client:
    return browser_of(member(shop, role))


def staff_member(role: str, email: str | None = None) -> User:
    return staff.create(email or f"{role}@platform.example", role)[0]


def staff_browser(role: str) -> Client:
    return browser_of(staff_member(role))


def address(of: Any, page: str, *args: object) -> str:
    """Return a page's address; `of` is a model, a row or its admin."""
    opts = of.opts if isinstance(of, ModelAdmin) else of._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


def page_of(row: Model, page: str = "change") -> str:
    return address(row, page, row.pk)


def text(response: HttpResponse) -> str:
    return response.content.decode()


def moment(field: str, day: str, time: str) -> dict[str, str]:
    """Return what the two inputs of a moment send."""
    return {f"{field}_0": day, f"{field}_1": time}


def add(browser: Client, where: str, form: dict[str, Any]) -> Any:
    """Send the form of a term, and again once its preview was shown (R8)."""
    page = browser.post(where, form)
    if page.status_code != HTTPStatus.OK:
        return page
    shown = page.context["adminform"].form
    if getattr(shown, "preview", None) is None:
        return page
    return browser.post(where, {**form, "_seen": shown.seen()})


def rate_form(program: Program, **fields: Any) -> dict[str, Any]:
    """Return what the form of a rate sends."""
    return {"program": program.pk, "rate_bp": "12.5", "flat_cents": "", **fields}


def boost_form(program: Program, **fields: Any) -> dict[str, Any]:
    """Return what the form of a boost sends."""
    return {
        "program": program.pk,
        "name": "Launch",
        "multiplier_pct": "2",
        **moment("starts_at", "2100-01-01", "00:00"),
        **moment("ends_at", "2100-01-08", "00:00"),
        **fields,
    }
