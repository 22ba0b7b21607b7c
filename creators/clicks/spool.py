"""Where an answered click is kept until the importer has it: files beside the server.

A process appends to a segment of its own, one write(2) a click before the click is
answered, and holds the segment's lock (flock) as long as it may write. A segment whose
lock is free, because it was closed or because its process is dead, is the importer's.
The folder must be on a local disk: locks over a network are another thing.
"""

import errno
import fcntl
import logging
import os
import re
import threading
import uuid
import weakref
from pathlib import Path

logger = logging.getLogger(__name__)

SUFFIX = ".clicks"
# A segment is born under this ending: nobody may take it before its lock is held.
NEWBORN = ".new"
# What the figures of a creator may lag behind, with the importer's own period.
_TURN_S = 2.0
_MOST_BYTES = 16 << 20
_line = re.compile(rb"([A-Za-z0-9_-]{43}) ([0-9a-f]{24})\n").fullmatch


def line(token: str, visitor: str) -> bytes:
    """Return the line of one click: its token, and 24 hex digits for its visitor."""
    return f"{token} {visitor}\n".encode("ascii")


def parse(text: bytes) -> tuple[str, str] | None:
    """Return token and visitor of a whole line, None for anything else."""
    found = _line(text)
    return (found[1].decode("ascii"), found[2].decode("ascii")) if found else None


class Spool:
    """The segments of one process, used by any number of its threads.

    A segment that was written to is closed after two seconds or 16 MB. `append` keeps
    the click through the death of the process; closing makes it survive a power cut.
    """

    def __init__(
        self, folder: Path, *, turn_s: float = _TURN_S, most_bytes: int = _MOST_BYTES
    ) -> None:
        self.folder = folder
        self._turn_s, self._most_bytes = turn_s, most_bytes
        self._begin()
        leave = weakref.WeakMethod(self._leave_to_parent)
        os.register_at_fork(after_in_child=lambda: (call := leave()) and call())

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._fd: int | None = None
        self._size = 0
        self._full: list[int] = []
        self._wake = threading.Event()
        self._closer: threading.Thread | None = None

    def _leave_to_parent(self) -> None:
        # A child that kept them open would hold their locks after its parent's death.
        for fd in (*self._full, *([] if self._fd is None else [self._fd])):
            os.close(fd)
        self._begin()

    def append(self, text: bytes) -> None:
        """Write one line, so that it survives the death of this process.

        Raises OSError if it could not be kept whole (disk full, no permission): then
        nothing of it stays and the click must not be answered.
        """
        with self._lock:
            fd = self._start() if self._fd is None else self._fd
            try:
                if os.write(fd, text) != len(text):
                    raise OSError(errno.ENOSPC, "only a part of a click was taken")
            except OSError:
                self._take_back(fd)
                raise
            self._size += len(text)
            if self._size >= self._most_bytes:
                self._retire()
                self._wake.set()

    def close(self) -> None:
        """Give what is open to the importer; the next click begins another segment."""
        with self._lock:
            self._retire()
        self._finish_full()

    def _take_back(self, fd: int) -> None:
        try:
            os.ftruncate(fd, self._size)
        except OSError:
            # The torn line stays the last of its segment, where it can be told.
            self._retire()

    def _retire(self) -> None:
        if self._fd is not None:
            self._full.append(self._fd)
        self._fd, self._size = None, 0

    def _start(self) -> int:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{os.getpid()}-{uuid.uuid4().hex}{SUFFIX}"
        newborn = path.with_suffix(NEWBORN)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        fd = os.open(newborn, flags, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            newborn.rename(path)
        except OSError:
            os.close(fd)
            newborn.unlink(missing_ok=True)
            raise
        self._fd, self._size = fd, 0
        if self._closer is None:
            self._closer = threading.Thread(
                target=self._keep_turning, name="click-spool", daemon=True
            )
            self._closer.start()
        return fd

    def _keep_turning(self) -> None:
        while True:
            self._wake.wait(self._turn_s)
            self._wake.clear()
            with self._lock:
                if self._size:
                    self._retire()
            self._finish_full()

    def _finish_full(self) -> None:
        """Flush and let go, outside the lock: no click waits for the disk."""
        with self._lock:
            full, self._full = self._full, []
        for fd in full:
            try:
                os.fsync(fd)
            except OSError:
                logger.exception("a click segment may not survive a power cut")
            finally:
                os.close(fd)
        if full:
            self._sync_folder()

    def _sync_folder(self) -> None:
        try:
            fd = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
        except OSError:
            logger.exception("a click segment may not survive a power cut")
