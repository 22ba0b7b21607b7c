"""Starts the product's own server on a free port, as a process that can be killed."""

import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psutil

from tests.killing import kill_all

ROOT = Path(__file__).resolve().parent.parent
_STARTS_WITHIN_S = 60
_ENDS_WITHIN_S = 20


@dataclass
class Server:
    """One granian with its workers."""

    process: subprocess.Popen[bytes]
    port: int
    errors: IO[bytes]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def processes(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer: started by the first one, from Python."""
        return self.processes()[1:]

    def cpu_s(self) -> float:
        times = [process.cpu_times() for process in self.processes()]
        return sum(one.user + one.system for one in times)

    def peak_mb(self) -> float:
        """Return the highest memory that one of the processes ever held."""
        return max(_peak_kb(process.pid) for process in self.processes()) / 1024

    def kill(self) -> None:
        """kill -9 for all of them at once: nothing is flushed or said."""
        kill_all(self.processes())
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                self.kill()
        self.errors.close()


def start(
    target: str,
    env: dict[str, str],
    *,
    workers: int = 2,
    threads: int = 1,
    port: int | None = None,
    largest_file: int | None = None,
) -> Server:
    """Serve a WSGI application, `module:name`, and return once it answers.

    `module:name()` names a function that makes the application. `largest_file` in
    bytes lets no file grow beyond it, as on a disk that is full.
    """
    port = port or free_port()
    errors = tempfile.TemporaryFile()  # noqa: SIM115  the server closes it
    command = [
        str(Path(sys.executable).with_name("granian")),
        *("--interface", "wsgi", "--no-ws", "--log-level", "critical"),
        *("--workers", str(workers), "--blocking-threads", str(threads)),
        *(("--factory",) if target.endswith("()") else ()),
        *("--port", str(port), target.removesuffix("()")),
    ]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        stdout=subprocess.DEVNULL,
        stderr=errors,
        preexec_fn=None if largest_file is None else _limit(largest_file),
    )
    server = Server(process, port, errors)
    try:
        _wait_until_it_answers(server, workers)
    except BaseException:
        server.stop()
        raise
    return server


@contextmanager
def serving(target: str, env: dict[str, str], **options: Any) -> Iterator[Server]:
    server = start(target, env, **options)
    try:
        yield server
    finally:
        server.stop()


def database_url(settings_dict: dict[str, Any], host: str | None = None) -> str:
    """Return the URL of a database as settings would take it, test names and all."""
    query = f"host={quote(host or settings_dict['HOST'])}"
    if settings_dict["PORT"]:
        query += f"&port={settings_dict['PORT']}"
    user, name = quote(settings_dict["USER"]), quote(settings_dict["NAME"])
    return f"postgresql://{user}@/{name}?{query}"


def _limit(largest_file: int) -> Callable[[], None]:
    limit = (largest_file, largest_file)
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(server: Server, workers: int) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            server.errors.seek(0)
            raise RuntimeError(f"the server ended: {server.errors.read().decode()}")
        if len(server.workers()) >= workers and _answers(server.port):
            return
        time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET /l/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            return connection.recv(12).startswith(b"HTTP/1.1 ")
    except OSError:
        return False


def _peak_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} has no memory")
