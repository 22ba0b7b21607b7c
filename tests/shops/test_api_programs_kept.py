"""What a request may not change of a program, and does not change by the way."""

import pytest

from tests.factories import ProgramFactory, ShopFactory
from tests.shops.asking import Asker, problem, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return ProgramFactory(shop=ShopFactory(), active=True, rate_lock_days=30)


@pytest.fixture
def client(program):
    return Asker(program.shop)


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
