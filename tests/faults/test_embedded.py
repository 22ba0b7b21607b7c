"""The servers that come with the product, while everything goes wrong."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from affiliate.common import embedded
from affiliate.common.embedded import process
from tests.faults.another_account import (
    packages_for_all,
    project_for_all,
    python_for_all,
)
from tests.faults.holding import Holder, users_of
from tests.killing import kill_all

pytestmark = pytest.mark.faults


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[embedded.Postgres]:
    server = embedded.Postgres(tmp_path / "postgres")
    yield server
    server.stop()


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[embedded.Postgres]:
    """A server that has run before, on a quick disk."""
    server = embedded.Postgres(tmp_path / "postgres", durable=False)
    server.start()
    server.stop()
    yield server
    server.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[embedded.Valkey]:
    server = embedded.Valkey(tmp_path / "valkey")
    yield server
    server.stop()


def write_rows(server: embedded.Postgres) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("create table kept as select generate_series(1, 5000) as n")


def sum_of_rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select sum(n) from kept").fetchone()
    assert row is not None
    return int(row[0])


SUM_OF_ROWS = 12_502_500


def postmaster(server: embedded.Postgres) -> psutil.Process:
    pid_file = server.data_dir / "postmaster.pid"
    return psutil.Process(int(pid_file.read_text().split()[0]))


def until(done: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


# ---------------------------------------------------------------- the starter


def test_servers_end_with_a_starter_that_is_killed(tmp_path: Path) -> None:
    with Holder(tmp_path) as holder:
        found = holder.addresses()
        servers = users_of(tmp_path / "postgres") + users_of(tmp_path / "valkey")
        assert len(servers) > 2
        # A client in the middle of its work must not keep the server alive.
        with psycopg.connect(found.owner_url) as client:
            client.execute("create table unfinished (n int)")
            holder.process.kill()
            gone, alive = psutil.wait_procs(servers, timeout=30)
            client.close()

    assert alive == []
    assert len(gone) == len(servers)


def test_the_next_starter_finds_the_rows_of_a_killed_one(
    tmp_path: Path, postgres: embedded.Postgres
) -> None:
    with Holder(tmp_path) as holder:
        holder.addresses()
        write_rows(postgres)
        holder.process.kill()
        # At once, while the old servers are still shutting down.
        with Holder(tmp_path) as successor:
            assert sum_of_rows(successor.addresses().owner_url) == SUM_OF_ROWS


def test_four_starters_at_once_share_one_server(tmp_path: Path) -> None:
    with ExitStack() as stack:
        holders = [stack.enter_context(Holder(tmp_path)) for _ in range(4)]
        found = [holder.addresses() for holder in holders]

        starts = {started_at(it.database_url) for it in found}
        runs = {redis.Redis.from_url(it.redis_url).info()["run_id"] for it in found}
        assert len(starts) == len(runs) == 1

    assert [holder.process.returncode for holder in holders] == [0] * 4
    assert users_of(tmp_path / "postgres") + users_of(tmp_path / "valkey") == []


def started_at(url: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute("select pg_postmaster_start_time()").fetchone()


# ---------------------------------------------------------------- accounts


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="we are a normal user already")
def test_a_normal_user_runs_them_as_itself(open_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    root = open_folder / ("a long way down " * 8) / ".local"
    root.parent.mkdir()
    os.chown(root.parent, nobody, -1)
    project = project_for_all(open_folder)
    python = python_for_all(open_folder)
    paths = {
        "PYTHONPATH": f"{project}:{packages_for_all(open_folder)}",
        # Else an interpreter that was moved finds the library of another one.
        "LD_LIBRARY_PATH": str(Path(python).parents[1] / "lib"),
    }

    with Holder(root, python, project, nobody, **paths) as holder:
        holder.addresses()
        servers = users_of(root / "postgres") + users_of(root / "valkey")
        assert {server.info["uids"].effective for server in servers} == {nobody}

    assert holder.process.returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can close a way to others")
def test_root_runs_postgres_as_nobody_where_nobody_may_not_pass(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)
    server = embedded.Postgres(closed / "postgres")
    try:
        write_rows(server.start())
        assert postmaster(server).username() == "nobody"
        with psycopg.connect(server.url) as connection:
            connection.execute("set debug_parallel_query = on")
            connection.execute("select count(*) from kept")
            connection.execute("checkpoint")
    finally:
        server.stop()


# ---------------------------------------------------------------- crashes


@pytest.mark.parametrize("victims", ["the postmaster", "every process"])
def test_rows_outlive_a_postgres_that_is_killed(
    postgres: embedded.Postgres, victims: str
) -> None:
    write_rows(postgres.start())
    family = [postmaster(postgres)]
    if victims == "every process":
        family += family[0].children()
    kill_all(family)

    successor = embedded.Postgres(postgres.data_dir)
    try:
        assert sum_of_rows(successor.start().url) == SUM_OF_ROWS
    finally:
        successor.stop()


def test_a_killed_postgres_is_not_succeeded_while_an_orphan_works(
    postgres: embedded.Postgres,
) -> None:
    """Two servers on the same files would destroy them."""
    write_rows(postgres.start())
    with psycopg.connect(postgres.url) as client:
        orphan = psutil.Process(client.info.backend_pid)
        orphan.suspend()
        postmaster(postgres).kill()
        successor = embedded.Postgres(postgres.data_dir)

        with pytest.raises(embedded.CannotStart, match="earlier server is still there"):
            successor.start(timeout=1)

        orphan.resume()
        orphan.wait(30)
        client.close()
    try:
        assert sum_of_rows(successor.start().url) == SUM_OF_ROWS
    finally:
        successor.stop()


def test_an_initdb_cut_short_leaves_no_trace(tmp_path: Path) -> None:
    making = tmp_path / "postgres.new"
    with Holder(tmp_path) as holder:
        until((making / "PG_VERSION").exists)
        holder.process.kill()
        kill_all(users_of(making))
    until(lambda: users_of(making) == [])
    making.mkdir(exist_ok=True)
    (making / "PG_VERSION").touch()
    assert not (tmp_path / "postgres").exists()

    with Holder(tmp_path) as holder:
        holder.addresses()

    assert not making.exists()


def test_jobs_outlive_a_valkey_that_is_killed(valkey: embedded.Valkey) -> None:
    client = redis.Redis.from_url(valkey.start().url)
    client.rpush("jobs", "pay", "tell")
    os.kill(client.info()["process_id"], signal.SIGKILL)
    client.close()
    valkey.stop()

    jobs = redis.Redis.from_url(valkey.start().url).lrange("jobs", 0, -1)

    assert jobs == [b"pay", b"tell"]


def test_a_torn_journal_costs_the_torn_job_only(valkey: embedded.Valkey) -> None:
    client = redis.Redis.from_url(valkey.start().url)
    client.rpush("jobs", "pay")
    client.rpush("jobs", "torn")
    client.close()
    valkey.stop()
    (journal,) = (valkey.data_dir / "appendonlydir").glob("*.incr.aof")
    os.truncate(journal, journal.stat().st_size - 3)

    jobs = redis.Redis.from_url(valkey.start().url).lrange("jobs", 0, -1)

    assert jobs == [b"pay"]


# ---------------------------------------------------------------- pid files


@pytest.fixture
def stranger(stopped: embedded.Postgres) -> Iterator[int]:
    """The pid of a living process that is no server, but of the server's account."""
    uid = stopped.data_dir.stat().st_uid
    with subprocess.Popen(["sleep", "600"], user=uid) as sleeping:
        yield sleeping.pid
        sleeping.kill()


