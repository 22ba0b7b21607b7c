"""A worker dies at each step of a run, three times, and the next one goes on (Y6).

The result is compared with that of a run nobody disturbed, over copies of one database:
payouts, skips, states, entries, sums, and every byte of the bank's file.
"""

import ast
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from payouts import commissions
from payouts.models import TaxProfile
from tests import copies
from tests.faults import market
from tests.web_server import ROOT, database_url

pytestmark = [pytest.mark.faults, pytest.mark.slow]

PEOPLE = 7
SECONDS = 120
KILLS = 3
STEPS = (
    "runs.claimed",
    "runs.payouts_added",
    "runs.lines_added",
    "runs.chunk_built",
    "runs.file_written",
    "runs.marked_sent",
    "runs.some_paid",
)
# Dies in the task, before anything of the run is done: see test_runs_are_shared.
ELSEWHERE = {"runs.opened"}
_numbers = count()


@pytest.fixture
def owed(transactional_db: None) -> None:
    """Leave creators who are owed money; one has no tax profile, one too little."""
    creators = market.people(PEOPLE)
    TaxProfile.objects.filter(creator=creators[2]).delete()
    market.sell(market.shop(creators), 70, PEOPLE)
    market.sweep()
    assert commissions.approve(at=market.LATER)


@contextmanager
def copy_of_the_database() -> Iterator[str]:
    """Give the URL of a copy; it is dropped afterwards."""
    name = f"copy_{os.getpid()}_{next(_numbers)}"
    template = connection.settings_dict["NAME"]
    server = database_url({**connection.settings_dict, "NAME": "postgres"})
    with psycopg.connect(server, autocommit=True) as owner:
        copies.make(owner, name, template)
        try:
            yield database_url({**connection.settings_dict, "NAME": name})
        finally:
            owner.execute(f'drop database "{name}" with (force)')


def work(
    url: str, folder: Path, die_at: str = ""
) -> "subprocess.CompletedProcess[str]":
    folder.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.pay", str(folder)],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": url,
            "DATABASE_OWNER_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DIE_AT_STEP": die_at,
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def in_peace(url: str, folder: Path) -> dict[str, object]:
    done = work(url, folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_killed_at_any_step_it_resumes_to_the_same_result(
    owed: None, tmp_path: Path
) -> None:
    with copy_of_the_database() as url:
        expected = in_peace(url, tmp_path / "calm")
    assert expected["findings"] == []
    assert len(expected["payouts"]) == PEOPLE - 1

    for step in STEPS:
        with copy_of_the_database() as url:
            for _ in range(KILLS):
                died = work(url, tmp_path / step, die_at=step)
                assert died.returncode == -signal.SIGKILL, (step, died.stderr)
            assert in_peace(url, tmp_path / step) == expected, step


def test_a_run_that_is_done_changes_nothing_when_it_is_done_again(
    owed: None, tmp_path: Path
) -> None:
    with copy_of_the_database() as url:
        assert in_peace(url, tmp_path / "a") == in_peace(url, tmp_path / "a")


def test_every_step_of_a_run_is_died_at_here() -> None:
    found = {
        step
        for path in (ROOT / "payouts").rglob("*.py")
        for step in _steps(path.read_text())
    }

    assert found == {*STEPS, *ELSEWHERE}


def _steps(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "steps.reached":
            yield ast.literal_eval(node.args[0])


def test_the_reading_of_steps_finds_what_it_should() -> None:
    assert list(_steps("steps.reached('runs.x')")) == ["runs.x"]
    assert list(_steps("reached('runs.x')")) == []
