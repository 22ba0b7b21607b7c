"""What a table would change, row by row: the import itself, taken back or kept.

A kind of rows reads a batch and writes it by the verbs of its noun; the plan is what
came of it. The preview runs the very same and takes it back, so that it cannot promise
what the import does not do.
"""

import csv
import hashlib
import io
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import IO, Any, Protocol

from django.utils.translation import gettext as _

from affiliate.common.errors import Refusal
from affiliate.common.models import User
from shops.intake._table import BrokenRow
from shops.models import Shop
from shops.tables.cells import defused, plain
from shops.tables.sheet import Column, Sheet, UnreadableTable, added_headers

BATCH = 2_000
NEW, CHANGED, UNCHANGED, REJECTED = "new", "changed", "unchanged", "rejected"
# How many rows of each outcome a page shows; the file of rejected rows has them all.
SHOWN = 100
_LONGEST_CELL = 80

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its cells by the name of their column, where the file has that column.

    Texts are as they stand in the file; an apostrophe before a formula is taken away.
    """

    line: int
    cells: Mapping[str, str]
    raw: Sequence[str]

    def get(self, name: str) -> str:
        """Return what stands in a column without the blanks around it."""
        return self.cells.get(name, "").strip()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is not taken: the column by its name, the reason, and the way out."""

    column: str
    reason: str
    way_out: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one row: new, changed (was, is), unchanged, or its faults."""

    status: str
    # An unchanged row is shown only if it has a label.
    label: str = ""
    changes: Sequence[tuple[str, str, str]] = ()
    note: str = ""
    faults: Sequence[Fault] = ()


class Kind(Protocol):
    """Rows of one kind on their way in, for one shop."""

    # What the page says beside the plan, such as categories that are made.
    notes: list[str]

    @property
    def alone(self) -> str:
        """Return the column that a list without a header is, or nothing."""

    @property
    def key_column(self) -> str:
        """Return the column that says most of a row's key."""

    @property
    def columns(self) -> Sequence[Column]:
        """Return the columns that are read."""

    @property
    def most_rows(self) -> int:
        """Return how many rows one file may have."""

    def key(self, record: Record) -> str:
        """Return what may stand only once in a file; nothing for what may repeat."""

    def take(self, records: Sequence[Record]) -> list[Outcome]:
        """Write a batch by the noun's own verbs and say what became of each row."""

    def finish(self) -> None:
        """Do what is done once, after the last batch."""


@dataclass(frozen=True)
class Caller:
    """For whom, for which shop and when a table is taken, and what was chosen."""

    shop: Shop
    by: User
    at: datetime
    options: Mapping[str, Any]


# How each kind of table is begun, by its name.
Makers = Mapping[str, Callable[[Caller], Kind]]


@dataclass
class Plan:
    """What became of the rows; `rejects` is a table of those not taken."""

    counts: Counter[str] = field(default_factory=Counter)
    shown: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    digest: str = ""
    rejects: bytes = b""

    def as_json(self) -> dict[str, Any]:
        """Return what is kept for the page."""
        kept: dict[str, Any] = _clean(
            {
                "counts": dict(self.counts),
                "rows": sum(self.counts.values()),
                "shown": self.shown,
                "notes": self.notes,
                "warnings": self.warnings,
            }
        )
        return kept


def take(sheet: Sheet, kind: Kind, progress: Progress = lambda rows: None) -> Plan:
    """Write every row that can be and return what became of all.

    Call it in a transaction: the caller keeps or takes back the whole. Rows whose key
    stands twice in the file are rejected, each naming the lines. The memory it takes is
    one batch and a short key a row. Raises UnreadableTable.
    """
    headers = {column.name: column.header() for column in kind.columns}
    with tempfile.TemporaryFile(
        "w+", encoding="utf-8", errors="surrogateescape"
    ) as kept:
        lines_of = _spool(sheet, kind, kept)
        drawing = _Drawing(sheet, headers, Plan(warnings=list(sheet.warnings)))
        for rows, batch in enumerate(_batches(kept)):
            _take_batch(batch, sheet, kind, lines_of, drawing)
            progress(rows * BATCH + len(batch))
        kind.finish()
    return drawing.finished(kind.notes)


def _take_batch(
    batch: Sequence[list[Any]],
    sheet: Sheet,
    kind: Kind,
    lines_of: Mapping[str, Sequence[int]],
    drawing: "_Drawing",
) -> None:
    records: list[Record] = []
    outcomes: dict[int, Outcome] = {}
    for place, (line, cells, reason, key) in enumerate(batch):
        record = _record(line, cells, sheet)
        records.append(record)
        if reason:
            outcomes[place] = Outcome(REJECTED, faults=[Fault("", reason)])
        elif len(lines := lines_of.get(key, ())) > 1:
            outcomes[place] = _repeated(kind.key_column, lines)
    good = [place for place in range(len(batch)) if place not in outcomes]
    taken = kind.take([records[place] for place in good])
    outcomes |= dict(zip(good, taken, strict=True))
    for place, record in enumerate(records):
        drawing.add(record, outcomes[place])


