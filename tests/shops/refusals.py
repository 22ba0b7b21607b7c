"""A row that the database takes, and the same with one difference that it refuses."""

import pytest
from django.db import IntegrityError, connection, transaction


def is_refused(factory, base, fault):
    """Check that `base` is taken and that `base` with `fault` is not.

    Both are tried in a savepoint that is rolled back, and what is deferred to the
    commit is asked for at once.
    """
    with transaction.atomic():
        make(factory, base)
        transaction.set_rollback(True)
    with pytest.raises(IntegrityError), transaction.atomic():
        make(factory, {**base, **fault})


def make(factory, fields):
    row = factory(**{name: _value(each) for name, each in fields.items()})
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
    return row


def _value(each):
    return each() if callable(each) else each
