"""Where the servers are, and a while in which they run."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from affiliate.common.embedded import postgres, roles, valkey
from affiliate.common.embedded.postgres import Postgres
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


@contextmanager
def services(root: Path, durable: bool = True) -> Iterator[Addresses]:
    """Start what neither the environment names nor anybody runs under `root`.

    Stops at the end what it started, and only that. With `durable` off it is quicker
    and forgetful. Call it from the main thread.

    Raises CannotStart with the reason and the way out.
    """
    with ExitStack() as started:
        if not _given("DATABASE_URL"):
            database = Postgres(root / "postgres", durable)
            started.callback(database.stop)
            database.start()
        if not _given("REDIS_URL"):
            queue = Valkey(root / "valkey", durable)
            started.callback(queue.stop)
            queue.start()
        yield addresses(root)


def _given(name: str) -> str:
    return os.environ.get(name, "").strip()
