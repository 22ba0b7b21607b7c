"""Enrollments over HTTP: listed, and decided on."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from affiliate.common.models import AuditEntry
from tests.factories import (
    EnrollmentFactory,
    ProgramFactory,
    ShopFactory,
    TermsVersionFactory,
)
from tests.shops.asking import Asker, problem, said

pytestmark = pytest.mark.django_db
NO = {"reason": "Too few videos.", "may_apply_again": "never"}


@pytest.fixture
def shop():
    return ShopFactory()


@pytest.fixture
def client(shop):
    return Asker(shop)


def enrolled(shop, **fields):
    return EnrollmentFactory(
        **{"program__shop": shop, "creator__eligible": True, **fields}
    )


def step(client, row, name, body=None, **headers):
    return client.send("POST", f"/enrollments/{row.pk}/{name}", body, **headers)


def listed(client, query=""):
    rows = said(client.read(f"/enrollments{query}"), 200)["results"]
    return [row["id"] for row in rows]


def test_a_shops_enrollments_are_listed_without_the_person(client, shop):
    row = enrolled(shop, applied=True, creator__handle="lea")
    EnrollmentFactory()

    page = said(client.read("/enrollments"), 200)

    assert page["results"] == [
        {
            "id": row.pk,
            "program": row.program_id,
            "creator": "lea",
            "status": "applied",
            "asked_at": None,
            "since": None,
            "ended_at": None,
            "reason": "",
            "may_apply_again": None,
            "again_at": None,
            "awaits_terms": False,
        }
    ]


def test_enrollments_are_found_by_program_and_status(client, shop):
    program = ProgramFactory(shop=shop, active=True)
    waiting, other = enrolled(shop, applied=True), enrolled(shop, program=program)

    assert listed(client) == [other.pk, waiting.pk]
    assert listed(client, f"?program={program.pk}") == [other.pk]
    assert listed(client, "?status=applied") == [waiting.pk]
    assert listed(client, "?program=999999") == []
    for query in ("?status=gone", "?program=x", f"?program={'9' * 30}"):
        problem(client.read(f"/enrollments{query}"), 400, "invalid")


def test_cursors_lead_through_the_pages(client, shop):
    program = ProgramFactory(shop=shop, active=True)
    rows = [enrolled(shop, program=program).pk for _n in range(3)]

    first = said(client.read("/enrollments?limit=2"), 200)
    second = said(client.get(first["next"]), 200)

    found = [row["id"] for row in first["results"] + second["results"]]
    assert found == rows[::-1]


def test_a_long_page_costs_as_many_queries_as_a_short_one(client, shop):
    program = ProgramFactory(shop=shop, active=True)
    for _n in range(6):
        enrolled(shop, program=program)

    def asks(query):
        with CaptureQueriesContext(connection) as queries:
            listed(client, query)
        return len(queries)

    assert asks("?limit=2") == asks("?limit=6")


def test_an_applicant_is_approved_once(client, shop):
    row = enrolled(shop, applied=True)
    TermsVersionFactory(program=row.program)

    answers = [said(step(client, row, "approve"), 200) for _n in range(2)]

    assert answers[0] == answers[1]
    assert (answers[0]["status"], answers[0]["awaits_terms"]) == ("active", True)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_label[:3]) == ("enrollment.active", "mk_")


def test_an_applicant_is_rejected_with_a_reason(client, shop):
    row = enrolled(shop, applied=True)
    later = {"may_apply_again": "later", "after_days": 90}

    answer = said(step(client, row, "reject", {**NO, **later}), 200)

    assert (answer["status"], answer["reason"]) == ("rejected", "Too few videos.")
    assert answer["may_apply_again"] == "later"
    assert answer["again_at"] is not None


@pytest.mark.parametrize(
    ("fault", "code", "place"),
    [
        ({"reason": ""}, "invalid", "reason"),
        ({"reason": "x" * 201}, "invalid", "reason"),
        ({"may_apply_again": "soon"}, "invalid", "may_apply_again"),
        ({"may_apply_again": "later"}, "decision_incomplete", "after_days"),
        ({"after_days": 9}, "decision_incomplete", "after_days"),
        ({"after_days": 10**30}, "invalid", "after_days"),
    ],
)
def test_a_rejection_that_tells_too_little_is_named(client, shop, fault, code, place):
    row = enrolled(shop, applied=True)

    found = problem(step(client, row, "reject", {**NO, **fault}), 400, code)

    assert list(found["errors"]) == [place]
    row.refresh_from_db()
    assert row.status == "applied"


@pytest.mark.parametrize("body", [{}, {"reason": "Bye."}])
def test_a_creator_is_let_go(client, shop, body):
    answer = said(step(client, enrolled(shop), "end", body), 200)

    assert (answer["status"], answer["reason"]) == ("ended", body.get("reason", ""))


@pytest.mark.parametrize(
    ("state", "name", "body", "code"),
    [
        ("rejected", "approve", None, "enrollment_not_applied"),
        ("ended", "reject", NO, "enrollment_not_applied"),
        ("applied", "end", {}, "enrollment_not_active"),
    ],
)
def test_a_step_that_cannot_be_is_refused_by_name(
    client, shop, state, name, body, code
):
    row = enrolled(shop, **{state: True})

    problem(step(client, row, name, body), 409, code)

    row.refresh_from_db()
    assert row.status == state


def test_who_is_too_young_is_not_approved(client, shop):
    row = enrolled(shop, applied=True, creator__born_on=None)

    found = problem(step(client, row, "approve"), 422, "not_eligible")

    assert list(found["errors"]) == ["birth_date_unknown"]


@pytest.mark.parametrize("name", ["approve", "reject", "end"])
def test_another_shops_enrollment_is_as_missing_as_an_unknown_one(client, name):
    foreign = EnrollmentFactory(applied=True)
    paths = [f"/enrollments/{pk}/{name}" for pk in (foreign.pk, 10**9, 10**30)]

    answers = [client.send("POST", path, NO) for path in paths]

    for answer in answers:
        problem(answer, 404, "not_found")
        assert answer.content == answers[0].content
    foreign.refresh_from_db()
    assert foreign.status == "applied"


def test_each_door_asks_for_its_scope(shop):
    row = enrolled(shop, applied=True)

    reader, writer = (
        Asker(shop, scopes=[name]) for name in ("creators:read", "programs:write")
    )

    problem(step(reader, row, "approve"), 403, "permission_denied")
    problem(writer.read("/enrollments"), 403, "permission_denied")
    said(step(writer, row, "approve"), 200)


def test_a_step_sent_again_under_its_key_gets_the_first_answer(client, shop):
    row = enrolled(shop, applied=True)

    answers = [step(client, row, "approve", key="k") for _n in range(2)]

    assert answers[0].content == answers[1].content
    assert answers[1]["Idempotent-Replayed"] == "true"
