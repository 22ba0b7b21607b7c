"""Tables as people save them: CSV with whatever signs, also gzipped, row by row.

A cell is text and stays text: what looks like a formula is neither run nor changed.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from shops.intake._events import NotUnderstood

_GZIP = b"\x1f\x8b"
_DELIMITERS = ",;\t"
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_POINT = re.compile(r"[+-]?[0-9]+\.[0-9]+")
LINE_ENDS = ("\n", "\r")
NO_LINE_END = (
    "The file ends in the middle of a line: its last line may be torn; end it with a"
    " line break and import again."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header: `number` counts them from 1, `line` is the file's."""

    number: int
    line: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A line that is no row below this header, or may not be the whole of one."""

    number: int
    line: int
    cells: Sequence[str]
    code: str
    reason: str


@dataclass
class Scan:
    """What a first reading of the file says, needed to read it row by row."""

    rows: int = 0
    last_row: dict[str, int] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)
    decimal_sign: str = "."


class Table:
    """A CSV file with a header, read as often as asked."""

    def __init__(self, path: Path, known: Sequence[str]) -> None:
        """Read the header; `known` are the column names that may be in it.

        Raises NotUnderstood for a file without a header, or with a column twice.
        """
        self.path = path
        with opened(path) as file:
            first = file.readline()
        self.delimiter = max(
            _DELIMITERS,
            key=lambda sign: len(set(_names(first, sign)) & set(known)),
        )
        self.columns = _names(first, self.delimiter)
        twice = {name for name in self.columns if name and self.columns.count(name) > 1}
        if twice:
            raise NotUnderstood(f"A column stands twice: {', '.join(twice)}.", "line 1")
        if not set(self.columns) & set(known):
            raise NotUnderstood(
                f"No header: expected columns such as {', '.join(known)}.", "line 1"
            )

    def demand(self, *names: str) -> None:
        """Raise NotUnderstood unless the file has all these columns."""
        absent = [name for name in names if name not in self.columns]
        if absent:
            raise NotUnderstood(f"Columns are missing: {', '.join(absent)}.", "line 1")

    def rows(self) -> Iterator[Row | BrokenRow]:
        """Yield every row that is not empty, and what is wrong with the broken ones.

        Raises NotUnderstood if the file itself is broken.
        """
        number = 0
        with opened(self.path) as file:
            for record in _records(file, self.delimiter):
                for row in self._rows_of(record, number + 1):
                    yield row
                    number = row.number

    def scan(self, key: str, amounts: Sequence[str]) -> Scan:
        """Read the file once and return where its groups end and how it writes amounts.

        Rows with one `key` belong together, wherever they stand; `broken` are the keys
        with a broken row, by its line. Raises NotUnderstood if amounts are written in
        two ways.
        """
        scan = Scan()
        key_place = self.columns.index(key)
        places = [self.columns.index(name) for name in amounts if name in self.columns]
        signs: dict[str, int] = {}
        before = ""
        for row in self.rows():
            scan.rows = row.number
            if isinstance(row, BrokenRow):
                keys = self._keys_of(row, key_place, before)
                for name in keys:
                    scan.broken.setdefault(name, row.line)
                before = keys[0]
                continue
            before = row.cells[key_place]
            scan.last_row[before] = row.number
            for place in places:
                if sign := _sign(row.cells[place]):
                    signs.setdefault(sign, row.line)
        if len(signs) > 1:
            where = f"line {signs[',']} and line {signs['.']}"
            raise NotUnderstood("Write all amounts alike: 12,50 or 12.50.", where)
        scan.decimal_sign = next(iter(signs), ".")
        return scan

    def groups(self, key: str, scan: Scan) -> Iterator[list[Row] | BrokenRow]:
        """Yield the rows of one key together, as soon as the last one was read."""
        place = self.columns.index(key)
        open_groups: dict[str, list[Row]] = {}
        for row in self.rows():
            if isinstance(row, BrokenRow):
                yield row
                continue
            name = row.cells[place]
            open_groups.setdefault(name, []).append(row)
            if scan.last_row[name] == row.number:
                yield open_groups.pop(name)

    def _rows_of(self, record: "_Record", number: int) -> Iterator[Row | BrokenRow]:
        line, cells, texts = record.line, record.cells, record.texts
        if record.error or len(cells) != len(self.columns):
            code = "unreadable_row" if record.error else "wrong_number_of_cells"
            reason = (
                f"{record.error}: see the quotation marks from line {line} on."
                if record.error
                else f"It has {len(cells)} cells, the header has {len(self.columns)}."
            )
            if record.error or len(texts) > 1:
                # A stray quotation mark swallows lines: each is told as it stands.
                broken = [text.rstrip("\r\n").split(self.delimiter) for text in texts]
            else:
                broken = [list(cells)]
            for i, each in enumerate(broken):
                yield BrokenRow(number + i, line + i, each, code, reason)
        elif not texts[-1].endswith(LINE_ENDS):
            # 12.50 torn to 12 has every cell: nothing else tells the two apart.
            yield BrokenRow(number, line, cells, "no_line_end", NO_LINE_END)
        else:
            yield Row(number, line, cells)

    def _keys_of(self, row: BrokenRow, place: int, before: str) -> list[str]:
        """Return whose row this was: two keys where quotation marks leave two.

        One order too many is rejected; one that lacks a line would be another order.
        """
        keys = [_key_of(row.cells, place, before)]
        if row.code != "no_line_end":
            cells = _names(self.delimiter.join(row.cells), self.delimiter)
            keys += [_key_of(cells, place, before)] if cells else []
        return list(dict.fromkeys(keys))


@dataclass(frozen=True, slots=True)
class _Record:
    """What lies between two line breaks; `texts` is how it stands in the file."""

    line: int
    texts: Sequence[str]
    cells: Sequence[str]
    error: str = ""


class _Lines:
    """The lines of a file; `taken` are those since it was last emptied."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self.taken.append(line)
        return line


def _records(file: IO[str], delimiter: str) -> Iterator[_Record]:
    """Yield what is below the header, without empty lines."""
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    next(reader, None)
    while True:
        line, lines.taken = reader.line_num + 1, []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _Record(line, lines.taken, (), str(error))
        else:
            if cells:
                yield _Record(line, lines.taken, cells)


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """Open a file, gzipped or not; bytes that are no UTF-8 become lone surrogates.

    Raises NotUnderstood for a file that cannot be read.
    """
    try:
        with path.open("rb") as raw:
            is_gzipped = raw.read(2) == _GZIP
        opened = gzip.open if is_gzipped else open
        with opened(
            path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline=""
        ) as file:
            yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise NotUnderstood(f"The gzipped file is torn: {error}.") from error
    except OSError as error:
        raise NotUnderstood(f"{error.strerror or error}.", path.name) from error


def _names(header: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in cells]


def _key_of(cells: Sequence[str], place: int, before: str) -> str:
    """Return the key among these cells: the line may be torn inside its very key.

    Then it is taken for one of the order before it, if that begins like it.
    """
    if place < len(cells) - 1:
        return cells[place].strip('"')
    torn = cells[place].strip('"') if place < len(cells) else ""
    return before if before.startswith(torn) else torn


def _sign(cell: str) -> str:
    text = cell.strip()
    if _COMMA.fullmatch(text):
        return ","
    return "." if _POINT.fullmatch(text) else ""
