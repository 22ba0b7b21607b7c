"""Locks, and processes that live no longer than the one that starts them."""

import fcntl
import os
import pwd
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import Signals
from typing import BinaryIO

from affiliate.common.embedded import launch

_LOG_BYTES = 10 * 1024 * 1024


class CannotStart(RuntimeError):  # noqa: N818  named for the state, as the house does
    """A server cannot be started here; the message says what to do about it."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`, waiting for whoever has it."""
    with _private(path) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def try_lock(path: Path) -> BinaryIO | None:
    """Return the open, locked file at `path`, or None while somebody holds it.

    The lock belongs to the open file, so a child that inherits it holds it until the
    last process of its family is gone, however that family ends.
    """
    handle = _private(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def spawn(
    command: list[str],
    *,
    folder: Path,
    log: Path,
    life: BinaryIO,
    goodbye: Signals,
    account: pwd.struct_passwd | None,
) -> subprocess.Popen[bytes]:
    """Start `command` in `folder`, as `account` where given, writing to `log`.

    It inherits the locked file `life`. On Linux it gets `goodbye` when this process
    dies, however it dies; elsewhere an abandoned server is shared by the next start.

    Raises CannotStart outside the main thread: Linux sends the signal when the
    *thread* that started the process ends.
    """
    if threading.current_thread() is not threading.main_thread():
        raise CannotStart("Start servers from the main thread: they end with theirs.")
    trim(log)
    uid, gid = (account[2], account[3]) if account else (os.geteuid(), os.getegid())
    words = [os.getpid(), int(goodbye), uid, gid, folder, *command]
    with _private(log) as output:
        return subprocess.Popen(  # noqa: S603  (the words are ours)
            [sys.executable, "-I", "-S", launch.__file__, *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[life.fileno()],
            env=_environment(),
            # Ctrl-C reaches the starter alone, which then stops its servers in order.
            start_new_session=True,
        )


def trim(log: Path) -> None:
    """Put a log that has grown past 10 MB aside, where the one before is dropped.

    Its writers go on: they append, wherever the end is.
    """
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        shutil.copyfile(log, log.with_name(log.name + ".1"))
        os.truncate(log, 0)


def tail(log: Path) -> str:
    """Return the end of `log`, for an error message."""
    try:
        return log.read_bytes()[-2000:].decode(errors="replace").strip()
    except FileNotFoundError:
        return ""


def _private(path: Path) -> BinaryIO:
    # Nobody else may hold our locks, or read in our logs.
    return open(path, "ab", opener=lambda it, flags: os.open(it, flags, 0o600))


def _environment() -> dict[str, str]:
    # PGDATA, PGPORT and their kin would steer a server that is not theirs.
    kept = {name: it for name, it in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
