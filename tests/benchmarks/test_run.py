"""A payout run, from opening to the last entry, against the same by hand.

`-m benchmark -s` prints tables: the share of bare SQL in one
transaction, a tenth of the run beside the whole one, and two workers beside one.
"""

import time
from collections import Counter
from datetime import UTC, date, datetime
from threading import Thread

import pytest
from django.db import connection

from payouts import runs
from payouts.models import RunStatus
from tests.benchmarks import bare, market, measuring, payable, paying_by_hand
from tests.benchmarks.measuring import Taken, Way, measured

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]

FEW, MANY = 1_000, 10_000  # creators
EARNED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OPENED = datetime(2026, 12, 2, 8, 0, tzinfo=UTC)
TARGET = 0.5
# What is left when the machine has a bad day; the targets are for a person to read.
FLOOR = 0.1
MOST_MB = 64

_PAID = """
select (select count(*) from {0}.payouts_payout where status = 'paid'),
       (select count(*) from {0}.payouts_payoutline),
       (select count(*) from {0}.payouts_commission where status = 'paid'),
       (select sum(amount_cents) from {0}.payouts_payout)
"""
_TRANSFERRED = """
select a.kind, count(*), sum(greatest(l.amount_cents, 0))
  from {0}.payouts_ledgerleg l
  join {0}.payouts_ledgerentry e on e.id = l.entry_id
  join {0}.payouts_ledgeraccount a on a.id = l.account_id
 where e.kind in ('sent', 'paid') group by 1 order by 1
"""
_OURS = """
select count(*), sum((select count(*) from payouts_payoutline l
                       where l.payout_id = p.id and l.is_active)), sum(p.amount_cents)
  from payouts_payout p join payouts_run r on r.id = p.run_id
 where p.status = 'paid' and r.starts_on = '{month}'
"""


def rows(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def transferred(schema):
    """Return the legs, and the cents of each side, that runs have posted so far."""
    sides = Counter()
    for kind, legs, debit in rows(_TRANSFERRED.format(schema)):
        sides[f"legs of {kind}"] += legs
        sides[f"debit of {kind}"] += debit
    return sides


@pytest.fixture
def place():
    """Return a market of creators who can be paid."""
    place = market.build(MANY)
    payable.let_be_paid(place.enrollments, since=EARNED)
    return place


def earn(place, creators, month):
    return payable.earn(place, creators, on=month, at=EARNED)


def steps(month, folder):
    """Yield the steps of one run: built, then in the file, then executed."""

    def build():
        nonlocal run_id
        run_id = runs.open_run(month, at=OPENED).pk
        assert runs.build(run_id) == 0
        runs.approve(run_id, by=None, at=OPENED)

    run_id = None
    yield "open, build, approve", build
    yield "send, with the file", lambda: runs.send(run_id, folder, at=OPENED)
    yield "finish", lambda: runs.finish(run_id, at=OPENED)


def pay(month, folder):
    """Bring a month through its run; return what all of it and each step took."""
    whole, parts = Taken(), {}
    for name, step in steps(month, folder):
        with measured() as taken:
            step()
        whole += taken
        parts[name] = taken
    return whole, parts


def pay_by_hand(ends_on):
    with connection.cursor() as cursor:
        cursor.execute(paying_by_hand.COPY_DUE, {"ends_on": ends_on})
        cursor.execute(paying_by_hand.OPEN_ACCOUNTS)
    with measured() as taken:
        paying_by_hand.pay(ends_on=ends_on, at=OPENED)
    return taken


def test_a_run_keeps_its_share_of_bare_sql_and_is_linear(place, tmp_path):
    few, many = date(2026, 4, 1), date(2026, 5, 1)
    count = earn(place, FEW, few)
    small = Way(f"run of {count:,}", count, pay(few, tmp_path)[0])
    before = transferred("public")
    count = earn(place, MANY, many)
    with bare.copies(*paying_by_hand.TABLES):
        limit = Way("limit: one transaction", count, pay_by_hand(date(2026, 6, 1)))
        taken, parts = pay(many, tmp_path)
        large = Way(f"run of {count:,}", count, taken)
        by_hand = rows(_PAID.format("bare")), transferred("bare")
    measuring.heading("commissions")
    measuring.show(limit)
    share = measuring.show(large, limit, TARGET)
    for name, part in parts.items():
        measuring.show(Way(f"  of which {name}", count, part))
    measuring.show(small)
    print(f"{large.share_of(small):.2f} of the speed of a tenth of it")
    ((payouts, lines, paid, cents),), moves = by_hand
    print(f"payouts {payouts:,}, of {cents:,} cents")
    assert (payouts, lines, paid) == (MANY, count, count)
    assert rows(_OURS.format(month=many)) == [(payouts, lines, cents)]
    assert transferred("public") - before == moves
    assert large.taken.python_mb < MOST_MB
    assert share > FLOOR


def build_together(run_id, workers):
    """Let so many workers build a run; return the seconds on the wall."""

    def work():
        try:
            runs.build(run_id)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(workers)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def test_two_workers_share_the_building_of_a_run(place):
    seconds = {}
    # The first run fills tables that were empty, and counts for nobody.
    for number, workers in enumerate((2, 1, 2)):
        month = date(2026, 4 + number, 1)
        count = earn(place, MANY, month)
        run = runs.open_run(month, at=OPENED)
        seconds[workers] = build_together(run.pk, workers)
        run.refresh_from_db()
        assert run.status == RunStatus.DRAFT
        assert run.payouts.count() == MANY
        print(f"\n{workers} building: {count / seconds[workers]:,.0f} commissions/s")
    print(f"two are {seconds[1] / seconds[2]:.2f} x one")
