"""Short, plain names for folders that hold a socket.

A socket's path may have 107 bytes on Linux and 103 on macOS, and the many programs
that take it inside a URL disagree about blanks and accents. Where a folder's path is
too long or too rich, a link in the temporary folder leads there. The socket itself
stays in the folder, behind the folder's own permissions.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from affiliate.common.embedded.process import CannotStart

_LONGEST = 85  # leaves room for /.s.PGSQL.5432
_LONGEST_HOME = 50
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


def short(folder: Path) -> Path:
    """Return `folder`, or a link to it that fits; the same one every time.

    Raises CannotStart when the link's name is taken by something else.
    """
    if _fits(folder, _LONGEST):
        return folder
    link = _link_to(folder)
    try:
        link.symlink_to(folder)
    except FileExistsError:
        if not _is_ours(link, folder):
            raise CannotStart(
                f"{link} is not our link to {folder}: remove it."
            ) from None
    return link


def forget(folder: Path) -> None:
    """Remove the link that `short` made, if it made one."""
    if not _fits(folder, _LONGEST):
        link = _link_to(folder)
        if _is_ours(link, folder):
            link.unlink(missing_ok=True)


def _fits(path: Path, longest: int) -> bool:
    text = str(path)
    return len(text) <= longest and _PLAIN.fullmatch(text) is not None


def _link_to(folder: Path) -> Path:
    home = Path(tempfile.gettempdir())
    if not _fits(home, _LONGEST_HOME):
        home = Path("/tmp")  # noqa: S108  (_is_ours looks whose link it is)
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return home / f"marketplace-{os.geteuid()}-{key}"


def _is_ours(link: Path, folder: Path) -> bool:
    # Whoever made the link first could lead us to a server of their own.
    try:
        return link.lstat().st_uid == os.geteuid() and link.readlink() == folder
    except OSError:
        return False
