import logging
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from affiliate.common import locks
from affiliate.common.models import User
from tests.factories.common import UserFactory

pytestmark = pytest.mark.django_db

FIRST = locks.Lock("test_first", 1001)
SECOND = locks.Lock("test_second", 1002)


def held() -> list[tuple[str, int | str]]:
    return [(lock.name, id) for lock, id in locks.held()]


def free_for_others(lock: locks.Lock, id: int | str) -> bool:
    """Ask from another connection, which is how it looks to other transactions."""
    answers: list[bool] = []

    def ask() -> None:
        try:
            with transaction.atomic():
                answers.append(locks.try_hold(lock, id))
        finally:
            connection.close()

    asking = Thread(target=ask)
    asking.start()
    asking.join(10)
    return answers[0]


# ------------------------------------------------------------------ the registry


def test_the_registry_is_in_the_order_of_taking():
    ranks = [lock.rank for lock in locks.registry()]

    assert ranks == sorted(set(ranks))
    assert locks.IDEMPOTENCY in locks.registry()
    assert locks.registry()[-1] == locks.AUDIT_CHAIN


def test_a_lock_may_be_declared_again_as_it_is():
    assert locks.declare("audit_chain", 990) is locks.AUDIT_CHAIN


@pytest.mark.parametrize(("name", "rank"), [("audit_chain", 991), ("other", 990)])
def test_two_locks_share_neither_name_nor_rank(name, rank):
    with pytest.raises(ValueError, match="collides"):
        locks.declare(name, rank)

    assert "other" not in [lock.name for lock in locks.registry()]


# ------------------------------------------------------------------ the order


def test_locks_are_taken_by_rising_rank_and_id():
    locks.hold(FIRST, 1)
    locks.hold(FIRST, 2)
    locks.hold(SECOND, 1)

    assert held() == [("test_first", 1), ("test_first", 2), ("test_second", 1)]


@pytest.mark.parametrize(
    ("before", "after"),
    [((SECOND, 1), (FIRST, 1)), ((FIRST, 2), (FIRST, 1)), ((FIRST, "b"), (FIRST, "a"))],
)
def test_a_lock_out_of_order_is_refused(before, after):
    locks.hold(*before)

    with pytest.raises(locks.LockOrder, match="is taken after"):
        locks.hold(*after)

    assert len(held()) == 1


def test_out_of_order_is_only_logged_in_production(settings, caplog):
    settings.LOCK_ORDER_RAISES = False
    locks.hold(SECOND, 1)

    with caplog.at_level(logging.ERROR):
        locks.hold(FIRST, 1)

    assert "test_first:1 is taken after test_second:1" in caplog.text
    assert len(held()) == 2


def test_holding_twice_is_harmless():
    locks.hold(FIRST, 1)
    locks.hold(SECOND, 1)
    locks.hold(FIRST, 1)

    assert held() == [("test_first", 1), ("test_second", 1)]


def test_many_are_taken_in_order_whatever_the_order_given():
    locks.hold_all(FIRST, [3, 1, 2, 1])

    assert held() == [("test_first", 1), ("test_first", 2), ("test_first", 3)]


def test_a_try_needs_no_order_but_what_follows_does():
    locks.hold(SECOND, 1)
    assert locks.try_hold(FIRST, 5)

    with pytest.raises(locks.LockOrder):
        locks.hold(FIRST, 4)


# ------------------------------------------------------------------ how long


@pytest.mark.django_db(transaction=True)
def test_a_lock_ends_with_its_transaction():
    with transaction.atomic():
        locks.hold(FIRST, 1)
        assert not free_for_others(FIRST, 1)
        assert free_for_others(FIRST, 2)

    assert held() == []
    assert free_for_others(FIRST, 1)


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_forgotten_when_its_savepoint_is_rolled_back():
    with transaction.atomic():
        locks.hold(FIRST, 1)
        with transaction.atomic():
            locks.hold(SECOND, 1)
            transaction.set_rollback(True)

        assert held() == [("test_first", 1)]
        assert free_for_others(SECOND, 1)
        locks.hold(FIRST, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "take",
    [
        lambda: locks.hold(FIRST, 1),
        lambda: locks.try_hold(FIRST, 1),
        lambda: locks.try_advisory("sweep"),
        lambda: locks.rows(User.objects.all()),
    ],
)
def test_a_lock_outside_a_transaction_would_end_at_once(take):
    with pytest.raises(TransactionManagementError, match="atomic"):
        take()


@pytest.mark.django_db(transaction=True)
def test_a_second_holder_waits_for_the_first():
    order: list[str] = []
    is_held, has_asked = Event(), Event()

    def second() -> None:
        is_held.wait(10)
        with transaction.atomic():
            has_asked.set()
            locks.hold(FIRST, 1)
            order.append("second")
        connection.close()

    waiting = Thread(target=second)
    waiting.start()
    with transaction.atomic():
        locks.hold(FIRST, 1)
        is_held.set()
        has_asked.wait(10)
        waiting.join(0.3)
        order.append("first")
    waiting.join(10)

    assert order == ["first", "second"]


@pytest.mark.django_db(transaction=True)
def test_one_sweep_of_a_name_runs_at_a_time():
    with transaction.atomic():
        assert locks.try_advisory("settle")
        assert locks.try_advisory("settle")
        assert not free_for_others(locks.SWEEP, "settle")
        assert free_for_others(locks.SWEEP, "accrue")


# ------------------------------------------------------------------ rows


def test_rows_come_locked_in_primary_key_order(django_assert_num_queries):
    users = [UserFactory() for _ in range(3)]

    with django_assert_num_queries(1) as queries:
        rows = locks.rows(User.objects.order_by("-email"))

    assert rows == users
    assert queries[0]["sql"].endswith(
        'ORDER BY "common_user"."id" ASC FOR NO KEY UPDATE OF "common_user"'
    )
