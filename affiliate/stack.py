"""The whole stack on one machine: servers, tables, worker with beat, web."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM
from typing import BinaryIO

from affiliate.common import embedded
from affiliate.common.embedded import process, roles

ROOT = Path(__file__).resolve().parent.parent
# What the application may add to but never change (safety.md I2).
APPEND_ONLY = (
    "payouts_ledgerentry",
    "payouts_ledgerleg",
    "audit_entry",
    "shops_termsversion",
    "creators_termsacceptance",
)
_PATIENCE_S = 60
_LOOKS_EVERY_S = 1.0
# Who dies again at once is started ever later.
_LONGEST_PAUSE_S, _LIVED_WELL_S = 30.0, 30.0


class PortTaken(process.CannotStart):
    """Another program listens on the port."""


class Child:
    """One process of the stack, started again when it dies, each time later."""

    _due_at: float | None  # when to start it again, once it is seen dead

    def __init__(self, name: str, command: list[str], life: BinaryIO) -> None:
        self.name, self.log = name, embedded.LOCAL_DIR / f"{name}.log"
        self._command, self._life = command, life
        self._early_deaths = 0
        self._start()

    def revive(self) -> bool:
        """Start it again if it is dead and its pause is over; say whether it was."""
        if self._process.poll() is None:
            return False
        now = time.monotonic()
        if self._due_at is None:
            has_lived_well = now - self._started_at > _LIVED_WELL_S
            self._early_deaths = 0 if has_lived_well else self._early_deaths + 1
            self._due_at = now + min(2**self._early_deaths, _LONGEST_PAUSE_S)
        if now < self._due_at:
            return False
        with suppress(ProcessLookupError):
            # Its own children, which would keep its port and its work.
            os.killpg(self._process.pid, SIGKILL)
        self._start()
        return True

    def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        self._process.send_signal(SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> None:
        self._process = process.spawn(
            self._command,
            folder=ROOT,
            log=self.log,
            life=self._life,
            goodbye=SIGTERM,
            account=None,
        )
        self._started_at = time.monotonic()
        self._due_at = None


@dataclass(frozen=True)
class Stack:
    """Where the running stack answers, and what it consists of."""

    url: str
    addresses: embedded.Services
    children: tuple[Child, ...]

    def watch(self, tell: Callable[[str], object]) -> None:
        """Start again whatever dies, and tell of it, until Ctrl-C or SIGTERM.

        Call it from the main thread. What cannot start is tried again, ever later.
        """
        is_over = threading.Event()
        for number in (SIGINT, SIGTERM):
            signal.signal(number, lambda *_: is_over.set())
        pause_s = _LOOKS_EVERY_S
        while not is_over.wait(pause_s):
            try:
                revived, pause_s = self.addresses.revive(), _LOOKS_EVERY_S
            except process.CannotStart as error:
                tell(str(error))
                revived, pause_s = [], min(2 * pause_s, _LONGEST_PAUSE_S)
            revived += [child.name for child in self.children if child.revive()]
            for name in revived:
                tell(f"{name} had died and was started again.")
            for child in self.children:
                process.trim(child.log)


@contextmanager
def running(port: int, *, workers: int = 2) -> Iterator[Stack]:
    """Run everything on this machine until the block ends; on Linux, until we die.

    Starts what the environment does not name, brings the tables up to date as their
    owner, and then only the application's role is used. Starting it again over the
    same data changes nothing. Raises CannotStart with the reason and the way out.
    """
    _demand_free(port)
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        found = stack.enter_context(embedded.services(embedded.LOCAL_DIR))
        _migrate(found)
        life = process.try_lock(embedded.LOCAL_DIR / "stack.alive")
        if life is None:
            raise process.CannotStart(
                "The stack already runs in this folder: stop it first (Ctrl-C there)."
            )
        stack.enter_context(life)
        stack.enter_context(_site_at(url))
        children = []
        for name, command in _commands(port, workers).items():
            children.append(Child(name, command, life))
            stack.callback(children[-1].stop)
        _await(f"{url}/healthz")
        yield Stack(url, found, tuple(children))


@contextmanager
def _site_at(url: str) -> Iterator[None]:
    """Let links lead to where the web process listens, unless SITE_URL says where."""
    if os.environ.get("SITE_URL"):
        yield
        return
    os.environ["SITE_URL"] = url
    try:
        yield
    finally:
        del os.environ["SITE_URL"]


def _migrate(found: embedded.Addresses) -> None:
    """Bring the tables up to date in a process of its own, which is their owner."""
    environment = {
        **os.environ,
        "DATABASE_URL": found.owner_url,
        "DATABASE_OWNER_URL": found.owner_url,
        "REDIS_URL": found.redis_url,
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise process.CannotStart(f"The migrations failed:\n{done.stderr[-2000:]}")
    role = roles.role_of(found.database_url)
    roles.grant(found.owner_url, append_only=APPEND_ONLY, role=role)


def _commands(port: int, workers: int) -> dict[str, list[str]]:
    tools = Path(sys.executable).parent
    celery = [str(tools / "celery"), "-A", "affiliate"]
    return {
        "worker": [*celery, "worker", "--concurrency", str(workers), "-l", "warning"],
        "beat": [
            *celery,
            "beat",
            "-l",
            "warning",
            "--schedule",
            str(embedded.LOCAL_DIR / "beat"),
            "--pidfile",
            "",
        ],
        "web": [
            str(tools / "granian"),
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--workers",
            str(workers),
            # No more at a time than the pool has connections for.
            "--blocking-threads",
            "4",
            "affiliate.wsgi:application",
        ],
    }


def _demand_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} is taken: stop what listens there, or name another with"
                " --port."
            ) from error


def _await(url: str) -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  (our own server)
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if time.monotonic() > end:
                log = process.tail(embedded.LOCAL_DIR / "web.log")
                raise process.CannotStart(
                    f"The web server does not answer: {error}\n{log}"
                ) from error
            time.sleep(0.1)
