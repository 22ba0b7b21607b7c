"""`manage.py up` starts again what dies, and ends with everything it started."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests import web_server
from tests.faults.crew import PATIENCE_S

pytestmark = [pytest.mark.faults, pytest.mark.slow]

SERVED = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")


class Up:
    """The stack of a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "local", web_server.free_port()
        self.folder.mkdir()
        env = {name: it for name, it in os.environ.items() if name not in SERVED}
        self.said = folder / "said"
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port)],
                cwd=web_server.ROOT,
                env={**env, "LOCAL_DIR": str(self.folder)},
                stdout=said,
                stderr=said,
            )

    def answers(self, path: str) -> bool:
        try:
            url = f"http://127.0.0.1:{self.port}{path}"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def children(self) -> dict[str, psutil.Process]:
        """Return the stack's processes by what they are."""
        names = {"postgres": "PostgreSQL", "valkey-server": "Valkey"}
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                words = child.cmdline()
            except psutil.Error:
                continue  # just dead
            said = " ".join(words)
            name = next((names[key] for key in names if key in said), None)
            for job in ("worker", "beat"):
                if job in words:
                    name = job
            found[name or "web"] = child
        return found

    def until(self, done, what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not done():
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < end, f"{what}\n{self.said.read_text()}"
            time.sleep(0.2)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    stack = Up(tmp_path)
    try:
        stack.until(lambda: stack.answers("/readyz"), "the stack answers")
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.process.kill()
            stack.process.wait()


def test_whatever_is_killed_is_started_again_and_told(up: Up) -> None:
    for name in ("worker", "beat", "web", "PostgreSQL", "Valkey"):
        before = up.children()
        before[name].kill()

        def is_back(name: str = name, old: int = before[name].pid) -> bool:
            now = up.children().get(name)
            return now is not None and now.pid != old

        up.until(is_back, f"{name} is started again")
        up.until(lambda: up.answers("/readyz"), f"all answers after {name}")
        assert f"{name} had died and was started again." in up.said.read_text()

    family = psutil.Process(up.process.pid).children(recursive=True)
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(60) == 0
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []


def test_links_lead_to_where_the_stack_listens(up: Up) -> None:
    (web,) = [it for name, it in up.children().items() if name == "web"]

    assert web.environ()["SITE_URL"] == f"http://127.0.0.1:{up.port}"
