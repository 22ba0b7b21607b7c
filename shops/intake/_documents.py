"""Files of JSON: one document, a list, or one document a line; gzipped or not."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from shops.intake import _touches
from shops.intake._events import Binned, Event, NotUnderstood, Unclear, document
from shops.intake._files import Item, Options, Place, Read, Rejected

COLUMNS = ("document",)
_NAMES = (".json", ".jsonl", ".ndjson")
_LISTS = ("orders", "refunds")
_GZIP = b"\x1f\x8b"
_LONGEST = 2000


def is_json(path: Path) -> bool:
    """Say whether the name promises JSON."""
    return path.name.removesuffix(".gz").endswith(_NAMES)


def read(path: Path) -> list[Any]:
    """Return the documents of the file. Raises NotUnderstood.

    A list, and a list under `orders` or `refunds`, are as many documents.
    """
    body = _bytes(path)
    lines = [line for line in body.splitlines() if line.strip()]
    try:
        whole = document(body)
    except NotUnderstood:
        if len(lines) < 2:
            raise
        return [_line(number, line) for number, line in enumerate(lines, 1)]
    if isinstance(whole, list):
        return whole
    for name in _LISTS:
        if isinstance(whole, dict) and isinstance(whole.get(name), list):
            return list(whole[name])
    return [whole]


def _bytes(path: Path) -> bytes:
    try:
        body = path.read_bytes()
        if body[:2] == _GZIP:
            body = gzip.decompress(body)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise NotUnderstood(f"The gzipped file is torn: {error}.") from error
    except OSError as error:
        raise NotUnderstood(f"{error.strerror or error}.", path.name) from error
    return body


def place(number: int, raw: object) -> Place:
    """Return where a document stands, with its text for what is rejected."""
    text = json.dumps(raw, ensure_ascii=True, default=str)
    return Place(number, number, (text[:_LONGEST],))


def items(
    said: Callable[[], list[Event]],
    place: Place,
    options: Options,
    *,
    unclear: str = "unclear",
) -> Iterator[Item]:
    """Yield what one document says, or why it is rejected; `unclear` names that code.

    `said` reads the document and may raise NotUnderstood.
    """
    try:
        events = said()
    except NotUnderstood as error:
        yield Rejected(place, "not_understood", str(error))
        return
    for event in events:
        if isinstance(event, Unclear):
            yield Rejected(place, unclear, event.reason)
        elif isinstance(event, Binned):
            yield Rejected(place, unclear, "Put into the bin, nobody knows when.")
        else:
            yield Read(_touches.added(event, options), (place,))


def _line(number: int, line: bytes) -> Any:
    try:
        return document(line)
    except NotUnderstood as error:
        raise NotUnderstood(error.reason, f"line {number}") from error
