"""Brings the spooled clicks into the database, each exactly once.

A segment is deleted after the commit that holds its clicks. Who dies in between leaves
it to the next import, which finds its clicks known and deletes it then.
"""

import fcntl
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import BinaryIO

from django.db import connection, transaction

from creators.clicks import spool, token

logger = logging.getLogger(__name__)

# A segment with lines that make no sense is kept under this ending, for a person.
KEPT = ".kept"
_NEWBORN_LIVES_S = 60
_LINES_A_WRITE = 1000

_STAGING = """
create temporary table if not exists click_staging (
  click_id text, link_id bigint, at timestamptz, is_bot boolean, visitor_hash text
) on commit delete rows
"""
_COPY = "copy click_staging from stdin"
# In one order, so that two importers that meet the same clicks never deadlock.
_INSERT = """
insert into creators_click (click_id, link_id, at, is_bot, visitor_hash)
select s.click_id, s.link_id, s.at, s.is_bot, s.visitor_hash
  from click_staging s join creators_link k on k.id = s.link_id
 order by s.click_id
    on conflict do nothing
"""
_WITHOUT_LINK = """
select count(*) from click_staging s
 where not exists (select from creators_link k where k.id = s.link_id)
"""


@dataclass
class Imported:
    """What one import found; `torn` were never answered, `unreadable` are kept."""

    segments: int = 0
    clicks: int = 0
    known: int = 0
    torn: int = 0
    unreadable: int = 0

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(*map(sum, zip(astuple(self), astuple(other), strict=True)))


def import_segments(folder: Path) -> Imported:
    """Store the clicks of every segment that nobody writes to any more.

    Again, or at the same time elsewhere, it changes nothing: a click is its own key.
    Raises the database's error when it is away; what is left is imported next time.
    """
    total = Imported()
    _sweep_newborn(folder)
    for path in sorted(folder.glob(f"*{spool.SUFFIX}")):
        with _taken(path) as segment:
            if segment is not None:
                total = total + _import(segment, path)
    return total


@contextmanager
def _taken(path: Path) -> Iterator[BinaryIO | None]:
    """Open a segment whose lock is free and hold it; None if it is not ours."""
    try:
        segment = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    with segment:
        try:
            fcntl.flock(segment, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        # Another importer may have deleted it between the opening and the lock.
        yield segment if path.exists() else None


def _import(segment: BinaryIO, path: Path) -> Imported:
    result = Imported(segments=1)
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_STAGING)
        with cursor.copy(_COPY) as copy:
            for rows in _batches(_rows(segment, result)):
                copy.write(rows)
        staged = cursor.rowcount
        cursor.execute(_WITHOUT_LINK)
        (without_link,) = cursor.fetchone()
        cursor.execute(_INSERT)
        result.clicks = cursor.rowcount
        result.known = staged - without_link - result.clicks
        result.unreadable += without_link
    if result.unreadable:
        logger.error("%s: %s lines name no click of ours", path, result.unreadable)
        path.rename(path.with_suffix(KEPT))
    else:
        path.unlink()
    return result


def _rows(segment: BinaryIO, result: Imported) -> Iterator[str]:
    for text in segment:
        if not text.endswith(b"\n"):
            result.torn += 1
            continue
        click = spool.parse(text)
        touch = token.read(click[0]) if click else None
        if click is None or touch is None:
            result.unreadable += 1
            continue
        yield (
            f"{click[0]}\t{touch.link_id}\t{touch.at.isoformat()}"
            f"\t{'t' if touch.is_bot else 'f'}\t{click[1]}\n"
        )


def _batches(rows: Iterable[str]) -> Iterator[str]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == _LINES_A_WRITE:
            yield "".join(batch)
            batch.clear()
    yield "".join(batch)


def _sweep_newborn(folder: Path) -> None:
    """Delete what a process left that died before its segment had a name: no click."""
    # Compared with what the file system says: no instant of the business.
    oldest = time.time() - _NEWBORN_LIVES_S
    for path in folder.glob(f"*{spool.NEWBORN}"):
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue
