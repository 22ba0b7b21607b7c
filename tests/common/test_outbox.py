import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from threading import Barrier
from urllib.parse import urlsplit

import pytest
from celery import current_app
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError

from affiliate.common import outbox, tasks
from affiliate.common.models import OutboxMessage
from tests.common.racing import race
from tests.factories.common import UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 3, 10, 15, tzinfo=UTC)
TOPIC = "test.paid"


@pytest.fixture
def subscribed(monkeypatch):
    """Give the topic one subscriber that notes what it gets."""
    calls: list[dict[str, object]] = []
    monkeypatch.setattr(outbox, "_subscribers", {})

    @outbox.subscribe(TOPIC)
    def handle(**given: object) -> None:
        calls.append(given)

    return calls


@pytest.fixture
def nudges(monkeypatch):
    sent: list[str] = []
    monkeypatch.setattr(
        outbox.current_app, "send_task", lambda name, **_: sent.append(name)
    )
    return sent


def fail_always() -> None:
    @outbox.subscribe(TOPIC)
    def fail(**_: object) -> None:
        raise KeyError("personal@mail.example")


# ------------------------------------------------------------------ leave


def test_a_message_comes_to_its_subscriber_with_its_ids(subscribed):
    message = outbox.leave(TOPIC, run_id=7, shop="lune")

    swept = outbox.sweep(10, at=AT)

    assert subscribed == [{"run_id": 7, "shop": "lune", "at": AT}]
    assert (swept.sent, swept.failed, swept.parked) == (1, 0, 0)
    message.refresh_from_db()
    assert (message.sent_at, message.attempts) == (AT, 1)


def test_a_fresh_message_is_due_whatever_clock_the_sweep_has(subscribed):
    outbox.leave(TOPIC, run_id=7)

    assert outbox.sweep(10, at=datetime(2020, 1, 1, tzinfo=UTC)).sent == 1


def test_a_topic_nobody_reads_is_refused(subscribed):
    with pytest.raises(outbox.UnknownTopic):
        outbox.leave("test.pade", run_id=7)

    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_message_without_a_cause_is_refused(subscribed):
    with pytest.raises(TransactionManagementError, match="its cause"):
        outbox.leave(TOPIC, run_id=7)


@pytest.mark.django_db(transaction=True)
def test_a_message_goes_when_its_cause_is_rolled_back(subscribed, nudges):
    with transaction.atomic():
        outbox.leave(TOPIC, run_id=7)
        transaction.set_rollback(True)

    assert not OutboxMessage.objects.exists()
    assert nudges == []


@pytest.mark.django_db(transaction=True)
def test_a_commit_nudges_the_sweep_once(subscribed, nudges):
    with transaction.atomic():
        outbox.leave(TOPIC, run_id=7)
        outbox.leave(TOPIC, run_id=8)
        assert nudges == []

    assert nudges == ["common.sweep_outbox"]


@pytest.mark.django_db(transaction=True)
def test_the_nudge_arrives_at_the_real_broker(subscribed):
    with current_app.connection_for_read() as broker:
        queue = broker.SimpleQueue(current_app.conf.task_default_queue)
        queue.clear()
        with transaction.atomic():
            outbox.leave(TOPIC, run_id=7)

        task = queue.get(timeout=5).headers["task"]
        queue.close()

    assert task == tasks.sweep_outbox.name == "common.sweep_outbox"


