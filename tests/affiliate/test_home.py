"""Where the site begins: everyone's own first page, the language, and the health."""

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.test import Client
from django.urls import reverse

from tests.factories import CreatorFactory, UserFactory

pytestmark = pytest.mark.django_db


def begins_at(user):
    client = Client()
    if user is not None:
        client.force_login(user)
    return client.get("/")["Location"]


def test_a_stranger_signs_in():
    assert begins_at(None) == reverse("account_login")


def test_a_creator_begins_in_the_portal():
    assert begins_at(CreatorFactory().user) == reverse("portal_home")


def test_staff_begins_in_the_back_office():
    assert begins_at(UserFactory(is_staff=True)) == reverse("admin:index")


def test_a_creator_who_is_staff_too_begins_in_the_portal():
    creator = CreatorFactory(user__is_staff=True)

    assert begins_at(creator.user) == reverse("portal_home")


def test_who_is_neither_is_told_so_in_the_portal():
    assert begins_at(UserFactory()) == reverse("portal_home")


# ------------------------------------------------------------------ language


@pytest.mark.parametrize(
    ("asked", "expected"), [("fr", "fr"), ("en", "en"), ("de", "fr"), ("", "fr")]
)
def test_a_page_follows_the_readers_language_else_it_is_french(asked, expected):
    page = Client().get(reverse("account_login"), headers={"accept-language": asked})

    assert page["Content-Language"] == expected
    assert f'<html lang="{expected}">' in page.content.decode()


def test_a_chosen_language_stays():
    client = Client(headers={"accept-language": "fr"})

    answer = client.post(
        reverse("set_language"), {"language": "en", "next": "/accounts/login/"}
    )

    assert answer["Location"] == "/accounts/login/"
    assert client.get("/accounts/login/")["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("chosen", "kept"), [("en", "en"), ("de", "fr"), ("", "fr"), ("fr", "fr")]
)
@pytest.mark.django_db
def test_letters_come_in_the_chosen_language(chosen, kept):
    user = UserFactory(language="fr")
    client = Client()
    client.force_login(user)

    client.post(reverse("set_language"), {"language": chosen})

    user.refresh_from_db()
    assert user.language == kept


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"]
)
def test_choosing_a_language_leads_to_no_other_site(elsewhere):
    answer = Client().post(
        reverse("set_language"), {"language": "en", "next": elsewhere}
    )

    assert answer["Location"] == "/"


def test_a_language_is_chosen_by_post_only():
    assert Client().get(reverse("set_language")).status_code == 405


# ------------------------------------------------------------------ health


def test_the_process_says_that_it_is_alive():
    assert Client().get("/healthz").content == b"ok"


def test_the_process_says_that_it_is_ready():
    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"database": "up"})


def test_without_its_database_the_process_is_alive_and_not_ready(monkeypatch):
    def refuse(*_: object) -> None:
        raise OperationalError("no server")

    monkeypatch.setattr(type(connections[DEFAULT_DB_ALIAS]), "cursor", refuse)

    assert Client().get("/healthz").status_code == 200
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": "down"})


# ------------------------------------------------------------------ errors


def test_people_get_a_page_for_what_is_not_there():
    answer = Client(headers={"accept-language": "en"}).get("/nowhere/")

    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_machines_get_a_problem_for_what_is_not_there():
    answer = Client().get("/api/v1/nowhere")

    assert (answer.status_code, answer["Content-Type"]) == (
        404,
        "application/problem+json",
    )
