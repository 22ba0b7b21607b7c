"""Other processes that hold servers, for the tests to kill and to compare."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from affiliate.common.embedded import Addresses

PROJECT = Path(__file__).resolve().parents[2]
SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


def environment(**changes: str) -> dict[str, str]:
    """Return ours without the suite's own servers, and with `changes`."""
    kept = {name: it for name, it in os.environ.items() if name not in SERVERS}
    kept["PYTHONPATH"] = f"{PROJECT}:{kept.get('PYTHONPATH', '')}"
    return {**kept, **changes}


class Holder:
    """A process that starts or shares the servers of `root`."""

    def __init__(
        self,
        root: Path,
        python: str = sys.executable,
        project: Path = PROJECT,
        uid: int | None = None,
        **changes: str,
    ) -> None:
        self.process = subprocess.Popen(
            [python, str(project / "tests/faults/hold.py"), str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env=environment(**changes),
            text=True,
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.communicate()

    def addresses(self) -> Addresses:
        """Wait until its servers answer."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        return Addresses(**json.loads(line))


def users_of(folder: Path) -> list[psutil.Process]:
    """Return the processes that stand in `folder`, as a server does in its data.

    They may end at any time; `info` keeps the `uids` that each was found with.
    """
    return [
        process
        for process in psutil.process_iter(["cwd", "uids"])
        if process.info["cwd"] == str(folder.resolve())
    ]
