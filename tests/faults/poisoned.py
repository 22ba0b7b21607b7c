"""The worker's door with a bug in it: one line kills every process that judges it."""

import os
import signal
from typing import Any

from affiliate.celery import app
from creators.attribution import settling

__all__ = ["app"]

_stage_touches = settling._stage_touches


def _die(cursor: Any) -> None:
    cursor.execute(
        "select from settling where line_id = %s", [int(os.environ["POISONED_LINE"])]
    )
    if cursor.fetchall():
        os.kill(os.getpid(), signal.SIGKILL)
    _stage_touches(cursor)


settling._stage_touches = _die
