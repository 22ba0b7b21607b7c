"""Kills processes that were found a moment ago and may be ending by themselves."""

from collections.abc import Iterable
from contextlib import suppress

import psutil


def kill_all(found: Iterable[psutil.Process]) -> None:
    """kill -9 for whichever still lives: the death of one can end the others."""
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.kill()
