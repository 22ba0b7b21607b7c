"""A PostgreSQL server of our own, from the programs of a wheel."""

import os
import pwd
import shutil
import signal
import sys
from pathlib import Path
from typing import BinaryIO, Self
from urllib.parse import quote

import psutil
from psycopg import pq

from affiliate.common.embedded import binaries, roles, sockets
from affiliate.common.embedded.process import CannotStart
from affiliate.common.embedded.server import Server

OWNER = "postgres"
DATABASE = "marketplace"
_PORT = "5432"  # names the socket; nothing listens on the network

_SETTINGS = {
    "listen_addresses": "",
    # Relative to the data, so that it fits however long the path is.
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "port": _PORT,
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # Statements and details name people; the log is no place for them.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_UNSAFE_BUT_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    # It would count tables between two tests, when they are empty, and the plans of
    # the next one would depend on when it came by.
    "autovacuum": "off",
}


def address(data_dir: Path, role: str, database: str = DATABASE) -> str:
    """Return the URL by which `role` reaches the server of `data_dir`."""
    host = quote(str(sockets.short(data_dir.absolute())))
    return f"postgresql://{role}@/{database}?host={host}&port={_PORT}"


class Postgres(Server):
    """The PostgreSQL server of one folder, with the product's database and role.

    Whoever can enter the folder is trusted: it is open to its owner alone. Started by
    root it runs as `nobody`, for PostgreSQL refuses root. Not `durable` means that it
    does not wait for the disk: for data that may be lost.
    """

    program = "PostgreSQL"
    # SIGTERM would wait for every client to leave; SIGINT sends them away.
    goodbyes = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))

    @property
    def url(self) -> str:
        """The owner's URL: for migrations and tests."""
        return address(self.data_dir, OWNER)

    @property
    def app_url(self) -> str:
        """The application's URL, of a role that owns nothing."""
        return address(self.data_dir, roles.APPLICATION)

    def start(self, timeout: float = 300.0) -> Self:
        """Start or share the server; see that the database and the role are there."""
        super().start(timeout)
        roles.furnish(address(self.data_dir, OWNER, "postgres"), DATABASE)
        return self

    def is_ready(self) -> bool:
        """Tell whether the server of this folder answers, whoever started it."""
        url = address(self.data_dir, OWNER, "postgres") + "&connect_timeout=5"
        return pq.PGconn.ping(url.encode()) == pq.Ping.OK

    def _account(self) -> pwd.struct_passwd | None:
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam("nobody")
        except KeyError:
            raise CannotStart(
                "PostgreSQL refuses to run as root, and there is no account `nobody` "
                "to run it: use another account, or set DATABASE_URL."
            ) from None

    def _programs(self) -> Path:
        return binaries.postgres_bin(for_another_account=self._account() is not None)

    def _seen_by_server(self, folder: Path) -> str:
        # The server stands in the folder but its account may not pass the ones above,
        # for example /root. This name leads every one of its processes back to it.
        if self._account() is not None and sys.platform == "linux":
            return "/proc/self/cwd"
        return str(folder)

    def _command(self) -> list[str]:
        settings = _SETTINGS | ({} if self.durable else _UNSAFE_BUT_FAST)
        command = [str(self._programs() / "postgres")]
        command += ["-D", self._seen_by_server(self.data_dir)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _prepare(self, life: BinaryIO) -> None:
        if not self.data_dir.exists() or not any(self.data_dir.iterdir()):
            self._create(life)
        self._check_owner()
        self._check_version()
        for name in ("postmaster.pid", f".s.PGSQL.{_PORT}.lock"):
            self._drop_if_stale(self.data_dir / name)

    def _create(self, life: BinaryIO) -> None:
        """Make the cluster aside and move it in, so that it is whole or not there."""
        fresh = self._beside("new")
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        account = self._account()
        if account is not None:
            os.chown(fresh, account.pw_uid, account.pw_gid)
        command = [str(self._programs() / "initdb"), "-D", self._seen_by_server(fresh)]
        command += ["--username", OWNER, "--auth", "trust", "--encoding", "UTF8"]
        # The same order of words on every machine, whatever its C library.
        command += ["--no-locale", "--locale-provider", "builtin"]
        command += ["--builtin-locale", "C.UTF-8", "--no-instructions"]
        command += [] if self.durable else ["--no-sync"]
        if self._spawn(command, fresh, life).wait() != 0:
            raise CannotStart(self._sentence("initdb failed"))
        fresh.rename(self.data_dir)
        if self.durable:
            _sync(self.data_dir.parent)

    def _check_owner(self) -> None:
        account = self._account()
        uid = os.geteuid() if account is None else account.pw_uid
        found = self.data_dir.stat().st_uid
        if found != uid:
            raise CannotStart(
                f"{self.data_dir} belongs to user {found}, and PostgreSQL would run as "
                f"user {uid}: start it with the account that made it (root's server "
                "runs as nobody), or remove the folder with its data."
            )

    def _check_version(self) -> None:
        try:
            version = (self.data_dir / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise CannotStart(
                f"{self.data_dir} holds files but no database: move them away."
            ) from None
        if version != binaries.POSTGRES_MAJOR:
            raise CannotStart(
                f"{self.data_dir} was made by PostgreSQL {version}, this is "
                f"{binaries.POSTGRES_MAJOR}: dump it with the earlier release of this "
                "product, or remove the folder with its data."
            )

    def _drop_if_stale(self, pid_file: Path) -> None:
        """Remove a pid file that names a stranger; PostgreSQL would refuse to start.

        It sees to a dead pid itself. Called with the lock for life in hand, so none
        of our own servers is meant; a server started by hand is left alone.
        """
        try:
            pid = abs(int(pid_file.read_text().split("\n")[0]))
            if Path(psutil.Process(pid).cwd()) == self.data_dir.resolve():
                raise CannotStart(
                    f"Process {pid} uses {self.data_dir}, but not our socket: stop it."
                )
        except psutil.ZombieProcess:
            pass  # dead, but PostgreSQL takes it for alive while its parent sleeps
        except (FileNotFoundError, psutil.NoSuchProcess):
            return
        except (ValueError, psutil.AccessDenied):
            pass  # torn by a crash, or a process of an account that we are not
        pid_file.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
