"""Sheets as marketplaces export them: CSV or XLSX, headers in the reader's language.

A column is found by its aliases, whatever their case and blanks. Cells are text.
"""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from shops.intake._events import NotUnderstood
from shops.intake._table import LINE_ENDS, NO_LINE_END, BrokenRow, Row, opened

_ZIP = b"PK"
_DELIMITERS = ",;\t"
# An XLSX is a zip: a small one may unpack to more than there is memory.
_MOST_BYTES = 200_000_000
# Above this, a number in a cell has lost its last digits.
_EXACT = 10**15


class Sheet:
    """One sheet with a header, read as often as asked."""

    def __init__(self, path: Path, aliases: Mapping[str, Sequence[str]]) -> None:
        """Read the header; `aliases` are its words for each name, in lower case.

        Raises NotUnderstood for a file without such a header, or with a column twice.
        """
        self._path = path
        known = {word: name for name, words in aliases.items() for word in words}
        headers = next(self._cells(known), (0, []))[1]
        self.columns = headers
        self.places: dict[str, int] = {}
        for place, header in enumerate(headers):
            name = known.get(_plain(header))
            if name in self.places:
                raise NotUnderstood(f"A column stands twice: {header}.", "line 1")
            if name:
                self.places[name] = place
        self._known = known

    def demand(self, *names: str) -> None:
        """Raise NotUnderstood unless the sheet has a column for each of these names."""
        absent = [name for name in names if name not in self.places]
        if absent:
            found = ", ".join(header for header in self.columns if header)[:200]
            raise NotUnderstood(
                f"No column was found for {', '.join(absent)}, among: {found}.",
                "line 1",
            )

    def rows(self) -> Iterator[Row | BrokenRow]:
        """Yield every row that is not empty. Raises NotUnderstood."""
        lines = self._cells(self._known)
        next(lines, None)
        for number, (line, cells) in enumerate(
            ((line, cells) for line, cells in lines if any(cells)), 1
        ):
            if len(cells) == len(self.columns):
                yield Row(number, line, cells)
                continue
            reason = f"It has {len(cells)} cells, the header has {len(self.columns)}."
            yield BrokenRow(number, line, cells, "wrong_number_of_cells", reason)

    def cell(self, row: Row, name: str) -> str:
        """Return what the row has under this name; nothing without such a column."""
        place = self.places.get(name)
        return "" if place is None else row.cells[place]

    def _cells(self, known: Mapping[str, str]) -> Iterator[tuple[int, list[str]]]:
        try:
            with self._path.open("rb") as raw:
                is_zip = raw.read(2) == _ZIP
        except OSError as error:
            reason = f"{error.strerror or error}."
            raise NotUnderstood(reason, self._path.name) from error
        return self._of_workbook() if is_zip else self._of_text(known)

    def _of_text(self, known: Mapping[str, str]) -> Iterator[tuple[int, list[str]]]:
        with opened(self._path) as file:
            first = file.readline()
        sign = max(
            _DELIMITERS,
            key=lambda sign: sum(_plain(each) in known for each in first.split(sign)),
        )
        with opened(self._path) as file:
            reader = csv.reader(_whole(file), delimiter=sign, strict=True)
            try:
                for cells in reader:
                    yield reader.line_num, [cell.strip() for cell in cells]
            except csv.Error as error:
                raise NotUnderstood(f"{error}.", f"line {reader.line_num}") from error

    def _of_workbook(self) -> Iterator[tuple[int, list[str]]]:
        try:
            with zipfile.ZipFile(self._path) as packed:
                if sum(each.file_size for each in packed.infolist()) > _MOST_BYTES:
                    raise NotUnderstood("It unpacks to too much.", self._path.name)
            book = load_workbook(self._path, read_only=True, data_only=True)
            try:
                rows = book.worksheets[0].iter_rows(values_only=True)
                width = 0
                for line, values in enumerate(rows, 1):
                    cells = [_text(value) for value in values]
                    width = width or len(cells)
                    yield line, [*cells, *[""] * (width - len(cells))]
            finally:
                book.close()
        except (
            zipfile.BadZipFile,
            InvalidFileException,
            KeyError,
            IndexError,
            ValueError,
            SyntaxError,  # XML that cannot be parsed
            OSError,
        ) as error:
            reason = "It is no workbook that can be read."
            raise NotUnderstood(reason, self._path.name) from error


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines; a last one without its end may be torn: it refuses the sheet."""
    for line in lines:
        if not line.endswith(LINE_ENDS):
            raise NotUnderstood(NO_LINE_END)
        yield line


def _plain(header: str) -> str:
    return " ".join(header.replace("\u2019", "'").casefold().split()).strip('"')


def _text(value: Any) -> str:
    """Return a cell as text; a number that has lost digits is none."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if type(value) is not str and type(value) is not bool:
        if value == int(value):
            value = int(value)
        if abs(value) >= _EXACT:
            return f"{value} (digits lost: keep this column as text)"
    return str(value).strip()
