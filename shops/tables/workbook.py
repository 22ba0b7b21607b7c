"""The first sheet of an XLSX as lines of text, read row by row.

A workbook is a zip: what unpacks to more than there is room for is refused before it
is unpacked, and so is a part that is not rows or texts, read one by one, but is taken
into memory whole, such as the styles. Numbers are taken as a spreadsheet shows them, to
fifteen digits.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from numbers import Real
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException

from shops.intake._events import NotUnderstood

MOST_LINES = 250_000
NO_VALUE = "\0formula"
_MOST_BYTES = 200_000_000
# Texts are kept in memory as long as the workbook is open.
_MOST_TEXT_BYTES = 50_000_000
# A part that is read whole becomes a tree of many times its size.
_MOST_WHOLE_BYTES = 1_000_000
_CHUNK = 1_000_000
# Above this, a number in a cell has lost its last digits.
_EXACT = 10**15


def header(path: Path, widest: int) -> list[str]:
    """Return the cells of the first line, without empty ones behind the last.

    Raises NotUnderstood.
    """
    for _line, cells in lines(path, widest):
        while cells and not cells[-1]:
            cells.pop()
        return cells
    return []


def lines(path: Path, wide: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the first `wide` cells of every line, NO_VALUE among them.

    Raises NotUnderstood for what is no workbook, and for one that is too large.
    """
    try:
        has_formulas = _has_formulas(path)
        values = _rows(path, wide, is_value=True)
        written = _rows(path, wide, is_value=False) if has_formulas else values
        pairs = zip(values, written, strict=True) if has_formulas else _twice(values)
        for line, (row, source) in enumerate(pairs, 1):
            if line > MOST_LINES:
                raise NotUnderstood(_("It has too many lines."), f"line {line}")
            yield line, [_cell(*cells) for cells in zip(row, source, strict=True)]
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        SyntaxError,  # XML that cannot be parsed
        OSError,
    ) as error:
        raise NotUnderstood(_("It is no workbook that can be read."), "") from error


def unpacked_bytes(body: bytes) -> int:
    """Return how many bytes a workbook unpacks to; 0 for what is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return sum(each.file_size for each in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return 0


class _Parts(zipfile.ZipFile):
    """A workbook's parts, of which none that is large is read whole."""

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        """Read a part. Raises NotUnderstood for a large one."""
        self.demand_small(name)
        return super().read(name, pwd)

    def demand_small(self, name: str | zipfile.ZipInfo) -> None:
        """Raise NotUnderstood for a large part."""
        part = self.getinfo(name) if isinstance(name, str) else name
        if part.file_size > _MOST_WHOLE_BYTES:
            raise NotUnderstood(_("It unpacks to too much."), part.filename)


class _Reader(ExcelReader):  # type: ignore[misc]  # openpyxl has no types
    """Reads a workbook from such parts, without what it links to elsewhere."""

    def __init__(self, path: Path, *, is_value: bool) -> None:
        super().__init__(path, read_only=True, data_only=is_value, keep_links=False)
        self.archive.close()
        self.archive: _Parts = _Parts(path)

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        """Read a sheet that is a chart, which is opened like one of rows."""
        self.archive.demand_small(rel.target)
        super().read_chartsheet(sheet, rel)


def _twice(rows: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
    for row in rows:
        yield row, row


def _rows(path: Path, wide: int, *, is_value: bool) -> Iterator[Any]:
    reader = _Reader(path, is_value=is_value)
    try:
        reader.read()
        sheet = reader.wb.worksheets[0]
        # What a file says of its own size may be a lie, and costs a cell each.
        sheet.reset_dimensions()
        yield from sheet.iter_rows(max_col=wide, max_row=MOST_LINES + 1)
    finally:
        reader.archive.close()


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as packed:
        parts = packed.infolist()
        texts = [each for each in parts if each.filename.endswith("sharedStrings.xml")]
        if (
            sum(each.file_size for each in parts) > _MOST_BYTES
            or sum(each.file_size for each in texts) > _MOST_TEXT_BYTES
        ):
            raise NotUnderstood(_("It unpacks to too much."), "")
        return any(
            _mentions(packed, each)
            for each in parts
            if each.filename.startswith("xl/worksheets/")
        )


def _mentions(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    before = b""
    with packed.open(part) as file:
        while chunk := file.read(_CHUNK):
            if b"<f>" in (joined := before + chunk) or b"<f " in joined:
                return True
            before = chunk[-3:]
    return False


def _cell(shown: Any, source: Any) -> str:
    value = shown.value
    if value is None:
        return NO_VALUE if source.value is not None else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Real):
        return _number(value, "%" in (shown.number_format or ""))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _number(value: Any, is_percent: bool) -> str:
    if abs(value) >= _EXACT:
        return f"{value} (digits lost: keep this column as text)"
    text = f"{value * 100 if is_percent else value:.15g}"
    if "e" in text:
        text = f"{value:.12f}".rstrip("0")
    # Three decimals look like a thousand: a fourth says that they are none.
    text += "0" if len(text.partition(".")[2]) == 3 else ""
    return f"{text} %" if is_percent else text
