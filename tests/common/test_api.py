import json
import logging
from base64 import b64encode
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from affiliate.common.api import problem_response
from tests.factories.common import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.doors")]

GOOD = {"external_id": "1001", "lines": [{"sku": "SERUM-30", "net_cents": 4000}]}
MEMBERS = {"type", "title", "status", "detail", "code", "errors"}


@pytest.fixture
def client():
    return APIClient(
        HTTP_AUTHORIZATION="Bearer shop:1",
        HTTP_ACCEPT_LANGUAGE="en",
        raise_request_exception=False,
    )


def problem(response) -> dict:
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert set(body) == MEMBERS
    assert body["status"] == response.status_code
    assert body["type"] == f"urn:problem:{body['code']}"
    assert body["title"]
    return body


def post(client, body: object) -> dict:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = client.post("/api/v1/orders", raw, content_type="application/json")
    if response.status_code == 201:
        return {"status": 201}
    return problem(response)


def test_the_settings_name_this_handler():
    assert api_settings.EXCEPTION_HANDLER is problem_response


# ------------------------------------------------------------------ fields


def test_a_good_order_has_no_problem(client):
    assert post(client, GOOD) == {"status": 201}


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"external_id": None}, {"external_id": ["This field may not be null."]}),
        (
            {"lines": [*GOOD["lines"], {"sku": "A", "net_cents": -1}]},
            {
                "lines[1].net_cents": [
                    "Ensure this value is greater than or equal to 0."
                ]
            },
        ),
        ({"lines": [{}, *GOOD["lines"]]}, {
            "lines[0].sku": ["This field is required."],
            "lines[0].net_cents": ["This field is required."],
        }),
        ({"lines": []}, {"lines": ["This list may not be empty."]}),
        ({"lines": {"a": 1}}, {"lines": [
            'Expected a list of items but got type "dict".'
        ]}),
        ({"lines": [7]}, {
            "lines[0]": ["Invalid data. Expected a dictionary, but got int."]
        }),
        ({"codes": ["LEA10", "TOOLONG"]}, {
            "codes[1]": ["Ensure this field has no more than 5 characters."]
        }),
        ({"lines": GOOD["lines"] * 2}, {
            "non_field_errors": ["Two lines hold one SKU."]
        }),
        ({"lines": [{"sku": "A", "net_cents": 40.5}]}, {
            "lines[0].net_cents": ["A valid integer is required."]
        }),
        ({"lines": [{"sku": "A", "net_cents": 10**13}]}, {
            "lines[0].net_cents": [
                "Ensure this value is less than or equal to 1000000000000."
            ]
        }),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_by_its_path(client, change, errors):
    answer = post(client, GOOD | change)

    assert (answer["status"], answer["code"]) == (400, "invalid")
    assert answer["errors"] == errors


def test_errors_are_in_the_clients_language(client):
    response = client.post(
        "/api/v1/orders", {}, format="json", HTTP_ACCEPT_LANGUAGE="fr"
    )

    assert problem(response)["errors"]["lines"] == ["Ce champ est obligatoire."]


# ------------------------------------------------------------------ bodies


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"external_id": "1"', "The body is not JSON at line 1, column 20."),
        (b'{"a":\n 1,}', "The body is not JSON at line 2, column 4."),
        (b'{"external_id": "caf\xe9"}', "The body is not UTF-8 at byte 20."),
        (b"\xff\xfe{\x00}\x00", "The body is not UTF-8 at byte 0."),
        (b"[" * 100_000, "The body is nested too deeply."),
        (b'{"a": NaN}', "NaN is not JSON."),
        (b'{"a": -Infinity}', "-Infinity is not JSON."),
        (b'{"a": ' + b"9" * 5000 + b"}", "A number in the body is too long."),
        (b'{"a": "\\ud800"}', "A text holds half a character (\\ud800)."),
    ],
)
def test_a_body_that_is_no_json_says_where(client, body, detail):
    answer = post(client, body)

    assert (answer["status"], answer["code"]) == (400, "parse_error")
    assert answer["detail"] == detail


