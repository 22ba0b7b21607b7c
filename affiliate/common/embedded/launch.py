"""Turn into a server that ends with its starter. Run as a script:

    python -I -S launch.py STARTER_PID SIGNAL UID GID FOLDER COMMAND...

A script of its own, because Popen's preexec_fn may deadlock in a process with threads
and warns there from Python 3.12 on. The account is changed here and not by Popen: the
interpreter may lie where that account cannot read it, and by now it is loaded.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Become COMMAND in FOLDER as UID:GID; SIGNAL arrives when STARTER_PID dies."""
    starter, goodbye, uid, gid = (int(word) for word in arguments[:4])
    folder, *command = arguments[4:]
    os.umask(0o077)
    # Before the account changes: it may have no way through the folders above.
    os.chdir(folder)
    if uid != os.geteuid():
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the account changes, which would clear it. exec keeps it.
        if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, goodbye):
            raise OSError(ctypes.get_errno(), "prctl refused the parent-death signal")
        if os.getppid() != starter:
            sys.exit("the starter died before its server began")
    os.execv(command[0], command)  # noqa: S606  (no shell is wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
