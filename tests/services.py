"""Give each pytest process servers of its own, before Django reads its settings.

Loaded by `-p tests.services`. They live in a folder that goes when pytest ends. When it
is killed they end with it, and the next run removes the folder.
"""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from affiliate.common import embedded
from affiliate.common.embedded import process

_PREFIX = f"marketplace-tests-{os.geteuid()}-"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config,
) -> Generator[None, object, object]:
    options = early_config.known_args_namespace
    if not options.help and not options.version:
        running = ExitStack()
        early_config.add_cleanup(running.close)
        _start(running)
    return (yield)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `servers` what may use the database: pytest-django lets no other."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.get_closest_marker("django_db") or "django_db_setup" in fixtures:
            item.add_marker("servers")


def _start(running: ExitStack) -> None:
    """Start what the environment does not name, and name all of it there."""
    folder = running.enter_context(_throwaway_folder())
    try:
        found = running.enter_context(embedded.services(folder, durable=False))
    except embedded.CannotStart as refusal:
        raise pytest.UsageError(str(refusal)) from refusal
    environment = running.enter_context(pytest.MonkeyPatch.context())
    # The suite makes its own database and tables, which takes the owner's role.
    environment.setenv("DATABASE_URL", found.owner_url)
    environment.setenv("DATABASE_OWNER_URL", found.owner_url)
    environment.setenv("REDIS_URL", found.redis_url)
    # Importing `affiliate` imports Celery's door, which names the product's own.
    environment.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")


@contextmanager
def _throwaway_folder() -> Iterator[Path]:
    for left_over in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):  # another run removes it, too
            if left_over.lstat().st_uid == os.geteuid():
                _remove_if_abandoned(left_over)
    folder, life = _fresh_folder()
    with life:
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def _fresh_folder() -> tuple[Path, BinaryIO]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            life = process.try_lock(folder / "alive")
        except FileNotFoundError:
            continue  # another run took it for abandoned before we could lock it
        if life is not None:
            return folder, life


def _remove_if_abandoned(folder: Path) -> None:
    try:
        life = process.try_lock(folder / "alive")
    except (FileNotFoundError, NotADirectoryError):
        return
    if life is not None:
        with life:
            # A server that is just dying may still write.
            shutil.rmtree(folder, ignore_errors=True)
