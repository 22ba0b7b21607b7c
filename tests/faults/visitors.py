"""Visitors who note every click id they were answered with."""

import re
import socket
import threading
import time
from collections import Counter

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_CLICK = re.compile(rb"[?&]cid=([A-Za-z0-9_-]{43})")


class Visitors:
    """A crowd that follows one link until it is told to go."""

    def __init__(self, port: int, slug: str, many: int = 8) -> None:
        self._port = port
        self._request = (
            f"GET /l/{slug} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"User-Agent: {AGENT}\r\n\r\n"
        ).encode()
        self.click_ids: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.hung_up = 0
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._visit) for _ in range(many)]

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int, within_s: float = 30) -> None:
        """Wait until so many more clicks were answered."""
        wanted, deadline = len(self.click_ids) + more, time.monotonic() + within_s
        while len(self.click_ids) < wanted:
            assert time.monotonic() < deadline, (self.statuses, self.hung_up)
            time.sleep(0.01)

    def _visit(self) -> None:
        while not self._is_over.is_set():
            try:
                with socket.create_connection(
                    ("127.0.0.1", self._port), timeout=30
                ) as connection:
                    self._follow(connection)
            except OSError:
                self.hung_up += 1
                time.sleep(0.02)

    def _follow(self, connection: socket.socket) -> None:
        answers = connection.makefile("rb")
        while not self._is_over.is_set():
            connection.sendall(self._request)
            status, headers = int(answers.readline()[9:12] or 0), b""
            while (line := answers.readline()) not in {b"\r\n", b""}:
                headers += line
            if not line:
                raise ConnectionResetError  # cut off within an answer: no answer
            length = re.search(rb"(?i)content-length: (\d+)", headers)
            answers.read(int(length[1]) if length else 0)
            self.statuses[status] += 1
            if status == 302:
                self.click_ids.append(_CLICK.search(headers)[1].decode())
