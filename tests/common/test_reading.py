"""What is read in one block is read as of one moment."""

from threading import Thread

import pytest
from django.db import InternalError, connection, transaction

from affiliate.common import reading
from affiliate.common.models import User
from tests.factories import UserFactory


def commit_elsewhere():
    """Add a user in a transaction of another connection."""

    def add():
        UserFactory()
        connection.close()

    thread = Thread(target=add)
    thread.start()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_meanwhile_is_not_seen():
    with reading.one_moment():
        before = User.objects.count()
        commit_elsewhere()
        after = User.objects.count()

    assert (before, after, User.objects.count()) == (0, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_without_it_each_statement_sees_what_was_committed_before():
    with transaction.atomic():
        before = User.objects.count()
        commit_elsewhere()
        after = User.objects.count()

    assert (before, after) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_the_block_writes_nothing():
    with pytest.raises(InternalError, match="read-only"), reading.one_moment():
        UserFactory()

    assert not User.objects.exists()
    UserFactory()  # the next transaction writes again


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_that_one_decides():
    with transaction.atomic():
        before = User.objects.count()
        with reading.one_moment():
            commit_elsewhere()
            after = User.objects.count()
        UserFactory()

    assert (before, after, User.objects.count()) == (0, 1, 2)
