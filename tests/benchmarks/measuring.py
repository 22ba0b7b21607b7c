"""Measures what a piece of work takes, in this process and in the database's.

Other work on the machine stretches the time on the wall, not the time on the
processors: shares are taken of the latter, where the server runs on this machine.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.db import connection

_EVERY_S = 0.01


@dataclass
class Taken:
    """Seconds, and the most memory above where it began, in MB without shared pages."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    python_mb: float = 0.0
    server_mb: float = 0.0

    def __iadd__(self, other: "Taken") -> "Taken":
        self.wall_s += other.wall_s
        self.cpu_s += other.cpu_s
        self.python_mb = max(self.python_mb, other.python_mb)
        self.server_mb = max(self.server_mb, other.server_mb)
        return self


@dataclass(frozen=True)
class Way:
    """One way of doing `done` things, and what it took."""

    name: str
    done: int
    taken: Taken

    def share_of(self, limit: "Way") -> float:
        """Return how much this does where the limit does 1, by processor time."""
        return (self.done / self.taken.cpu_s) / (limit.done / limit.taken.cpu_s)


def heading(things: str) -> None:
    """Begin a table of ways to do such things."""
    print(
        f"\n{'':38} {things + '/s':>12} {'a CPU second':>13} {'of limit':>9} "
        f"{'target':>7} {'python MB':>10} {'server MB':>10}"
    )


def show(way: Way, limit: Way | None = None, target: float | None = None) -> float:
    """Print one row of the table and return the share of the limit, if there is one."""
    share, taken = way.share_of(limit or way), way.taken
    print(
        f"{way.name:38} {way.done / taken.wall_s:12,.0f} "
        f"{way.done / taken.cpu_s:13,.0f} {f'{share:.2f}' if limit else '':>9} "
        f"{target or '':>7} {taken.python_mb:10.1f} {taken.server_mb:10.1f}"
    )
    return share


@contextmanager
def measured() -> Iterator[Taken]:
    """Measure what the block does in this process and on this thread's connection."""
    taken = Taken()
    here, server = psutil.Process(), _backend()
    watched = [here, *([server] if server else [])]
    before_mb = {each.pid: _anonymous_mb(each.pid) for each in watched}
    peaks, is_over = dict(before_mb), threading.Event()

    def watch() -> None:
        while not is_over.wait(_EVERY_S):
            for pid in peaks:
                peaks[pid] = max(peaks[pid], _anonymous_mb(pid))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    cpu, wall = _cpu_s(watched), time.perf_counter()
    try:
        yield taken
    finally:
        taken.wall_s = time.perf_counter() - wall
        taken.cpu_s = _cpu_s(watched) - cpu
        is_over.set()
        watcher.join()
        taken.python_mb = peaks[here.pid] - before_mb[here.pid]
        if server:
            taken.server_mb = peaks[server.pid] - before_mb[server.pid]


def _backend() -> psutil.Process | None:
    """Return the server's process for this connection, None on another machine."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        process = psutil.Process(pid)
        return process if process.name().startswith("postgres") else None
    except psutil.NoSuchProcess:
        return None


def _cpu_s(processes: list[psutil.Process]) -> float:
    times = [each.cpu_times() for each in processes]
    return sum(each.user + each.system for each in times)


def _anonymous_mb(pid: int) -> float:
    # Without the pages of shared buffers, which a backend comes to know one by one.
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    return 0.0
