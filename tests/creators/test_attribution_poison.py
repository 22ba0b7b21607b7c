"""A line that cannot be judged is set aside and shown; the others are judged."""

import pytest

from affiliate.common import queues
from creators import attribution
from creators.models import Verdict
from payouts import invariants
from shops.models import UnsettledLine
from tests.creators.judging import NOW, code, line, program, queue
from tests.poison import poisoned

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lines():
    ours = program()
    code(ours, "LEA")
    sold = [line(ours, codes=["LEA"]) for _ in range(8)]
    queue(*sold)
    return sold


def settle():
    total = attribution.Settled()
    while settled := attribution.settle(at=NOW):
        total += settled
    return total


def poison(bad):
    return poisoned("creators_verdict", f"new.line_id = {bad.pk}")


def shown():
    return [
        (found.subject, found.figures)
        for found in invariants.findings()
        if found.proof == "line_can_be_judged"
    ]


def test_one_line_that_cannot_be_judged_does_not_stop_the_others(lines):
    bad = lines[3]

    with poison(bad):
        settled = settle()

    assert (settled.lines, settled.attributed) == (7, 7)
    assert set(Verdict.objects.values_list("pk", flat=True)) == {
        each.pk for each in lines if each != bad
    }
    assert [row.pk for row in UnsettledLine.objects.all()] == [bad.pk]


def test_a_line_set_aside_is_shown_with_its_error(lines):
    with poison(lines[3]):
        settle()

    ((subject, figures),) = shown()
    assert subject == f"line {lines[3].pk}"
    assert figures.startswith("5 attempts: ProgrammingError by poisoned in ")


def test_a_line_set_aside_is_judged_once_it_is_queued_again(lines):
    bad = lines[3]
    with poison(bad):
        settle()
    assert not settle()

    bad.order.status = "cancelled"
    bad.order.save(update_fields=["status"])
    requeue_by_shops(bad.order)

    assert settle().lines == 1
    assert Verdict.objects.get(line=bad).reason == "order_cancelled"
    assert list(invariants.findings()) == []


def requeue_by_shops(order):
    """Queue the order's lines by the statement of the floor below."""
    from django.db import connection

    from shops.orders import sql

    with connection.cursor() as cursor:
        cursor.execute(sql.QUEUE, [[order.pk]])


def test_a_line_set_aside_is_judged_when_a_person_asks(lines):
    with poison(lines[3]):
        settle()

    assert attribution.retry() == 1
    assert settle().attributed == 1
    assert shown() == []


def test_lines_that_all_fail_are_all_kept(lines):
    with poisoned("creators_verdict", "true"):
        settle()

    assert not Verdict.objects.exists()
    assert UnsettledLine.objects.count() == 8


def test_being_wary_judges_the_same(lines):
    settled = attribution.settle(at=NOW, is_wary=True)

    assert (settled.lines, settled.attributed) == (8, 8)
    assert not UnsettledLine.objects.exists()


def test_a_healthy_line_is_never_counted(lines):
    with poison(lines[3]):
        attribution.settle(at=NOW)

    kept = UnsettledLine.objects.get()
    assert kept.attempts == queues.MAX_ATTEMPTS
