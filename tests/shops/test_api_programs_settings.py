"""The dated settings of a program over HTTP: what holds, and what is planned (P3)."""

from datetime import timedelta

import pytest
from django.utils.dateparse import parse_datetime

from shops.models import EarlierSettings
from tests.factories import ProgramFactory, ShopFactory
from tests.shops.asking import Asker, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return ProgramFactory(shop=ShopFactory(), active=True)


@pytest.fixture
def client(program):
    return Asker(program.shop)


def patch(client, program, **fields):
    return said(client.send("PATCH", f"/programs/{program.pk}", fields), 200)


def test_what_is_worse_is_answered_as_planned_15_days_later(client, program):
    answer = patch(client, program, window_days=7, name="New")

    (planned,) = answer["planned"]
    assert (planned["setting"], planned["value"]) == ("window_days", 7)
    notice = parse_datetime(planned["from"]) - parse_datetime(planned["announced_at"])
    assert notice == timedelta(hours=360)
    assert (answer["window_days"], answer["name"]) == (30, "New")
    assert said(client.read(f"/programs/{program.pk}"), 200) == answer
    assert said(client.read("/programs"), 200)["results"] == [answer]


def test_what_is_better_is_answered_as_holding(client, program):
    answer = patch(client, program, window_days=60, hold_days=14)

    assert answer["planned"] == []
    assert (answer["window_days"], answer["hold_days"]) == (60, 14)


def test_the_same_again_is_the_same_plan(client, program):
    first = patch(client, program, halo=False, code_policy="if_winner")

    assert patch(client, program, halo=False, code_policy="if_winner") == first
    assert [row["setting"] for row in first["planned"]] == ["code_policy", "halo"]


def test_what_holds_now_sent_again_takes_the_plan_back(client, program):
    patch(client, program, halo=False, window_days=7)

    answer = patch(client, program, halo=True)

    assert [row["setting"] for row in answer["planned"]] == ["window_days"]


def test_a_draft_changes_at_once(client, program):
    draft = ProgramFactory(shop=program.shop)

    answer = patch(client, draft, window_days=7, catalogue_only=True)

    assert (answer["window_days"], answer["catalogue_only"]) == (7, True)
    assert answer["planned"] == []


def test_a_draft_that_is_changed_and_activated_begins_with_what_was_said(
    client, program
):
    draft = ProgramFactory(shop=program.shop)

    answer = patch(client, draft, window_days=7, status="active")

    assert (answer["status"], answer["window_days"]) == ("active", 7)
    assert not EarlierSettings.objects.exists()


def test_a_list_of_changed_programs_asks_no_more_of_the_database(
    client, program, django_assert_max_num_queries
):
    others = ProgramFactory.create_batch(5, shop=program.shop, active=True)
    for each in others:
        patch(client, each, window_days=7)

    with django_assert_max_num_queries(12):
        listed = said(client.read("/programs"), 200)["results"]

    assert [len(row["planned"]) for row in listed] == [1, 1, 1, 1, 1, 0]
