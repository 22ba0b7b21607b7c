"""Stripe's contract, a test for each of its sentences (safety.md §4)."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import IntegrityError, connection
from django.utils.timezone import now
from rest_framework.test import APIClient

from affiliate.common import idempotency, locks, tasks
from affiliate.common.models import IdempotencyKey, User
from tests.common.doors import Invite, Key
from tests.common.racing import race
from tests.factories.common import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.doors")]

AT = datetime(2026, 11, 3, 10, 15, tzinfo=UTC)
BODY = {"email": "lea@mail.example"}


def invite(
    body: object = BODY,
    key: str | None = "key-1",
    owner: str = "shop:1",
    path: str = "/api/v1/invite",
    **headers: str,
):
    if key is not None:
        headers["HTTP_IDEMPOTENCY_KEY"] = key
    client = APIClient(
        HTTP_AUTHORIZATION=f"Bearer {owner}",
        HTTP_ACCEPT_LANGUAGE="en",
        raise_request_exception=False,
    )
    return client.post(path, body, format="json", **headers)


def invited() -> int:
    return User.objects.count()


# ------------------------------------------------------------------ the first answer


def test_the_first_status_and_body_come_again():
    first, again = invite(), invite()

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"] == "application/json"
    assert again["Location"] == first["Location"]
    assert invited() == 1


def test_only_the_repeat_says_that_it_is_one():
    first, again = invite(), invite()

    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"


def test_an_answer_without_a_key_is_the_same_answer():
    keyed, plain = invite(), invite({"email": "noa@mail.example"}, key=None)

    assert plain.status_code == keyed.status_code == 201
    assert plain.headers.keys() == keyed.headers.keys()
    assert IdempotencyKey.objects.count() == 1


def test_a_refusal_comes_again_though_the_state_has_changed(monkeypatch):
    first = invite(BODY | {"then": "refusal"})
    monkeypatch.setattr(Invite, "permission_classes", [])
    again = invite(BODY | {"then": "refusal"})

    assert (first.status_code, again.status_code) == (409, 409)
    assert again.content == first.content
    assert again["Content-Type"] == "application/problem+json"
    assert again["Idempotent-Replayed"] == "true"


def test_a_refusal_leaves_nothing_of_its_work():
    invite(BODY | {"then": "refusal"})

    assert invited() == 0


def test_even_a_500_comes_again():
    first = invite(BODY | {"then": "bug"})
    again = invite(BODY | {"then": "bug"})

    assert (first.status_code, again.status_code) == (500, 500)
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert invited() == 0


def test_a_constraint_that_waits_for_the_commit_fails_the_request_not_the_key():
    first = invite(BODY | {"then": "dangle"})
    again = invite(BODY | {"then": "dangle"})

    assert (first.status_code, again.status_code) == (500, 500)
    assert again["Idempotent-Replayed"] == "true"
    assert invited() == 0


# ------------------------------------------------------------------ what is not kept


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        (BODY | {"then": "missing"}, 404),
        (BODY | {"then": "denied"}, 403),
        (BODY | {"then": "throttled"}, 429),
        (BODY | {"then": "busy"}, 503),
    ],
)
def test_nothing_is_kept_when_the_work_never_began(body, status):
    assert invite(body).status_code == status

    assert invited() == 0
    assert invite().status_code == 201


def test_a_body_that_is_no_json_is_not_kept():
    client = APIClient(HTTP_AUTHORIZATION="Bearer shop:1", HTTP_IDEMPOTENCY_KEY="key-1")
    broken = client.post("/api/v1/invite", b"{", content_type="application/json")

    assert broken.status_code == 400
    assert invite().status_code == 201


def test_a_stranger_uses_up_no_key():
    assert invite(owner="bad").status_code == 401
    assert not IdempotencyKey.objects.exists()


# ------------------------------------------------------------------ the same request


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"email": "noa@mail.example"}, "/api/v1/invite"),
        (BODY | {"note": ""}, "/api/v1/invite"),
        (BODY, "/api/v1/invite/2"),
        (BODY, "/api/v1/invite?dry_run=true"),
    ],
)
def test_another_request_under_the_same_key_is_refused(body, path):
    first = invite()

    other = invite(body, path=path)

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert invited() == 1
    assert invite().content == first.content


def test_keys_of_two_owners_have_nothing_in_common():
    one = invite(owner="shop:1")
    two = invite({"email": "noa@mail.example"}, owner="shop:2")

    assert one.json()["email"] == "lea@mail.example"
    assert two.json()["email"] == "noa@mail.example"


def test_an_owner_cannot_be_spelt_into_anothers_key():
    one = invite(owner="shop:1", key="1:a")
    two = invite({"email": "noa@mail.example"}, owner="shop:1:1", key="a")

    assert (one.status_code, two.status_code) == (201, 201)


def test_a_user_is_an_owner_too():
    user = UserFactory()
    client = APIClient()
    client.force_authenticate(user)

    client.post("/api/v1/invite", BODY, format="json", HTTP_IDEMPOTENCY_KEY="key-1")

    assert IdempotencyKey.objects.get().owner == f"user:{user.pk}"


def test_without_an_owner_the_view_is_wrong():
    client = APIClient()
    client.force_authenticate(User(), Key(""))

    with pytest.raises(TypeError, match="whose request"):
        client.post("/api/v1/invite", BODY, format="json", HTTP_IDEMPOTENCY_KEY="k")


# ------------------------------------------------------------------ the key itself


@pytest.mark.parametrize("key", ["k" * 255, "a b", "~", "{}"])
def test_a_key_is_up_to_255_printable_characters(key):
    assert invite(key=key).status_code == 201
    assert invite(key=key)["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", "k" * 256, "clé", "a\tb", "a\x00b"])
def test_what_is_no_key_is_refused(key):
    response = invite(key=key)

    assert response.status_code == 400
    assert response.json()["code"] == "idempotency_key_invalid"
    assert invited() == 0


def test_a_key_is_read_with_its_case():
    invite(key="key-a")

    assert invite({"email": "noa@mail.example"}, key="KEY-A").status_code == 201


# ------------------------------------------------------------------ how long


def test_a_key_is_kept_for_24_hours():
    first = invite()
    age_keys(timedelta(hours=24) - timedelta(seconds=30))
    tasks.purge()

    assert invite().content == first.content


def test_after_24_hours_a_key_is_new_again():
    invite()
    User.objects.all().delete()
    age_keys(timedelta(hours=24) + timedelta(seconds=30))
    tasks.purge()

    again = invite()
    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again


def age_keys(age: timedelta) -> None:
    IdempotencyKey.objects.update(created_at=now() - age)


def test_purging_says_how_many_it_took():
    invite()

    assert idempotency.purge(at=now()) == 0
    assert idempotency.purge(at=now() + timedelta(days=2)) == 1


# ------------------------------------------------------------------ at the same time


@pytest.mark.django_db(transaction=True)
def test_while_the_first_runs_the_second_is_told_to_wait():
    Invite.began.clear()
    Invite.goes_on.clear()
    answers: list[object] = []

    def first() -> None:
        answers.append(invite(BODY | {"then": "wait"}))
        connection.close()

    running = Thread(target=first)
    running.start()
    Invite.began.wait(10)
    second = invite(BODY | {"then": "wait"})
    other_key = invite({"email": "noa@mail.example"}, key="key-2")
    Invite.goes_on.set()
    running.join(10)
    third = invite(BODY | {"then": "wait"})

    assert second.status_code == 409
    assert second.json()["code"] == "idempotency_key_in_use"
    assert second["Retry-After"] == "1"
    assert other_key.status_code == 201
    assert third.content == answers[0].content
    assert third["Idempotent-Replayed"] == "true"


def slow() -> int:
    return invite(BODY | {"then": "sleep"}).status_code


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_one_works():
    statuses = race([slow] * 20)

    assert statuses.count(201) >= 1
    assert set(statuses) <= {201, 409}
    assert invited() == 1
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_several_of_the_twenty_work(monkeypatch):
    began: list[str] = []
    make = type(User.objects).create_user
    monkeypatch.setattr(locks, "try_hold", lambda *_: True)
    monkeypatch.setattr(
        type(User.objects),
        "create_user",
        lambda self, email: began.append(email) or make(self, email),
    )

    race([slow] * 20)

    assert len(began) > 1


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_while_it_runs_frees_the_key_at_once():
    Invite.began.clear()
    Invite.goes_on.clear()
    pids: list[int] = []
    make = type(User.objects).create_user

    def note_backend(self: object, email: str) -> object:
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            pids.append(cursor.fetchone()[0])
        return make(self, email)

    def first() -> None:
        invite(BODY | {"then": "wait"})
        connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(User.objects), "create_user", note_backend)
        running = Thread(target=first)
        running.start()
        Invite.began.wait(10)
    # What the server sees of a process that is killed: its connection is gone.
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", pids)

    again = invite()

    Invite.goes_on.set()
    running.join(10)
    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again
    assert invited() == 1


# ------------------------------------------------------------------ what refuses


def row(**fields: object) -> IdempotencyKey:
    fields = {
        "owner": "shop:1",
        "key": "key-1",
        "fingerprint": "f" * 64,
        "status": 201,
        "body": b"{}",
        "created_at": AT,
    } | fields
    return IdempotencyKey.objects.create(**fields)


@pytest.mark.breaks("idempotency_key_is_used_once_by_owner")
def test_a_key_has_one_answer_by_owner():
    row()
    row(owner="shop:2")

    with pytest.raises(IntegrityError, match="is_used_once_by_owner"):
        row()


@pytest.mark.breaks("idempotency_key_names_owner_and_key")
@pytest.mark.parametrize("missing", ["owner", "key"])
def test_an_answer_names_its_owner_and_key(missing):
    with pytest.raises(IntegrityError, match="names_owner_and_key"):
        row(**{missing: ""})
