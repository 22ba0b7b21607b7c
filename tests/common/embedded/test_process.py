import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from affiliate.common import embedded
from affiliate.common.embedded import launch, process


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


def test_the_package_does_not_bring_django_in() -> None:
    """The settings import it; here the roof's own imports are left out."""
    code = (
        "import sys, types\n"
        "sys.modules['affiliate'] = roof = types.ModuleType('affiliate')\n"
        "roof.__path__ = ['affiliate']\n"
        "import affiliate.common.embedded\n"
        "print('django' in sys.modules)\n"
    )

    said = subprocess.check_output([sys.executable, "-c", code], text=True)

    assert said.strip() == "False"


def test_the_log_is_set_aside_when_it_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_LOG_BYTES", 4)
    (tmp_path / "valkey.log").write_text("older words")
    server = embedded.Valkey(tmp_path / "valkey", durable=False)
    server.start()
    server.stop()

    assert (tmp_path / "valkey.log.1").read_text() == "older words"
