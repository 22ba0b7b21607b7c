import subprocess
import sys
from pathlib import Path

import pytest
import redis

from affiliate.common import embedded
from tests.common.embedded.asking import ask


def test_services_start_what_is_missing_and_stop_it(
    tmp_path: Path, bare_environment: None
) -> None:
    with embedded.services(tmp_path, durable=False) as found:
        assert ask(found.database_url, "select current_user") == "marketplace"
        assert ask(found.owner_url, "select current_user") == "postgres"
        assert redis.Redis.from_url(found.redis_url).ping()

    assert not embedded.Postgres(tmp_path / "postgres").is_ready()
    assert not embedded.Valkey(tmp_path / "valkey").is_ready()


def test_services_share_what_runs_and_leave_it_running(
    root: Path,
    postgres: embedded.Postgres,
    valkey: embedded.Valkey,
    bare_environment: None,
) -> None:
    started = ask(postgres.url, "select pg_postmaster_start_time()")

    with embedded.services(root) as found:
        assert ask(found.owner_url, "select pg_postmaster_start_time()") == started

    assert postgres.is_ready()
    assert valkey.is_ready()


def test_the_addresses_are_known_before_anything_runs(
    root: Path, postgres: embedded.Postgres, bare_environment: None
) -> None:
    found = embedded.addresses(root)

    assert found.database_url == postgres.app_url
    assert found.owner_url == postgres.url


def test_servers_named_by_the_environment_are_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/shop")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner@db/shop")
    monkeypatch.setenv("REDIS_URL", "redis://cache:6379/0")

    with embedded.services(tmp_path) as found:
        assert found == embedded.Services(
            database_url="postgresql://app@db/shop",
            owner_url="postgresql://owner@db/shop",
            redis_url="redis://cache:6379/0",
        )

    assert list(tmp_path.iterdir()) == []


def test_one_database_url_serves_the_owner_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare_environment: None
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/shop")

    found = embedded.addresses(tmp_path)

    assert found.owner_url == "postgresql://app@db/shop"


def test_a_server_is_not_started_outside_the_main_thread(tmp_path: Path) -> None:
    code = (
        "import sys, threading; from pathlib import Path\n"
        "from affiliate.common import embedded\n"
        "def start():\n"
        "    try: embedded.Valkey(Path(sys.argv[1])).start()\n"
        "    except embedded.CannotStart as refusal: print(refusal)\n"
        "thread = threading.Thread(target=start); thread.start(); thread.join()\n"
    )

    said = subprocess.check_output(
        [sys.executable, "-c", code, tmp_path / "valkey"], text=True
    )

    assert "Start servers from the main thread" in said
