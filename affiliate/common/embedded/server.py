"""What PostgreSQL and Valkey have in common: one server a folder, shared or started."""

import time
from abc import ABC, abstractmethod
from pathlib import Path
from pwd import struct_passwd
from signal import Signals
from subprocess import Popen, TimeoutExpired
from typing import BinaryIO, ClassVar, Self

from affiliate.common.embedded import process, sockets
from affiliate.common.embedded.process import CannotStart

_POLL_SECONDS = 0.01


class Server(ABC):
    """A server whose data lie in one folder; its locks and log lie beside it."""

    program: ClassVar[str]
    # What to send, and how many seconds each may take before the next.
    goodbyes: ClassVar[tuple[tuple[Signals, float], ...]]

    def __init__(self, data_dir: Path, durable: bool = True) -> None:
        self.data_dir = data_dir.absolute()
        self.durable = durable
        self._process: Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Tell whether the server of this folder answers, whoever started it."""

    def start(self, timeout: float = 300.0) -> Self:
        """Start the server, or share the one that already answers.

        Returns when clients can connect; after a crash that may take as long as the
        recovery does, `timeout` seconds at most. Started again, it changes nothing.

        Raises CannotStart with the reason and the way out.
        """
        self.data_dir.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        deadline = time.monotonic() + timeout
        with process.locked(self._beside("lock")):
            if not self.is_ready():
                self._succeed(deadline)
        return self

    def stop(self) -> None:
        """Stop the server if it was started here; one that is shared goes on."""
        running, self._process = self._process, None
        if running is None:
            return
        for goodbye, seconds in self.goodbyes:
            if running.poll() is None:
                running.send_signal(goodbye)
                try:
                    running.wait(seconds)
                except TimeoutExpired:
                    continue
        running.wait()
        sockets.forget(self.data_dir)

    @abstractmethod
    def _prepare(self, life: BinaryIO) -> None:
        """Make the folder ready for a start; nobody else is using it."""

    @abstractmethod
    def _command(self) -> list[str]:
        """Return the words that run the server in the foreground."""

    def _account(self) -> struct_passwd | None:
        """Return the account to run as where it is not our own."""
        return None

    def _beside(self, suffix: str) -> Path:
        return self.data_dir.with_name(f"{self.data_dir.name}.{suffix}")

    def _succeed(self, deadline: float) -> None:
        """Start, unless an earlier server turns out to be alive after all."""
        if self._process is not None:
            self._process.poll()  # ours has crashed: let it leave the process table
        life = self._place(deadline)
        if life is None:
            return
        with life:
            self._prepare(life)
            self._process = self._spawn(self._command(), self.data_dir, life)
        try:
            while not self.is_ready():
                if self._process.poll() is not None:
                    raise CannotStart(self._sentence("It ended at once"))
                self._pause(deadline, "It does not answer")
        except BaseException:
            self.stop()
            raise

    def _place(self, deadline: float) -> BinaryIO | None:
        """Wait until the last process of an earlier server is gone.

        Returns the lock that the next one holds for life, or None when the earlier
        one answers.
        """
        while True:
            life = process.try_lock(self._beside("alive"))
            if life is not None or self.is_ready():
                return life
            self._pause(deadline, "An earlier server is still there")

    def _spawn(self, command: list[str], folder: Path, life: BinaryIO) -> Popen[bytes]:
        return process.spawn(
            command,
            folder=folder,
            log=self._beside("log"),
            life=life,
            goodbye=self.goodbyes[0][0],
            account=self._account(),
        )

    def _pause(self, deadline: float, trouble: str) -> None:
        if time.monotonic() > deadline:
            raise CannotStart(self._sentence(trouble))
        time.sleep(_POLL_SECONDS)

    def _sentence(self, trouble: str) -> str:
        log = self._beside("log")
        return (
            f"{self.program} cannot start in {self.data_dir}. {trouble}; "
            f"{log} ends with:\n{process.tail(log)}"
        )
