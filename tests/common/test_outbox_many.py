"""Many messages are left at once, like one."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from affiliate.common import outbox
from affiliate.common.models import OutboxMessage

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 3, 10, 15, tzinfo=UTC)


@pytest.fixture
def heard(monkeypatch):
    calls: list[int] = []
    monkeypatch.setattr(outbox, "_subscribers", {})

    @outbox.subscribe("test.paid")
    def handle(*, run: int, at: datetime) -> None:
        calls.append(run)

    return calls


def test_many_are_left_in_one_statement_and_come_one_by_one(
    heard, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert outbox.leave_many("test.paid", [{"run": 7}, {"run": 8}]) == 2

    assert outbox.sweep(10, at=AT).sent == 2
    assert heard == [7, 8]


def test_of_none_none_is_left(heard):
    assert outbox.leave_many("test.paid", []) == 0
    assert not OutboxMessage.objects.exists()


def test_a_topic_nobody_reads_is_refused(heard):
    with pytest.raises(outbox.UnknownTopic):
        outbox.leave_many("test.pade", [{"run": 7}])


@pytest.mark.django_db(transaction=True)
def test_messages_without_a_cause_are_refused(heard):
    with pytest.raises(transaction.TransactionManagementError):
        outbox.leave_many("test.paid", [{"run": 7}])
