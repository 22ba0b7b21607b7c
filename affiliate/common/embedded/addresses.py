"""Where the servers are, and a while in which they run."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from affiliate.common.embedded import postgres, roles, valkey
from affiliate.common.embedded.postgres import Postgres
from affiliate.common.embedded.server import Server
from affiliate.common.embedded.valkey import Valkey


@dataclass(frozen=True)
class Addresses:
    """The URLs of the servers that the product stands on."""

    database_url: str  # the application's role
    owner_url: str  # the role that owns the tables: migrations, tests
    redis_url: str  # as redis-py spells it; see valkey.broker_url


def addresses(root: Path) -> Addresses:
    """Return where the servers of `root` are, running or not, without starting any.

    DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL come first. A DATABASE_URL without
    a DATABASE_OWNER_URL serves for both; the latter alone is not looked at.
    """
    database_url = _given("DATABASE_URL")
    if database_url:
        owner_url = _given("DATABASE_OWNER_URL") or database_url
    else:
        database_url = postgres.address(root / "postgres", roles.APPLICATION)
        owner_url = postgres.address(root / "postgres", postgres.OWNER)
    return Addresses(
        database_url=database_url,
        owner_url=owner_url,
        redis_url=_given("REDIS_URL") or valkey.address(root / "valkey"),
    )


# Whoever waits for it looks at nothing else meanwhile; a recovery goes on without it.
_REVIVE_S = 20.0


@dataclass(frozen=True)
class Services(Addresses):
    """Servers that run, and where."""

    servers: tuple[Server, ...] = ()

    def revive(self) -> list[str]:
        """Start again what has died, and return its names; else do nothing.

        Call it from the main thread. Raises CannotStart.
        """
        return [
            server.start(_REVIVE_S).program
            for server in self.servers
            if not server.is_ready()
        ]


@contextmanager
def services(root: Path, durable: bool = True) -> Iterator[Services]:
    """Start what neither the environment names nor anybody runs under `root`.

    Stops at the end what it started, and only that. With `durable` off it is quicker
    and forgetful. Call it from the main thread.

    Raises CannotStart with the reason and the way out.
    """
    wanted: list[Server] = []
    if not _given("DATABASE_URL"):
        wanted.append(Postgres(root / "postgres", durable))
    if not _given("REDIS_URL"):
        wanted.append(Valkey(root / "valkey", durable))
    with ExitStack() as started:
        for server in wanted:
            started.callback(server.stop)
            server.start()
        found = addresses(root)
        yield Services(
            found.database_url, found.owner_url, found.redis_url, tuple(wanted)
        )


def _given(name: str) -> str:
    return os.environ.get(name, "").strip()
