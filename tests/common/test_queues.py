"""A queue whose rows fail or kill: the others are done, the one is found and shown."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.utils.timezone import now

from affiliate.common import queues

pytestmark = pytest.mark.django_db

QUEUE = queues.Queue("made_up_queue", "id")
NOW = now()


@pytest.fixture
def queue():
    run(
        "create temporary table made_up_queue (id bigint primary key,"
        " attempts smallint not null default 0, due_at timestamptz, last_error text)"
    )
    yield QUEUE
    run("drop table made_up_queue")


def run(words, *values):
    with connection.cursor() as cursor:
        cursor.execute(words, values)
        return cursor.fetchall() if cursor.description else []


def fill(count):
    run("insert into made_up_queue select generate_series(1, %s)", count)


def left():
    return dict(run("select id, attempts from made_up_queue order by id"))


class Sweep:
    """Deletes rows, but fails with a poisonous one among them; notes its batches."""

    def __init__(self, *poison, limit=20_000):
        self.poison, self.limit, self.groups = set(poison), limit, []

    def __call__(self, at=NOW, **options):
        return queues.work_off(
            QUEUE, self.whole, self.these, at=at, limit=self.limit, **options
        )

    def whole(self):
        rows = run(
            "select id from made_up_queue where attempts = 0 order by id limit %s",
            self.limit,
        )
        return self.these([row[0] for row in rows])

    def these(self, ids):
        if ids:
            self.groups.append(len(ids))
        if self.poison & set(ids):
            raise ValueError("nobody@mail.example")
        run("delete from made_up_queue where id = any(%s)", ids)
        return len(ids)


def test_a_healthy_queue_is_done_in_one_batch(queue):
    fill(5_000)
    sweep = Sweep()

    assert sweep() == [5_000]
    assert sweep.groups == [5_000]


def test_an_empty_queue_is_nothing_to_do(queue):
    assert Sweep()() == []


def test_one_row_that_fails_is_alone_in_the_end(queue):
    fill(5_000)
    sweep = Sweep(4_321)

    done = sweep()

    assert sum(done) == 4_999
    assert left() == {4_321: queues.MAX_ATTEMPTS}
    assert len(sweep.groups) < 60


def test_what_was_set_aside_stops_nobody(queue):
    fill(3)
    sweep = Sweep(2)
    sweep()
    run("insert into made_up_queue values (4), (5)")
    sweep.groups.clear()

    assert sweep() == [2]
    assert sweep.groups == [2]
    assert left() == {2: queues.MAX_ATTEMPTS}


def test_many_rows_that_fail_are_all_found(queue):
    fill(3_000)
    poison = {1, 2, 1_500, 2_999, 3_000}

    assert sum(Sweep(*poison)()) == 3_000 - len(poison)
    assert left() == dict.fromkeys(poison, queues.MAX_ATTEMPTS)


def test_the_error_is_kept_without_its_values(queue):
    fill(1)

    Sweep(1)()

    ((error,),) = run("select last_error from made_up_queue")
    assert error.startswith("ValueError in these, line ")
    assert "mail.example" not in error


def test_a_row_whose_facts_changed_is_tried_again(queue):
    fill(3)
    sweep = Sweep(2)
    sweep()

    # As whoever queues it again does.
    run("update made_up_queue set attempts = 0 where id = 2")
    sweep.poison.clear()

    assert sweep() == [1]
    assert left() == {}


def test_a_person_may_have_it_tried_again(queue):
    fill(3)
    sweep = Sweep(2)
    sweep()

    assert queues.retry(QUEUE) == 1
    assert queues.retry(QUEUE) == 0
    sweep.poison.clear()
    assert sweep() == [1]


def test_when_everything_fails_a_sweep_gives_up_for_now(queue):
    fill(1_000)
    sweep = Sweep(*range(1, 1_001))

    assert sweep() == []
    assert len(sweep.groups) <= 51
    assert len(left()) == 1_000


class Died(BaseException):
    """Stands for kill -9: nothing after it runs."""


def test_a_row_that_kills_its_worker_is_found_too(queue):
    fill(5_000)
    sweep, deaths, at = Sweep(), 0, NOW

    def these(ids):
        if 4_321 in ids:
            raise Died
        return Sweep.these(sweep, ids)

    with patch.object(sweep, "these", these):
        while left().get(4_321, 0) < queues.MAX_ATTEMPTS:
            try:
                sweep(at, is_wary=True)
            except Died:
                deaths += 1
                at += timedelta(minutes=1)
        sweep(at, is_wary=True)

    assert left() == {4_321: queues.MAX_ATTEMPTS}
    assert deaths == queues.MAX_ATTEMPTS


def test_what_another_worker_has_just_claimed_is_left_to_it(queue):
    fill(10)
    sweep = Sweep(3)
    with patch.object(sweep, "these", side_effect=Died), pytest.raises(Died):
        sweep(is_wary=True)

    assert sweep() == []
    assert sum(sweep(NOW + timedelta(minutes=1))) == 9


def test_a_queue_that_is_not_filled_by_others_is_filled_before_the_search(queue):
    sweep = Sweep()

    def fails():
        raise ValueError

    with patch.object(sweep, "whole", fails):
        assert sweep(suspect=lambda: fill(3)) == [3]


def test_outside_of_a_task_nothing_was_delivered_before():
    assert not queues.was_delivered_before()
