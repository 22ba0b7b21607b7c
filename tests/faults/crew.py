"""Real workers and schedulers over the test's own database, for the tests to kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
from django.db import connection

from affiliate.common import embedded
from affiliate.common.embedded import launch
from tests.faults.holding import users_of
from tests.killing import kill_all
from tests.web_server import ROOT, database_url

PATIENCE_S = 180
_WAITERS = """
select count(*) from pg_stat_activity
 where application_name = %s and wait_event_type = 'Lock'
"""


class Crew:
    """A Valkey of its own, and the processes that work off it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.valkey = embedded.Valkey(folder / "valkey")
        self.members: list[Member] = []

    def __enter__(self) -> "Crew":
        self.valkey.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        for member in self.members:
            member.kill()
        self.valkey.stop()

    @property
    def broker(self) -> str:
        return embedded.broker_url(self.valkey.url)

    @property
    def env(self) -> dict[str, str]:
        """What leads a process of the product to the test's database and our Valkey."""
        url = database_url(connection.settings_dict)
        return {
            "DATABASE_URL": url,
            "DATABASE_OWNER_URL": url,
            "REDIS_URL": self.valkey.url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "CLICK_SPOOL_DIR": str(self.folder / "clicks"),
        }

    def worker(self, name: str = "worker", children: int = 2, **env: str) -> "Member":
        """Start a worker; its connections to the database carry its name."""
        words = ["worker", "--concurrency", str(children), "-n", f"{name}@%h"]
        return self._start(name, [*words, "--without-mingle", "--without-gossip"], env)

    def beat(self, name: str = "beat", **env: str) -> "Member":
        """Start a scheduler with a memory of its own."""
        memory = str(self.folder / name)
        return self._start(name, ["beat", "--schedule", memory, "--pidfile="], env)

    def _start(self, name: str, words: list[str], env: dict[str, str]) -> "Member":
        app = env.pop("app", "affiliate")
        member = Member(
            [sys.executable, "-m", "celery", "-A", app, *words, "-l", "info"],
            {**os.environ, **self.env, "PGAPPNAME": name, **env},
            self.folder / f"{name}.log",
        )
        self.members.append(member)
        return member

    def crash_valkey(self) -> None:
        """kill -9, and start it again over what its journal holds."""
        kill_all(users_of(self.valkey.data_dir))
        until(lambda: not self.valkey.is_ready(), "Valkey goes")
        self.valkey.start()


class Member:
    """One worker or scheduler with its children, a process group of its own."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path) -> None:
        self.log, self._command, self._env = log, command, env
        self._start()

    def revive(self) -> None:
        """Start it again if it has ended, as whoever watches over it would."""
        if self.process.poll() is not None:
            self._start()

    def _start(self) -> None:
        # It ends with us, also when we are killed.
        words = [os.getpid(), int(signal.SIGKILL), os.geteuid(), os.getegid(), ROOT]
        start = [sys.executable, "-I", "-S", launch.__file__]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*start, *map(str, words), *self._command],
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def kill_child(self) -> None:
        """kill -9 for every child of the pool; the parent lives and starts new ones."""
        kill_all(self.children())

    def kill(self) -> None:
        """kill -9 for all of them at once."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def said(self, words: str) -> int:
        """Return how often the log says these words."""
        return self.log.read_text(errors="replace").count(words)


def until(done: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
    """Wait for something, and fail by its name."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"it did not happen in time: {what}"
        time.sleep(0.05)


@contextmanager
def held(table: str, mode: str = "share") -> Iterator[psycopg.Connection[Any]]:
    """Keep a table locked: writers wait in the middle of their transaction."""
    with psycopg.connect(database_url(connection.settings_dict)) as holder:
        holder.execute(f"lock table {table} in {mode} mode")
        yield holder
        holder.rollback()


def is_stuck(name: str) -> bool:
    """Say whether a process of this name waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITERS, [name])
        return bool(cursor.fetchone()[0])