def leave_pid_files(server: embedded.Postgres, first_line: str) -> None:
    """Write what a server leaves that had no time to clean up."""
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        pid_file = server.data_dir / name
        pid_file.write_text(f"{first_line}\n{server.data_dir}\n1\n5432\n.\n\n\n")
        pid_file.chmod(0o600)
        shutil.chown(pid_file, server.data_dir.stat().st_uid)


def test_a_stale_pid_file_that_names_a_living_stranger(
    stopped: embedded.Postgres, stranger: int
) -> None:
    leave_pid_files(stopped, str(stranger))

    stopped.start()

    assert stopped.is_ready()
    assert psutil.pid_exists(stranger)


@pytest.mark.parametrize("line", ["", "4194000", "-4194000", "not a pid"])
def test_a_stale_or_torn_pid_file(stopped: embedded.Postgres, line: str) -> None:
    leave_pid_files(stopped, line)

    stopped.start()

    assert stopped.is_ready()


def test_a_server_started_by_hand_is_left_alone(
    tmp_path: Path, stopped: embedded.Postgres
) -> None:
    life = process.try_lock(tmp_path / "another")
    assert life is not None
    command = [
        word.replace("directories=.", "directories=") for word in command_of(stopped)
    ]
    with life:
        by_hand = process.spawn(
            command,
            folder=stopped.data_dir,
            log=tmp_path / "by_hand.log",
            life=life,
            goodbye=signal.SIGINT,
            account=stopped._account(),
        )
    pid_file = stopped.data_dir / "postmaster.pid"
    try:
        until(pid_file.exists)

        with pytest.raises(embedded.CannotStart, match=f"Process {by_hand.pid} uses"):
            stopped.start()

        assert by_hand.poll() is None
        assert pid_file.exists()
    finally:
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait()


def command_of(server: embedded.Postgres) -> list[str]:
    return server._command()
