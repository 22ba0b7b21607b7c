"""The whole stack on one machine: servers, tables, worker with beat, web."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

from affiliate.common import embedded
from affiliate.common.embedded import process, roles

ROOT = embedded.LOCAL_DIR.parent
# What the application may add to but never change (safety.md I2).
APPEND_ONLY = ("payouts_ledgerentry", "payouts_ledgerleg", "audit_entry")
_PATIENCE_S = 60


class PortTaken(process.CannotStart):
    """Another program listens on the port."""


@dataclass(frozen=True)
class Stack:
    """Where the running stack answers."""

    url: str
    addresses: embedded.Addresses


@contextmanager
def running(port: int, *, workers: int = 2) -> Iterator[Stack]:
    """Run everything on this machine until the block ends; on Linux, until we die.

    Starts what the environment does not name, brings the tables up to date as their
    owner, and then only the application's role is used. Starting it again over the
    same data changes nothing. Raises CannotStart with the reason and the way out.
    """
    _demand_free(port)
    with ExitStack() as stack:
        found = stack.enter_context(embedded.services(embedded.LOCAL_DIR))
        _migrate(found)
        life = process.try_lock(embedded.LOCAL_DIR / "stack.alive")
        if life is None:
            raise process.CannotStart(
                "The stack already runs in this folder: stop it first (Ctrl-C there)."
            )
        stack.enter_context(life)
        for name, command in _commands(port, workers).items():
            child = process.spawn(
                command,
                folder=ROOT,
                log=embedded.LOCAL_DIR / f"{name}.log",
                life=life,
                goodbye=SIGTERM,
                account=None,
            )
            stack.callback(_stop, child)
        url = f"http://127.0.0.1:{port}"
        _await(f"{url}/healthz")
        yield Stack(url, found)


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


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(SIGTERM)
    try:
        child.wait(20)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
