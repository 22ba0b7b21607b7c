from collections.abc import Iterator
from pathlib import Path

import pytest

from affiliate.common import embedded

# What a home folder may hold, and far longer than a socket's path may be.
LONG = "a folder with a ninety-letter name, blanks, é and 100 % more of what paths hold"


@pytest.fixture(scope="package")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded") / LONG / LONG


@pytest.fixture(scope="package")
def postgres(root: Path) -> Iterator[embedded.Postgres]:
    server = embedded.Postgres(root / "postgres", durable=False)
    yield server.start()
    server.stop()


@pytest.fixture(scope="package")
def valkey(root: Path) -> Iterator[embedded.Valkey]:
    server = embedded.Valkey(root / "valkey", durable=False)
    yield server.start()
    server.stop()


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
