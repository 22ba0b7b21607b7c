"""A Valkey server of our own: Redis's protocol, on a socket in one folder."""

import signal
import socket
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from affiliate.common.embedded import binaries, sockets
from affiliate.common.embedded.server import Server

_SOCKET = "r.sock"


def address(data_dir: Path) -> str:
    """Return the URL of the server of `data_dir`, as redis-py and Django spell it."""
    return f"unix://{quote(str(sockets.short(data_dir.absolute()) / _SOCKET))}"


def broker_url(redis_url: str) -> str:
    """Return the same server as Celery spells it.

    `unix:///run/r.sock?db=1` becomes `redis+socket:///run/r.sock?virtual_host=1`; any
    other URL means the same to both and comes back as it is.
    """
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = [
        ("virtual_host" if name == "db" else name, value)
        for name, value in parse_qsl(parts.query)
    ]
    if "virtual_host" not in dict(query):
        query.append(("virtual_host", "0"))
    return f"redis+socket://{parts.netloc}{parts.path}?{urlencode(query)}"


class Valkey(Server):
    """The Valkey server of one folder.

    `durable` keeps a journal, synced every second; without it everything is gone when
    the server ends. It never drops a key to make room: jobs wait here.
    """

    program = "Valkey"
    goodbyes = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))

    @property
    def url(self) -> str:
        """The server's URL for redis-py; `broker_url` turns it into Celery's."""
        return address(self.data_dir)

    def is_ready(self) -> bool:
        """Tell whether the server of this folder answers, whoever started it."""
        # Asked by hand: the settings import this, and redis-py takes 0.2 s to import.
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(str(sockets.short(self.data_dir) / _SOCKET))
                client.sendall(b"PING\r\n")
                return client.recv(16) == b"+PONG\r\n"
        except OSError:
            return False

    def _prepare(self, life: BinaryIO) -> None:
        self.data_dir.mkdir(mode=0o700, exist_ok=True)

    def _command(self) -> list[str]:
        return [
            str(binaries.valkey()),
            *("--port", "0"),
            # Relative to the data, so that it fits however long the path is.
            *("--dir", ".", "--unixsocket", _SOCKET, "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "yes" if self.durable else "no"),
            *("--maxmemory-policy", "noeviction", "--loglevel", "warning"),
        ]
