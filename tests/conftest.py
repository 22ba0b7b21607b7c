"""What every test needs: marks that are proved, locks in order, a flush that may."""

import gc
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management.color import Style
from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import timezone, translation

pytest_plugins = ["tests.house.breaking"]

# What Django says of the models; it is the same after every test.
_KEPT = {"django_content_type", "auth_permission"}
# The lock waits for whoever still writes. Tables that have grown are truncated, for the
# dead rows of a delete would stay, and be read by every delete that follows.
_FLUSH = """
do $$
declare
  name text;
begin
  set local session_replication_role = replica;
  lock table {names} in exclusive mode;
  if exists (
    select from unnest(array[{array}]) as it (name)
     where pg_relation_size(it.name::regclass) > 1024 * 1024
  ) then
    truncate {names};
  else
    foreach name in array array[{array}] loop
      execute format('delete from %I', name);
    end loop;
  end if;
end
$$
"""


def pytest_collection_finish() -> None:
    """Leave out of every garbage collection what is loaded by now: it stays."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _locks_are_taken_in_order() -> Iterator[None]:
    """A lock out of order is an error here, while production only logs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "LOCK_ORDER_RAISES", True, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _transactional_tests_leave_little_to_clean() -> Iterator[None]:
    """After such a test Django truncates all tables and makes its own rows anew.

    Deleting the few rows of a test takes a twentieth of the time. As a replica, which
    only the flush claims to be, triggers do not fire: append-only tables are emptied,
    and no foreign key is looked after.
    """

    def sql_flush(
        self: DatabaseOperations, style: Style, tables: list[str], **options: bool
    ) -> list[str]:
        emptied = sorted(set(tables) - _KEPT)
        names = ", ".join(map(self.quote_name, emptied))
        return [_FLUSH.format(names=names, array=", ".join(map(repr, emptied)))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *words, **more: None)
        yield


@pytest.fixture(autouse=True)
def _nobodys_language_or_clock() -> Iterator[None]:
    """What a test's request or command activated must not reach the next test."""
    yield
    translation.deactivate()
    timezone.deactivate()
