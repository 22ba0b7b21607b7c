"""Commands typed at a prompt: what is wrong is said in a line, and in one language."""

import os
import subprocess
import sys

import pytest

from tests.web_server import ROOT


def typed(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("settle --at yesterday", "'yesterday' is not an instant with an offset"),
        (
            "settle --at 2026-11-03T10:00:00",
            "'2026-11-03T10:00:00' is not an instant with an offset, such as",
        ),
        ("settle --at 2026-13-03T10:00:00Z", "is not an instant: month must be in"),
        ("open_run --period 2026-13", "'2026-13' is not a month such as 2026-10."),
        ("open_run --period october", "'october' is not a month such as 2026-10."),
    ],
)
def test_a_wrong_argument_is_told_without_a_traceback(words, problem):
    done = typed(*words.split())

    assert done.returncode == 2
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert "usage: manage.py" in done.stderr
