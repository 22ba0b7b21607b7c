"""One table that a person brought: CSV in any sign and encoding, or XLSX.

The reading of rows is `shops.intake._table`'s, with its torn lines and stray quotation
marks; here is what people's own files add: headers in five languages, encodings,
workbooks, and files that are no table at all.
"""

import csv
import difflib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from affiliate.common.errors import Refusal
from shops.intake._events import NotUnderstood
from shops.intake._table import LINE_ENDS, BrokenRow, Row, Table
from shops.tables import workbook

MOST_BYTES = 25_000_000
_DELIMITERS = ",;\t"
_WIDEST = 100
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{", b"<")
_SURROGATES = re.compile("[\udc80-\udcff]")
_FOREIGN = re.compile("[\u0080-\ud7ff\ue000-\U0010ffff]")


class UnreadableTable(Refusal):
    """The file is no table that can be read: nothing of it was taken."""

    code = "unreadable_table"
    status = 400
    title = gettext_lazy("The file cannot be read.")
    way_out = gettext_lazy("Save it as CSV (UTF-8) or XLSX and choose it again.")


@dataclass(frozen=True)
class Column:
    """One column: its name for us, and its headers by language, the first as shown."""

    name: str
    headers: Mapping[str, Sequence[str]]
    # At least one column of each group has to be in the file.
    group: str = ""

    def header(self, language: str | None = None) -> str:
        """Return the header as it is written in a language, English without one."""
        code = (language or get_language() or "en")[:2]
        return self.headers.get(code, self.headers["en"])[0]

    def aliases(self) -> list[str]:
        """Return every word that is read as this column, its own name among them."""
        return [self.name, *(word for words in self.headers.values() for word in words)]


@dataclass
class Sheet:
    """A file with its header read; `rows` may be asked as often as one likes."""

    path: Path
    headers: Sequence[str]
    places: Mapping[str, int]
    # What a person should know before believing the rest.
    warnings: list[str] = field(default_factory=list)
    table: Table | None = None
    # Where the file is a mere list, its first line is a row.
    items: Sequence[str] = ()

    def rows(self) -> Iterator[Row | BrokenRow]:
        """Yield every row that is not empty. Raises UnreadableTable."""
        found = self._found()
        try:
            for row in found:
                if any(cell.strip() for cell in row.cells):
                    yield row
        except NotUnderstood as error:
            raise UnreadableTable(str(error)) from error

    def _found(self) -> Iterator[Row | BrokenRow]:
        if self.items:
            return (Row(n, n, [item]) for n, item in enumerate(self.items, 1))
        return self.table.rows() if self.table else self._of_workbook()

    def _of_workbook(self) -> Iterator[Row | BrokenRow]:
        wide = len(self.headers)
        lines = workbook.lines(self.path, wide + 1)
        next(lines, None)
        for number, (line, cells) in enumerate(lines, 1):
            if any(cells[wide:]):
                said = _("It has more cells than the header.")
                yield BrokenRow(number, line, cells, "wrong_number_of_cells", said)
            elif workbook.NO_VALUE in cells:
                said = _("A formula here has no saved value: paste values instead.")
                yield BrokenRow(number, line, cells[:wide], "formula", said)
            else:
                yield Row(number, line, cells[:wide])


@contextmanager
def opened(body: bytes, columns: Sequence[Column], alone: str = "") -> Iterator[Sheet]:
    """Give the table for the time of a block; `alone` is the column of a mere list.

    Raises UnreadableTable for what is none, for a needed column that is missing, with
    the headers it may have, and for a header that stands twice.
    """
    with tempfile.TemporaryDirectory() as folder:
        # openpyxl looks at the name too.
        path = Path(folder) / "table.xlsx"
        yield _read(body, path, columns, alone)


def _read(body: bytes, path: Path, columns: Sequence[Column], alone: str) -> Sheet:
    if not body.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableTable(_("The file is empty."))
    if len(body) > MOST_BYTES:
        raise UnreadableTable(too_large())
    warnings: list[str] = []
    table: Table | None = None
    known = {
        _bare(word): column.name for column in columns for word in column.aliases()
    }
    try:
        if body.startswith(_ZIP):
            path.write_bytes(body)
            headers = workbook.header(path, _WIDEST)
        else:
            text = _decoded(body, warnings)
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
            table = _table(path, text, known)
            if table is None and alone and (items := _list(text)):
                header = next(each.header() for each in columns if each.name == alone)
                return Sheet(path, [header], {alone: 0}, items=items)
            headers = table.columns if table else _cells(text, ",")
    except NotUnderstood as error:
        raise UnreadableTable(str(error)) from error
    places = _places(headers, known, columns, warnings)
    return Sheet(path, headers, places, warnings, table)


def _table(path: Path, text: str, known: Mapping[str, str]) -> Table | None:
    """Open a CSV whose header has a known word; None tells that it has none."""
    spelled = [
        cell
        for sign in _DELIMITERS
        for cell in _cells(text, sign)
        if _bare(cell) in known
    ]
    return Table(path, spelled) if spelled else None


def _list(text: str) -> list[str]:
    """Return the lines of a text without a header if each is one cell, else nothing."""
    lines = [line.strip().strip("\"'").rstrip(",;\t") for line in text.splitlines()]
    is_list = not any(sign in line for line in lines for sign in _DELIMITERS)
    return lines if is_list else []


def _places(
    headers: Sequence[str],
    known: Mapping[str, str],
    columns: Sequence[Column],
    warnings: list[str],
) -> dict[str, int]:
    places: dict[str, int] = {}
    unknown = []
    for place, header in enumerate(headers):
        name = known.get(_bare(header))
        if name is None:
            is_ours = _bare(header) in {_bare(each) for each in added_headers()}
            unknown += [] if is_ours or not header.strip() else [header.strip()]
        elif name in places:
            words = _("Two columns are the same: %(one)s and %(other)s.")
            both = {"one": headers[places[name]].strip(), "other": header.strip()}
            raise UnreadableTable(words % both)
        else:
            places[name] = place
    _demand(places, columns, headers)
    warnings += [_passed_over(header, known) for header in unknown]
    return places


def added_headers() -> list[str]:
    """Return the headers that rejected rows get; a corrected file may keep them."""
    return [_("line"), _("reason"), _("way out")]


def _demand(
    places: Mapping[str, int], columns: Sequence[Column], headers: Sequence[str]
) -> None:
    groups = dict.fromkeys(column.group for column in columns if column.group)
    for group in groups:
        members = [column for column in columns if column.group == group]
        if any(column.name in places for column in members):
            continue
        words = _(
            "A column is missing. It may be called %(aliases)s. The file has %(found)s."
        )
        aliases = dict.fromkeys(word for each in members for word in each.aliases())
        found = ", ".join(each.strip() for each in headers if each.strip())[:200]
        raise UnreadableTable(
            words % {"aliases": ", ".join(aliases), "found": found or "–"},
            way_out=_("Name the columns in the first line and choose the file again."),
        )


def _passed_over(header: str, known: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(_bare(header), known, n=1)
    if near:
        words = _("The column %(header)s is not read. Is it %(near)s?")
        return words % {"header": header[:60], "near": near[0]}
    return _("The column %(header)s is not read.") % {"header": header[:60]}


def _decoded(body: bytes, warnings: list[str]) -> str:
    """Return the text of a file in whatever encoding, each line with its end."""
    if body.startswith(_OLE):
        said = _("This is an old Excel workbook, or one with a password.")
        raise UnreadableTable(said)
    if body.startswith(_NO_TABLES):
        raise UnreadableTable(_("This is no table."))
    text = _text(body, warnings)
    if text.startswith("sep=") and "\n" in text:
        # What Excel writes above a header; a line that stays keeps the numbers right.
        raise UnreadableTable(
            _("Delete the first line, %(line)s.") % {"line": text[:5]}
        )
    if not text.endswith(LINE_ENDS):
        last = text.rpartition("\n")[2][:80]
        words = _("The last line has no end: is the file whole? It ends with: %(last)s")
        warnings.append(words % {"last": last})
        text += "\n"
    return text


def _text(body: bytes, warnings: list[str]) -> str:
    wide = _of_two_bytes(body)
    if wide:
        try:
            return body.decode(wide).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise UnreadableTable(_("Its signs are broken (UTF-16).")) from error
    text = body.decode("utf-8-sig", "surrogateescape")
    # Counted one by one: a list of each sign would be many times the file.
    broken = sum(1 for _sign in _SURROGATES.finditer(text))
    if not broken or sum(1 for _sign in _FOREIGN.finditer(text)) > broken:
        return text
    # cp1252 leaves five bytes out, which then stay broken and reject their rows.
    warnings.append(_("The file was read as Windows-1252: look at the accents."))
    return body.decode("cp1252", "surrogateescape")


def _of_two_bytes(body: bytes) -> str:
    """Return the encoding whose signs have two bytes, if this is one of them."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = body[:2_000]
    half = max(1, len(start) // 2)
    if start[1::2].count(0) * 2 > half:
        return "utf-16-le"
    return "utf-16-be" if start[0::2].count(0) * 2 > half else ""


def too_large() -> str:
    """Return what is said of a file beyond the limit."""
    megabytes = MOST_BYTES // 1_000_000
    words = _("The file is larger than %(count)d MB: split it, or leave columns out.")
    return words % {"count": megabytes}


def _cells(text: str, sign: str) -> list[str]:
    first = text[:20_000].partition("\n")[0].rstrip("\r")
    try:
        return [cell.strip() for cell in next(csv.reader([first], delimiter=sign), [])]
    except csv.Error:
        return []


def _bare(header: str) -> str:
    """Return a header as it is compared: case, blanks, stars and units do not count."""
    text = header.replace("\u2019", "'").casefold().strip(" *:\"'\ufeff")
    return " ".join(re.sub(r"[\s_\u00a0]+", " ", text).split())
