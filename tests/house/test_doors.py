"""Every URL refuses a stranger, unless it stands in PUBLIC with its reason."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, resolve_url
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, include, path, re_path, reverse
from django.urls.resolvers import RegexPattern

from tests.house import doors, imports

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")
REFUSED = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
}
FORM = "get post put"  # Django's FormView takes a PUT for a POST
ANY = " ".join(METHODS)

# Route -> (methods a stranger may use, why).
PUBLIC: dict[str, tuple[str, str]] = {
    "healthz": ("get", "says that the process answers, and no more"),
    "readyz": ("get", "says what is missing to work, and no more"),
    "i18n/setlang/": ("post", "the sign-in too is read in one's own language"),
    "api/v1/schema/": ("get", "the contract of the API: how to ask, no data"),
    "api/v1/docs/": ("get", "the same contract for people to read"),
    "admin/logout/": (ANY, "ends what a stranger has not"),
    "accounts/login/": (FORM, "where one signs in"),
    "accounts/signup/": (ANY, "says that sign-up is closed"),
    "accounts/inactive/": ("get", "says why one cannot sign in"),
    "accounts/password/reset/": (FORM, "who forgot the password is signed out"),
    "accounts/password/reset/done/": ("get", "the same answer for every address"),
    "accounts/password/reset/key/done/": ("get", "says that the password is set"),
    "accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (
        ANY,
        "the signed key in the mail is the proof",
    ),
    "accounts/confirm-email/": ("get", "says that a mail was sent"),
    "accounts/confirm-email/(?P<key>[-:\\w]+)/$": (
        "get",
        "the signed key in the mail is the proof",
    ),
}


@dataclass(frozen=True)
class Answer:
    method: str
    response: Any
    tables: frozenset[str]

    @property
    def fault(self) -> str | None:
        """Say why this answer does not turn a stranger away."""
        status = self.response.status_code
        if 300 <= status < 400 and self.leads_to_sign_in:
            return None
        if status not in REFUSED:
            return f"{self.method.upper()} answers {status}"
        if status == HTTPStatus.NOT_FOUND and self.tables:
            # It looked for the thing before it asked who is there.
            return f"{self.method.upper()} reads {', '.join(sorted(self.tables))}"
        return None

    @property
    def leads_to_sign_in(self) -> bool:
        target = urlsplit(self.response["Location"]).path
        return target in {resolve_url(settings.LOGIN_URL), reverse("admin:login")}


def our_tables() -> set[str]:
    return {
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in imports.LABELS
    }


def knock(path: str, method: str) -> Answer:
    """Ask as a stranger, and take back whatever it changed."""
    stranger = Client(raise_request_exception=False)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        response = getattr(stranger, method)(path)
        transaction.set_rollback(True)
    words = {
        word for query in queries for word in re.findall(r"\w+", query["sql"].lower())
    }
    return Answer(method, response, frozenset(our_tables() & words))


def faults(door: doors.Door, allowed: str = "") -> Iterator[str]:
    for method in METHODS:
        if method not in allowed.split() and (fault := knock(door.path, method).fault):
            yield f"{door.route} ({door.path}): {fault}"


def test_every_door_refuses_a_stranger() -> None:
    open_doors = [
        line
        for door in doors.doors()
        for line in faults(door, PUBLIC.get(door.route, ("", ""))[0])
    ]

    assert not open_doors, "\n" + "\n".join(open_doors)


def test_what_is_declared_public_is_there_and_open() -> None:
    there = {door.route: door for door in doors.doors()}

    stale = [
        f"{route}: {method}"
        for route, (methods, _) in PUBLIC.items()
        for method in methods.split()
        if route not in there or not knock(there[route].path, method).fault
    ]

    assert not stale, f"these need no place in PUBLIC: {stale}"


# ------------------------------------------------------------------ the walk


def shown(request: HttpRequest, **_: str) -> HttpResponse:
    return HttpResponse("hello")


def looked_for(request: HttpRequest, pk: str) -> HttpResponse:
    get_object_or_404(apps.get_model("shops.Shop"), pk=0)
    return HttpResponse("hello")


def unknown(request: HttpRequest, **_: str) -> HttpResponse:
    return HttpResponse(status=404)


def signed_in(request: HttpRequest, **_: str) -> HttpResponse:
    return HttpResponse(status=302, headers={"Location": "/accounts/login/?next=/x"})


def elsewhere(request: HttpRequest, **_: str) -> HttpResponse:
    return HttpResponse(status=302, headers={"Location": "/portal/"})


def broken(request: HttpRequest, **_: str) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    path("shown/<uuid:key>/", shown),
    path("looked-for/<int:pk>/", looked_for),
    path("unknown/<slug:slug>/", unknown),
    path("signed-in/<path:rest>", signed_in),
    path("elsewhere/", elsewhere),
    path("broken/", broken),
    path("deep/", include([re_path(r"^(?P<kind>order|line)/(?P<n>\d+)/?$", shown)])),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(status=404)


def handler500(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=500)


WALKED = {
    "shown/<uuid:key>/": "GET answers 200",
    "looked-for/<int:pk>/": "GET reads shops_shop",
    "unknown/<slug:slug>/": None,
    "signed-in/<path:rest>": None,
    "elsewhere/": "GET answers 302",
    "broken/": "GET answers 500",
    "deep/(?P<kind>order|line)/(?P<n>\\d+)/?$": "GET answers 200",
}


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("route", "fault"), WALKED.items())
def test_the_walk_finds_open_doors_and_passes_closed_ones(
    route: str, fault: str | None
) -> None:
    door = next(door for door in doors.doors() if door.route == route)

    found = list(faults(door, allowed="post put patch delete"))

    assert found == ([f"{route} ({door.path}): {fault}"] if fault else [])


@pytest.mark.urls(__name__)
def test_a_door_that_is_only_public_for_one_method_is_closed_for_others() -> None:
    door = next(door for door in doors.doors() if door.route == "elsewhere/")

    assert len(list(faults(door, allowed="get"))) == len(METHODS) - 1


def test_a_route_that_cannot_be_filled_is_said() -> None:
    unfit = re_path(r"^(?P<code>[A-Z]{40})/$", shown)

    with pytest.raises(doors.CannotFill):
        list(doors.doors(URLResolver(RegexPattern(r"^/"), [unfit])))
