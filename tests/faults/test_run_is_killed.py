"""A worker dies at each step of a run, three times, and the next one goes on (Y6).

The result is compared with that of a run nobody disturbed, over copies of one database:
payouts, skips, states, entries, sums, and every byte of the bank's file.
"""

import ast
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Self

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


class Payers:
    """Processes that each pay a month, over whichever database they are told."""

    def __init__(self, folder: Path) -> None:
        self._outcome = folder / "outcome"
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.pay"],
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        os.killpg(self._parent.pid, signal.SIGKILL)
        self._parent.communicate()

    def work(self, url: str, folder: Path, die_at: str = "") -> int:
        """Return how the process ended, as subprocess would."""
        folder.mkdir(exist_ok=True)
        self._outcome.unlink(missing_ok=True)
        words = {"url": url, "folder": str(folder), "die_at": die_at}
        asked = json.dumps({**words, "outcome_in": str(self._outcome)})
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        print(asked, file=self._parent.stdin, flush=True)
        ready, _, _ = select.select([self._parent.stdout], [], [], SECONDS)
        assert ready, "it did not end in time"
        return int(self._parent.stdout.readline())

    def in_peace(self, url: str, folder: Path) -> dict[str, object]:
        assert self.work(url, folder) == 0
        found: dict[str, object] = json.loads(self._outcome.read_text())
        return found


@pytest.fixture
def payers(tmp_path: Path) -> Iterator[Payers]:
    with Payers(tmp_path) as payers:
        yield payers


def test_killed_at_any_step_it_resumes_to_the_same_result(
    owed: None, payers: Payers, tmp_path: Path
) -> None:
    with copy_of_the_database() as url:
        expected = payers.in_peace(url, tmp_path / "calm")
    assert expected["findings"] == []
    assert len(expected["payouts"]) == PEOPLE - 1

    for step in STEPS:
        with copy_of_the_database() as url:
            for _ in range(KILLS):
                ended = payers.work(url, tmp_path / step, die_at=step)
                assert ended == -signal.SIGKILL, step
            assert payers.in_peace(url, tmp_path / step) == expected, step


def test_a_run_that_is_done_changes_nothing_when_it_is_done_again(
    owed: None, payers: Payers, tmp_path: Path
) -> None:
    with copy_of_the_database() as url:
        once = payers.in_peace(url, tmp_path / "a")
        assert payers.in_peace(url, tmp_path / "a") == once


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
