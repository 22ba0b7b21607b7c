"""Named steps of long work: where a test may kill the process."""

import os
import signal

_DIE_AT = os.environ.get("DIE_AT_STEP", "")


def reached(name: str) -> None:
    """Mark a step between two effects; the process dies here if a test asked for it.

    The fault tests start a worker with DIE_AT_STEP=<name> and then show that the work
    goes on to the same result.
    """
    if name == _DIE_AT:
        os.kill(os.getpid(), signal.SIGKILL)
