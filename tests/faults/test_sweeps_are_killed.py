"""Workers die while they settle and accrue; the queue dies with all it holds.

Each test ends as if nothing had happened: every line is judged once, self_check finds
nothing, and what a shop's orders earn is what the same orders earn in peace.
"""

import pytest
from celery import Celery
from django.db import connection

from shops.models import Order, UnsettledLine
from shops.orders import sql
from tests.faults import market
from tests.faults.crew import held, is_stuck, until

pytestmark = [pytest.mark.faults, pytest.mark.slow]

CODES = 4


@pytest.fixture
def shops(transactional_db):
    """Give a shop whose orders were judged in peace, and its twin without orders."""
    creators = market.people(CODES)
    calm, wild = market.shop(creators), market.shop(creators)
    market.sell(calm, 120, CODES)
    market.sweep()
    market.cancel_some(calm, 40)
    market.sweep()
    return calm, wild


def sell(wild, first, count):
    market.sell(wild, count, CODES, first)


def is_done():
    return not market.waits()


def kill_in_the_middle(crew, table):
    """Kill a worker's children, then all of it, while it writes to this table."""
    worker = crew.worker()
    until(lambda: is_stuck("worker"), f"a worker that waits for {table}")
    deaths = worker.said("WorkerLostError")
    worker.kill_child()
    until(lambda: worker.said("WorkerLostError") > deaths, "the parent notices")
    until(lambda: is_stuck("worker"), f"the next child waits for {table}")
    worker.kill()


def test_children_and_whole_groups_die_while_they_settle_and_accrue(crew, shops):
    calm, wild = shops
    crew.beat()
    with held("creators_verdict"):
        sell(wild, 0, 60)
        kill_in_the_middle(crew, "creators_verdict")
    with held("payouts_ledgerentry"):
        sell(wild, 60, 60)
        kill_in_the_middle(crew, "payouts_ledgerentry")
    crew.worker("survivor")
    until(is_done, "all lines judged and accrued")
    market.cancel_some(wild, 40)
    until(is_done, "all cancellations corrected")

    assert market.state(wild) == market.state(calm)
    assert market.findings() == []


def test_the_queue_is_flushed_and_crashes_with_tasks_in_it(crew, shops):
    calm, wild = shops
    queue = Celery(broker=crew.broker)
    sell(wild, 0, 60)
    with queue.connection_for_write() as broker:
        for _ in range(250):
            queue.send_task("creators.settle", connection=broker)
            queue.send_task("payouts.accrue", connection=broker)
        waiting = broker.default_channel.client
        assert waiting.llen("celery") == 500
        waiting.flushall()
    crew.crash_valkey()

    crew.beat()
    worker = crew.worker()
    until(is_done, "the timer found what the queue forgot")
    crew.crash_valkey()
    sell(wild, 60, 60)

    def is_done_again():
        # Celery's worker ends when its queue goes with tasks that it has not
        # acknowledged; it must end, and not hang, so that it can be started again.
        worker.revive()
        return is_done()

    until(is_done_again, "worker and timer found their way back to the queue")
    market.cancel_some(wild, 40)
    until(is_done_again, "all cancellations corrected")

    assert market.state(wild) == market.state(calm)
    assert market.findings() == []


def test_a_line_that_kills_every_worker_is_set_aside_and_shown(crew, shops):
    calm, wild = shops
    sell(wild, 0, 120)
    bad = UnsettledLine.objects.order_by("pk")[77].pk
    crew.beat()

    killed = crew.worker(app="tests.faults.poisoned", POISONED_LINE=str(bad))
    until(lambda: "worker died" in str(market.findings()), "the line is set aside")
    until(lambda: UnsettledLine.objects.count() == 1, "the others are judged")

    assert market.findings() == [
        f"line_can_be_judged: line {bad}: 5 attempts: its worker died every time"
    ]
    killed.kill()
    crew.worker("healed")
    queue_again(wild)
    until(is_done, "the line is judged once its facts changed")
    market.cancel_some(wild, 40)
    until(is_done, "all cancellations corrected")
    assert market.state(wild) == market.state(calm)
    assert market.findings() == []


def queue_again(shop):
    """Queue the shop's lines as a change of their orders does."""
    ids = list(Order.objects.filter(shop=shop).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(sql.QUEUE, [ids])