@pytest.mark.django_db(transaction=True)
def test_a_nudge_survives_the_savepoint_that_took_another_back(subscribed, nudges):
    with transaction.atomic():
        with transaction.atomic():
            outbox.leave(TOPIC, run_id=7)
            transaction.set_rollback(True)
        outbox.leave(TOPIC, run_id=8)

    assert nudges == ["common.sweep_outbox"]
    assert [m.payload for m in OutboxMessage.objects.all()] == [{"run_id": 8}]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_does_not_stop_the_cause(subscribed, monkeypatch, caplog):
    def unreachable(*_: object, **__: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(outbox.current_app, "send_task", unreachable)

    with transaction.atomic():
        outbox.leave(TOPIC, run_id=7)

    assert outbox.sweep(10, at=AT).sent == 1


# ------------------------------------------------------------------ sweep


def test_a_second_sweep_finds_nothing_to_do(subscribed):
    outbox.leave(TOPIC, run_id=7)
    outbox.sweep(10, at=AT)

    assert outbox.sweep(10, at=AT + timedelta(days=1)).sent == 0
    assert len(subscribed) == 1


def test_a_sweep_takes_no_more_than_its_limit(subscribed):
    for run_id in range(5):
        outbox.leave(TOPIC, run_id=run_id)

    assert outbox.sweep(3, at=AT).sent == 3
    assert outbox.sweep(3, at=AT).sent == 2
    assert [call["run_id"] for call in subscribed] == [0, 1, 2, 3, 4]


def test_every_subscriber_of_a_topic_is_called(subscribed):
    also: list[object] = []

    @outbox.subscribe(TOPIC)
    def second(*, run_id: int, at: datetime) -> None:
        also.append(run_id)

    outbox.subscribe(TOPIC)(second)
    outbox.leave(TOPIC, run_id=7)
    outbox.sweep(10, at=AT)

    assert also == [7]
    assert len(subscribed) == 1


def test_a_failure_comes_again_after_a_growing_pause(subscribed):
    fail_always()
    message = outbox.leave(TOPIC, run_id=7)

    pauses = []
    at = AT
    for _ in range(3):
        assert outbox.sweep(10, at=at).failed == 1
        message.refresh_from_db()
        pauses.append((message.due_at - at).total_seconds())
        assert outbox.sweep(10, at=message.due_at - timedelta(seconds=1)).failed == 0
        at = message.due_at

    assert pauses == [10, 20, 40]
    assert message.sent_at is None


def test_a_failure_undoes_what_its_handlers_wrote(subscribed):
    @outbox.subscribe(TOPIC)
    def write(**_: object) -> None:
        UserFactory(email="written@mail.example")

    fail_always()
    outbox.leave(TOPIC, run_id=7)
    outbox.sweep(10, at=AT)

    assert not type(UserFactory.build()).objects.exists()


def test_one_failure_does_not_stop_the_others(subscribed):
    @outbox.subscribe(TOPIC)
    def fail_on_eight(*, run_id: int, at: datetime) -> None:
        if run_id == 8:
            raise KeyError

    for run_id in (7, 8, 9):
        outbox.leave(TOPIC, run_id=run_id)
    swept = outbox.sweep(10, at=AT)

    assert (swept.sent, swept.failed) == (2, 1)


def sweep_until_parked(message: OutboxMessage) -> int:
    sweeps = 0
    while message.parked_at is None and sweeps < 20:
        outbox.sweep(10, at=AT + timedelta(hours=2 * sweeps))
        message.refresh_from_db()
        sweeps += 1
    return sweeps


def test_what_always_fails_is_parked_with_its_error_and_no_values(subscribed):
    fail_always()
    message = outbox.leave(TOPIC, run_id=7)

    assert sweep_until_parked(message) == outbox.MAX_ATTEMPTS == 8
    assert message.attempts == 8
    assert list(outbox.parked()) == [message]
    assert message.last_error.startswith("KeyError in fail, line ")
    assert "personal@mail.example" not in message.last_error
    assert outbox.sweep(10, at=AT + timedelta(days=9)).failed == 0


def test_a_parked_message_is_tried_again_on_request(subscribed):
    message = OutboxMessage.objects.create(
        topic=TOPIC, payload={"run_id": 7}, attempts=8, parked_at=AT
    )

    assert outbox.retry(message.pk, at=AT)
    assert not outbox.parked().exists()
    assert not outbox.retry(message.pk, at=AT)
    assert outbox.sweep(10, at=AT).sent == 1


def test_a_message_whose_subscriber_is_gone_is_parked_not_lost(subscribed):
    message = OutboxMessage.objects.create(topic="test.old", payload={})

    sweep_until_parked(message)

    assert message.parked_at is not None
    assert message.last_error.startswith("UnknownTopic")


@pytest.mark.django_db(transaction=True)
def test_a_sweep_inside_a_transaction_could_lose_its_count(subscribed):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        outbox.sweep(10, at=AT)


def test_the_task_passes_the_clock(subscribed):
    outbox.leave(TOPIC, run_id=7)

    tasks.sweep_outbox()

    assert subscribed[0]["run_id"] == 7


def test_what_was_done_long_ago_is_purged(subscribed):
    kept = OutboxMessage.objects.create(topic="a", sent_at=AT - timedelta(days=30))
    OutboxMessage.objects.create(topic="a", sent_at=AT - timedelta(days=30, seconds=1))
    parked = OutboxMessage.objects.create(topic="a", parked_at=AT - timedelta(days=99))
    waits = OutboxMessage.objects.create(topic="a", due_at=AT - timedelta(days=99))

    assert outbox.purge(at=AT) == 1
    assert set(OutboxMessage.objects.all()) == {kept, parked, waits}


# ------------------------------------------------------------------ races and deaths


@pytest.mark.django_db(transaction=True)
def test_ten_sweeps_at_once_hand_each_message_out_once(subscribed):
    with transaction.atomic():
        for run_id in range(40):
            outbox.leave(TOPIC, run_id=run_id)

    results = race([lambda: outbox.sweep(100, at=AT)] * 10)

    assert sum(result.sent for result in results) == 40
    assert sorted(call["run_id"] for call in subscribed) == list(range(40))


@pytest.mark.django_db(transaction=True)
def test_without_row_locks_the_same_sweeps_hand_messages_out_twice(
    subscribed, monkeypatch
):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    with transaction.atomic():
        for run_id in range(40):
            outbox.leave(TOPIC, run_id=run_id)

    race([lambda: outbox.sweep(100, at=AT)] * 10)

    assert len(subscribed) > 40


@pytest.mark.django_db(transaction=True)
def test_a_message_due_again_while_it_runs_is_left_to_the_one_at_it(subscribed):
    inside = Barrier(2, timeout=20)

    @outbox.subscribe(TOPIC)
    def slow(**_: object) -> None:
        inside.wait()  # the other sweep begins now ...
        inside.wait()  # ... and has ended now

    def late_sweep() -> outbox.Swept:
        inside.wait()
        swept = outbox.sweep(10, at=AT + timedelta(days=1))
        inside.wait()
        return swept

    with transaction.atomic():
        outbox.leave(TOPIC, run_id=7)
    first, second = race([lambda: outbox.sweep(10, at=AT), late_sweep])

    assert (first.sent, second.sent, second.failed) == (1, 0, 0)
    assert len(subscribed) == 1


# A worker for each argument, forked before anything is connected.
DEADLY = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from affiliate.common import outbox
@outbox.subscribe("test.deadly")
def die(**_):
    os.kill(os.getpid(), signal.SIGKILL)
for at in sys.argv[1:]:
    worker = os.fork()
    if not worker:
        outbox.sweep(10, at=datetime.fromisoformat(at))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]))
"""


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_message_that_always_kills_its_worker_is_parked():
    message = OutboxMessage.objects.create(topic="test.deadly")
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path="/" + str(connection.settings_dict["NAME"])
    )
    hours = [(AT + timedelta(hours=hour)).isoformat() for hour in range(0, 20, 2)]

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DEADLY, *hours],
        env={**os.environ, "DATABASE_URL": database.geturl()},
        check=True,
        capture_output=True,
        text=True,
    )

    deaths = [int(line) for line in done.stdout.split()]
    message.refresh_from_db()
    assert deaths == [-signal.SIGKILL] * 8 + [0, 0]
    assert message.attempts == 8
    assert message.parked_at == AT + timedelta(hours=16)
    assert message.last_error == "The worker died every time."
