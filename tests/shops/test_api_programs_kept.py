"""What a request may not change of a program, and does not change by the way."""

import pytest

from shops.models import Boost, Rate
from tests.factories import ProgramFactory, ShopFactory
from tests.shops.asking import Asker, problem, said

pytestmark = pytest.mark.django_db

BOOST = {
    "name": "Launch",
    "multiplier_pct": 200,
    "starts_at": "2100-01-01T00:00:00+01:00",
    "ends_at": "2100-01-08T00:00:00+01:00",
}


@pytest.fixture
def program():
    return ProgramFactory(shop=ShopFactory(), active=True, rate_lock_days=30)


@pytest.fixture
def client(program):
    return Asker(program.shop)


@pytest.mark.parametrize(
    ("terms", "body"), [("rates", {"rate_bp": 1500}), ("boosts", BOOST)]
)
def test_what_asks_for_a_preview_saves_nothing(client, program, terms, body):
    path = f"/programs/{program.pk}/{terms}"

    found = problem(client.send("POST", f"{path}?dry_run=true", body), 400, "invalid")

    assert found["errors"] == {
        "dry_run": ["There is no preview yet: nothing was saved."]
    }
    assert not Rate.objects.exists()
    assert not Boost.objects.exists()
    said(client.send("POST", path, body), 201)


@pytest.mark.parametrize(("days", "status"), [(29, 409), (30, 200), (31, 200)])
def test_the_notice_of_a_lower_rate_never_falls(client, program, days, status):
    answer = client.send("PATCH", f"/programs/{program.pk}", {"rate_lock_days": days})

    assert answer.status_code == status
    program.refresh_from_db()
    assert program.rate_lock_days == (days if status == 200 else 30)
    if status == 409:
        assert list(problem(answer, 409, "program_terms_fixed")["errors"]) == [
            "rate_lock_days"
        ]


def test_the_notice_of_a_draft_may_fall(client, program):
    draft = ProgramFactory(shop=program.shop, rate_lock_days=30)

    said(client.send("PATCH", f"/programs/{draft.pk}", {"rate_lock_days": 0}), 200)


def test_a_slug_stays(client, program):
    path = f"/programs/{program.pk}"

    problem(client.send("PATCH", path, {"slug": "other"}), 409, "program_slug_fixed")

    said(client.send("PATCH", path, {"slug": program.slug, "name": "Friends"}), 200)
    program.refresh_from_db()
    assert program.slug != "other"
    assert program.name == "Friends"