def test_a_whole_pair_of_surrogates_is_a_character(client):
    body = json.dumps(GOOD).replace("SERUM-30", r"\ud83d\ude00")

    assert post(client, body.encode())["status"] == 201


def test_a_number_with_decimals_is_not_rounded_on_the_way(client):
    body = json.dumps(GOOD).replace("4000", "4000.00000000000000000001")

    assert post(client, body.encode())["errors"] == {
        "lines[0].net_cents": ["A valid integer is required."]
    }


def test_a_body_of_ten_megabytes_is_refused(client):
    answer = post(client, b'{"a": "' + b"x" * 10_000_000 + b'"}')

    assert (answer["status"], answer["code"]) == (413, "too_large")


def test_another_content_type_is_refused(client):
    response = client.post("/api/v1/orders", b"a=1", content_type="text/plain")

    answer = problem(response)
    assert (answer["status"], answer["code"]) == (415, "unsupported_media_type")


# ------------------------------------------------------------------ exceptions


@pytest.mark.parametrize(
    ("name", "status", "code", "detail"),
    [
        ("refusal", 409, "in_payout_run",
         "Commission 7 is being paid. Claw it back instead."),
        ("refusal-of-fields", 422, "refund_exceeds_paid", ""),
        ("missing", 404, "not_found", "There is nothing here."),
        ("not-found", 404, "not_found", "Not found."),
        ("denied", 403, "permission_denied", "This is not allowed."),
        ("suspicious", 400, "bad_request", "This cannot be read."),
        ("bug", 500, "internal_error", ""),
        ("other-data", 500, "internal_error", ""),
    ],
)  # fmt: skip
def test_every_exception_has_its_problem(client, name, status, code, detail):
    answer = problem(client.get(f"/api/v1/faults/{name}"))

    assert (answer["status"], answer["code"]) == (status, code)
    assert answer["detail"] == detail


def test_a_refusal_brings_its_title_and_fields(client):
    answer = problem(client.get("/api/v1/faults/refusal-of-fields"))

    assert answer["title"] == "More than was paid."
    assert answer["errors"] == {"lines[0].net_cents": ["9 > 8"]}


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("model", {"ends_at": ["Too early."]}),
        (
            "model-whole",
            {"non_field_errors": ["A boost must end after it starts."]},
        ),
        ("model-all", {"non_field_errors": ["Overlaps."]}),
    ],
)
def test_what_a_model_refuses_is_invalid_too(client, name, errors):
    answer = problem(client.get(f"/api/v1/faults/{name}"))

    assert (answer["status"], answer["errors"]) == (400, errors)


@pytest.mark.parametrize(
    ("name", "status", "seconds"),
    [("throttled", 429, "13"), ("too-many", 429, "7"), ("busy", 503, "2")],
)
def test_who_has_to_wait_is_told_how_long(client, name, status, seconds):
    response = client.get(f"/api/v1/faults/{name}")

    assert problem(response)["status"] == status
    assert response["Retry-After"] == seconds


def test_a_stranger_is_asked_for_a_key():
    response = APIClient().get("/api/v1/people")

    assert problem(response)["code"] == "not_authenticated"
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")


def test_an_unknown_key_is_refused():
    response = APIClient(HTTP_AUTHORIZATION="Bearer bad").get("/api/v1/people")

    answer = problem(response)
    assert (answer["status"], answer["code"]) == (401, "authentication_failed")


def test_another_method_is_refused(client):
    assert problem(client.put("/api/v1/orders"))["code"] == "method_not_allowed"


def test_a_nul_in_an_address_is_a_bad_request(client):
    answer = problem(client.get("/api/v1/find/a%00b"))

    assert (answer["status"], answer["code"]) == (400, "bad_request")


