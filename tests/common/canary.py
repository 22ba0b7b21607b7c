"""A server inside our walls that counts who reaches it."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Route = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: "Canary"
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        self.server.routes.get(self.path.partition("?")[0], ok)(self)

    do_GET = do_POST = do_HEAD = _answer  # noqa: N815  the library's names

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Canary(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.routes: dict[str, Route] = {}

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.seen]

    def handle_error(self, *_: object) -> None:
        """Stay silent: a cut line is what the tests are about."""


def ok(handler: Handler) -> None:
    handler.send(200, b"chirp", Content_Type="text/plain")


def to(location: str, status: int = 302) -> Route:
    return lambda handler: handler.send(status, Location=location)


def drip(handler: Handler) -> None:
    """Send one byte of a header now and then, without end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(200):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def drip_body(handler: Handler) -> None:
    """Answer without a length, one byte now and then."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(200):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def cut_short(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    handler.close_connection = True


def chunked(size: int) -> Route:
    def send(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(size // 1000):
            handler.wfile.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    return send


@contextmanager
def singing(trust: ssl.SSLContext | None = None) -> Iterator[Canary]:
    canary = Canary()
    if trust is not None:
        canary.socket = trust.wrap_socket(canary.socket, server_side=True)
    thread = threading.Thread(target=canary.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield canary
    finally:
        canary.shutdown()
        canary.server_close()
        thread.join(5)


def dial_to(canary: Canary) -> Callable[[str, int, float], socket.socket]:
    """Return a dialler that reaches the canary, whatever address it is given."""
    return lambda address, port, timeout_s: socket.create_connection(
        ("127.0.0.1", canary.port), timeout_s
    )
