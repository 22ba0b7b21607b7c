"""Runs that many open and build at once, while some of them die (I9, I12, Y2)."""

from datetime import date, timedelta

import pytest
from celery import Celery
from django.db import connection
from django.utils.timezone import now

from payouts import commissions, runs
from payouts.models import Payout, PayoutSkip, Run
from tests.faults import market
from tests.faults.crew import until

pytestmark = [pytest.mark.faults, pytest.mark.slow]

PEOPLE = 12
OPENED = market.LATER
MONTH = date(2026, 5, 1)
# Who built a chunk, known by the name of the worker's connection, and not at once, so
# that two workers meet.
_WATCH = """
create table chunk_builder (chunk_id bigint, name text);
create function note_builder() returns trigger language plpgsql as $$
begin
  perform pg_sleep(0.3);
  insert into chunk_builder values (new.id, current_setting('application_name'));
  return new;
end $$;
create trigger note_builder after update of built_at on payouts_runchunk
  for each row when (new.built_at is not null) execute function note_builder();
"""
_UNWATCH = """
drop trigger note_builder on payouts_runchunk;
drop function note_builder();
drop table chunk_builder;
"""


def run_sql(words):
    with connection.cursor() as cursor:
        cursor.execute(words)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def owed(transactional_db):
    """Give creators who are owed approved money, all but two of them above 10.00."""
    creators = market.people(PEOPLE)
    shop = market.shop(creators)
    market.sell(shop, 60, PEOPLE)
    market.sweep()
    commissions.approve(at=OPENED)
    return creators


@pytest.fixture
def builders():
    """Give a function that says which worker built each chunk."""
    run_sql(_WATCH)
    yield lambda: run_sql("select chunk_id, name from chunk_builder")
    run_sql(_UNWATCH)


def outcome(run):
    """Return whom a run pays and whom it skips."""
    return (
        sorted(Payout.objects.filter(run=run).values_list("creator", "amount_cents")),
        sorted(PayoutSkip.objects.filter(run=run).values_list("creator", "reason")),
    )


def in_peace():
    """Return what a run comes to when nobody disturbs it, and drop it."""
    run = runs.open_run(MONTH, at=OPENED, chunk_size=1)
    runs.build(run.pk)
    found = outcome(run)
    runs.drop(run.pk, by=None, at=OPENED)
    return found


def status(run):
    return Run.objects.values_list("status", flat=True).get(pk=run.pk)


def wake(crew, run, times):
    queue = Celery(broker=crew.broker)
    for _ in range(times):
        queue.send_task("payouts.build_run", [run.pk])


def test_two_workers_share_a_run_and_one_of_them_is_killed(crew, owed, builders):
    expected = in_peace()
    run_sql("truncate chunk_builder")
    first, second = (crew.worker(name, children=1) for name in ("first", "second"))
    until(lambda: first.said("ready.") and second.said("ready."), "both are ready")
    run = runs.open_run(MONTH, at=OPENED, chunk_size=1)
    wake(crew, run, 2)

    def names():
        return [name for _, name in builders()]

    until(lambda: names().count("first") >= 2, "the first builds")
    until(lambda: names().count("second") >= 2, "the second builds beside it")
    first.kill()
    crew.beat()
    until(lambda: status(run) == "draft", "the second finishes the run")

    built = [chunk for chunk, _ in builders()]
    assert sorted(built) == sorted(run.chunks.values_list("pk", flat=True))
    assert len(built) == PEOPLE
    assert outcome(run) == expected
    assert market.findings() == []


def test_a_chunk_that_always_dies_is_parked_until_a_person_asks(crew, owed):
    expected = in_peace()
    run = runs.open_run(MONTH, at=OPENED, chunk_size=PEOPLE)
    crew.beat()

    dying = crew.worker("dying", children=1, DIE_AT_STEP="runs.lines_added")
    wake(crew, run, 1)
    until(lambda: run.chunks.parked().exists(), "the chunk is parked")
    assert status(run) == "building"
    (finding,) = market.findings()
    assert finding.startswith("run_can_be_built: ")
    assert finding.endswith("5 attempts: its worker died every time")
    dying.kill()

    crew.worker("healed")
    assert runs.unpark(run.pk, by=None, at=OPENED) == 1
    until(lambda: status(run) == "draft", "the run is built")
    assert outcome(run) == expected
    assert market.findings() == []


# ------------------------------------------------------------------ opening


def last_month():
    return (now().astimezone(runs.BOOKS).replace(day=1) - timedelta(days=1)).date()


def test_two_schedulers_at_once_open_one_run(crew, owed):
    beats = [
        crew.beat(name, DJANGO_SETTINGS_MODULE="tests.faults.hasty")
        for name in ("one", "two")
    ]
    worker = crew.worker(children=4)
    until(
        lambda: all(beat.said("Sending due task") > 5 for beat in beats),
        "both have asked many times",
    )
    until(
        lambda: worker.said("Task payouts.open_monthly_run") > 20,
        "the worker has heard them",
    )
    until(Run.objects.filter(status="draft").exists, "it is built")

    run = Run.objects.get()
    assert (run.starts_on, run.status) == (last_month().replace(day=1), "draft")
    assert outcome(run)[0]
    assert worker.said("Traceback") == 0
    assert market.findings() == []


def test_a_run_whose_opener_dies_before_it_wakes_a_builder_is_built(crew, owed):
    queue = Celery(broker=crew.broker)
    dying = crew.worker("dying", children=1, DIE_AT_STEP="runs.opened")
    queue.send_task("payouts.open_monthly_run")
    until(Run.objects.exists, "the run is open")
    until(lambda: dying.said("WorkerLostError"), "its opener has died")
    dying.kill()
    run = Run.objects.get()
    assert status(run) == "building"

    crew.beat()
    crew.worker("survivor")
    until(lambda: status(run) == "draft", "the timer finds it")

    assert Run.objects.count() == 1
    assert outcome(run)[0]
    assert market.findings() == []