@pytest.mark.django_db(transaction=True)
def test_a_locked_table_answers_503_soon(client):
    is_locked, goes_on = Event(), Event()

    def lock() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("lock table common_user")
            is_locked.set()
            goes_on.wait(10)
        connection.close()

    locking = Thread(target=lock)
    locking.start()
    is_locked.wait(10)
    with transaction.atomic():
        response = client.get("/api/v1/locked")
        transaction.set_rollback(True)
    goes_on.set()
    locking.join(10)

    assert problem(response)["code"] == "temporarily_unavailable"
    assert response["Retry-After"] == "2"


# ------------------------------------------------------------------ outside of views


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/hooks/nothing"])
def test_an_unknown_address_of_a_machine_is_a_problem(client, path):
    assert problem(client.get(path))["code"] == "not_found"


def test_an_unknown_page_is_a_page(client):
    response = client.get("/nothing")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/api/v1/plain", "/hooks/plain"])
@pytest.mark.parametrize(
    ("name", "status"),
    [("bug", 500), ("busy", 503), ("refusal", 409), ("denied", 403), ("missing", 404)],
)
def test_an_error_outside_the_framework_is_a_problem_too(client, path, name, status):
    assert problem(client.get(path, {"name": name}))["status"] == status


def test_a_request_django_refuses_is_a_problem(client):
    answer = problem(client.get("/api/v1/plain", {"name": "suspicious"}))

    assert answer["code"] == "bad_request"
    assert "the inner words" not in json.dumps(answer)


def test_a_bug_says_nothing_of_itself(client, caplog):
    with caplog.at_level(logging.CRITICAL):
        response = client.get("/api/v1/faults/bug")

    assert "personal@mail.example" not in response.content.decode()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("bug", 500),
        ("busy", 503),
        ("too-many", 429),
        ("refusal", 500),
        ("denied", 403),
        ("suspicious", 400),
    ],
)
def test_a_page_gets_a_page(client, name, status):
    response = client.get("/page", {"name": name})

    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")
    seconds = {503: "2", 429: "7"}
    assert response.get("Retry-After") == seconds.get(status)


# ------------------------------------------------------------------ lists


def walk(client, limit: int) -> list[list[int]]:
    pages, url = [], f"/api/v1/people?limit={limit}"
    while url:
        page = client.get(url).json()
        assert set(page) == {"next", "previous", "results"}
        pages.append(page["results"])
        url = page["next"]
    return pages


def test_a_list_is_walked_by_its_cursors(client):
    people = [UserFactory().pk for _ in range(5)]

    pages = walk(client, 2)

    assert [len(page) for page in pages] == [2, 2, 1]
    assert sum(pages, []) == people[::-1]  # noqa: RUF017  three pages


def test_a_page_holds_at_most_200(client, django_assert_num_queries):
    UserFactory.create_batch(201)

    with django_assert_num_queries(1):
        page = client.get("/api/v1/people", {"limit": 200}).json()

    assert len(page["results"]) == 200


@pytest.mark.parametrize(
    "cursor",
    ["garbage", b64encode(b"p=abc").decode(),
     b64encode(b"r=x&p=1").decode(), b64encode(b"o=-5").decode(), "\x00"],
)  # fmt: skip
def test_a_cursor_that_is_not_ours_is_no_error_of_ours(client, cursor):
    UserFactory()

    response = client.get("/api/v1/people", {"cursor": cursor})

    assert response.status_code == 400
    assert response.json()["errors"].keys() == {"cursor"}


@pytest.mark.parametrize("limit", ["0", "-1", "x", "201"])
def test_a_limit_beyond_the_bounds_is_refused(client, limit):
    response = client.get("/api/v1/people", {"limit": limit})

    assert response.status_code == 400
    assert response.json()["errors"] == {"limit": ["A whole number from 1 to 200."]}


def test_an_empty_limit_is_the_usual_one(client):
    UserFactory.create_batch(3)

    assert len(client.get("/api/v1/people", {"limit": ""}).json()["results"]) == 3
