"""requirements.txt is what pyproject.toml resolves to, for people without uv."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed here")
def test_the_requirements_are_those_of_the_project() -> None:
    exported = subprocess.run(
        ["uv", "export", "--no-emit-project", "--no-dev", "--quiet"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    def without_comments(text: str) -> list[str]:
        return [line for line in text.splitlines() if "#" not in line]

    written = (ROOT / "requirements.txt").read_text()
    assert without_comments(written) == without_comments(exported)