def _repeated(column: str, lines: Sequence[int]) -> Outcome:
    said = ", ".join(str(line) for line in lines[:5])
    words = _("It stands more than once: lines %(lines)s.") % {"lines": said}
    way_out = _("Keep the line that is right and delete the others.")
    return Outcome(REJECTED, faults=[Fault(column, words, way_out)])


def _spool(sheet: Sheet, kind: Kind, kept: IO[str]) -> dict[str, list[int]]:
    """Read the file once into lines of JSON; return the lines of every key."""
    lines_of: dict[str, list[int]] = {}
    for count, row in enumerate(sheet.rows(), 1):
        if count > kind.most_rows:
            words = _("It has more than %(count)d rows: split it.")
            raise UnreadableTable(words % {"count": kind.most_rows})
        reason = row.reason if isinstance(row, BrokenRow) else ""
        key = "" if reason else kind.key(_record(row.line, row.cells, sheet))
        if key:
            lines_of.setdefault(key, []).append(row.line)
        kept.write(json.dumps([row.line, list(row.cells), reason, key]) + "\n")
    if not lines_of and not kept.tell():
        raise UnreadableTable(_("There is no row below the header."))
    kept.seek(0)
    return lines_of


def _batches(kept: IO[str]) -> Iterator[list[list[Any]]]:
    batch: list[list[Any]] = []
    for line in kept:
        batch.append(json.loads(line))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _record(line: int, cells: Sequence[str], sheet: Sheet) -> Record:
    named = {
        name: plain(cells[place])
        for name, place in sheet.places.items()
        if place < len(cells)
    }
    return Record(line, named, cells)


class _Drawing:
    """A plan being drawn: counts, what is shown, the digest and the rejected rows."""

    def __init__(self, sheet: Sheet, headers: Mapping[str, str], plan: Plan) -> None:
        self._sheet = sheet
        self._headers = headers
        self._plan = plan
        self._digest = hashlib.sha256()
        self._rejects = io.StringIO()
        self._writer = csv.writer(self._rejects, quoting=csv.QUOTE_NONNUMERIC)

    def add(self, record: Record, outcome: Outcome) -> None:
        """Count one row and note it."""
        self._plan.counts[outcome.status] += 1
        faults = [(fault.column, fault.reason) for fault in outcome.faults]
        facts = [record.line, outcome.status, [*outcome.changes], faults]
        self._digest.update(json.dumps(facts).encode())
        told = self._plan.shown.setdefault(outcome.status, [])
        if (outcome.status != UNCHANGED or outcome.label) and len(told) < SHOWN:
            told.append(self._told(record, outcome))
        if outcome.faults:
            self._reject(record, outcome)

    def finished(self, notes: Sequence[str]) -> Plan:
        """Return the plan with its digest."""
        self._plan.notes = list(notes)
        self._plan.digest = self._digest.hexdigest()
        self._plan.rejects = self._rejects.getvalue().encode("utf-8", "replace")
        return self._plan

    def _told(self, record: Record, outcome: Outcome) -> dict[str, Any]:
        return {
            "line": record.line,
            "label": _short(outcome.label),
            "note": outcome.note,
            "changes": [
                (str(self._headers.get(name, name)), _short(was), _short(new))
                for name, was, new in outcome.changes
            ],
            "faults": [
                {
                    **asdict(fault),
                    "column": self._header(fault.column),
                    "cell": _short(record.get(fault.column)),
                }
                for fault in outcome.faults
            ],
        }

    def _reject(self, record: Record, outcome: Outcome) -> None:
        if not self._rejects.tell():
            header = [*self._sheet.headers, *added_headers()]
            self._writer.writerow([defused(cell) for cell in header])
        wide = len(self._sheet.headers)
        cells = [*record.raw, *[""] * (wide - len(record.raw))][:wide]
        said = "; ".join(
            ": ".join(filter(None, (self._header(fault.column), fault.reason)))
            for fault in outcome.faults
        )
        ways = dict.fromkeys(each.way_out for each in outcome.faults if each.way_out)
        row = [
            *[defused(plain(cell)) for cell in cells],
            record.line,
            said,
            " ".join(ways),
        ]
        self._writer.writerow(row)

    def _header(self, name: str) -> str:
        """Return the header as the file has it, or as it would be written."""
        place = self._sheet.places.get(name)
        if place is not None:
            return self._sheet.headers[place].strip()
        return str(self._headers.get(name, ""))


def _clean(value: Any) -> Any:
    """Return what PostgreSQL keeps as JSON: no NUL, and whole Unicode."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    if isinstance(value, Mapping):
        return {_clean(key): _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value


def _short(text: str) -> str:
    clean = str(_clean(text))
    return clean if len(clean) <= _LONGEST_CELL else f"{clean[:_LONGEST_CELL]}…"


def faults_of(
    refusal: Refusal, columns: Mapping[str, str] | None = None
) -> list[Fault]:
    """Return what a verb refused as faults of the cells that said it."""
    names = columns or {}
    way_out = str(refusal.way_out or "")
    if refusal.errors:
        return [
            Fault(names.get(field, field), " ".join(words), way_out)
            for field, words in refusal.errors.items()
        ]
    said = dict.fromkeys((str(refusal.title), str(refusal.detail)))
    return [Fault("", " ".join(each for each in said if each), way_out)]
