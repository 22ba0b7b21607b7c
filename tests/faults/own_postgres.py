"""A PostgreSQL that a test may kill, so that no other test misses it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from affiliate.common.embedded import Postgres, roles
from tests.web_server import ROOT


@contextmanager
def migrated(folder: Path, setup: str) -> Iterator[Postgres]:
    """Hold a server with the product's tables, filled by these lines of Python."""
    server = Postgres(folder)
    server.start()
    try:
        run("manage.py", "migrate", "--verbosity=0", env=owner(server))
        roles.grant(server.url, append_only=[])
        run("-c", f"import django\ndjango.setup()\n{setup}", env=owner(server))
        yield server
    finally:
        server.stop()


def owner(postgres: Postgres) -> dict[str, str]:
    """Return what leads a process there as the owner of the tables."""
    return {
        "DATABASE_URL": postgres.url,
        "DATABASE_OWNER_URL": postgres.url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }


def connected(postgres: Postgres) -> psycopg.Connection:
    return psycopg.connect(postgres.url, autocommit=True)


def start(*arguments: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def run(*arguments: str, env: dict[str, str]) -> None:
    assert start(*arguments, env=env).wait() == 0, arguments


def kill(postgres: Postgres) -> None:
    """kill -9 for the first process; the others notice, and all memory is lost."""
    pid_file = postgres.data_dir / "postmaster.pid"
    os.kill(int(pid_file.read_text().split("\n")[0]), signal.SIGKILL)
    while postgres.is_ready():
        time.sleep(0.01)
