"""What every test needs: marks that are proved, locks in order, a flush that may."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import timezone, translation

pytest_plugins = ["tests.house.breaking"]


@pytest.fixture(scope="session", autouse=True)
def _locks_are_taken_in_order() -> Iterator[None]:
    """A lock out of order is an error here, while production only logs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "LOCK_ORDER_RAISES", True, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_can_be_emptied() -> Iterator[None]:
    """Between transactional tests Django truncates, which such tables refuse.

    As a replica, which only the flush claims to be, triggers do not fire.
    """
    flush = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        statements = flush(self, *args, **kwargs)
        replica = "set local session_replication_role = replica"
        return [replica, *statements] if statements else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(autouse=True)
def _nobodys_language_or_clock() -> Iterator[None]:
    """What a test's request or command activated must not reach the next test."""
    yield
    translation.deactivate()
    timezone.deactivate()
