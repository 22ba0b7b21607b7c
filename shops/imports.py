"""Files of orders, read in batches: what is rejected is written beside, with why."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Refusal
from shops import intake, orders
from shops.intake import _returns
from shops.intake._events import Happened, NotUnderstood, Ordered
from shops.intake._files import FileReader, Options, Place, Read, Rejected, Returned
from shops.intake._table import BrokenRow, Table
from shops.models import Shop
from shops.tables.cells import defused

BATCH = 5_000
_TOUCHES = ("order", "clicks", "codes")

Progress = Callable[[int], None]


class UnreadableFile(Refusal):
    """A file that cannot be read at all: nothing of it was taken."""

    code = "unreadable_file"
    status = 400
    title = _("The file cannot be read.")
    way_out = _("Correct the file and import it again: what is known stays as it is.")


class UnknownFormat(Refusal):
    """No shop system of this name has files."""

    code = "unknown_format"
    status = 400
    title = _("There is no such file format.")


@dataclass
class Summary:
    """What an import did. `orders` and `refunds` count what became of them."""

    rows: int = 0
    rejected_rows: int = 0
    orders: Counter[str] = field(default_factory=Counter)
    refunds: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    rejects: list[str] = field(default_factory=list)


def formats() -> list[str]:
    """Return the names of the shop systems whose files can be imported."""
    return [n for n in intake.systems() if hasattr(intake.system(n), "read_file")]


def count(format: str, paths: Sequence[Path]) -> int:
    """Return how many rows the files have, to show progress. Raises UnreadableFile."""
    reader = _reader(format)
    return sum(_understood(path, reader.count) for path in paths)


def run(
    shop: Shop,
    format: str,
    paths: Sequence[Path],
    *,
    at: datetime,
    currency: str = "",
    touches: Path | None = None,
    rejects: Path | None = None,
    progress: Progress = lambda rows: None,
) -> Summary:
    """Take the orders and refunds of these files; the same files again change nothing.

    Orders go in batches, each in one transaction: an interrupted import is finished by
    running it again. `touches` is a table `order,clicks,codes` (separated by spaces)
    that adds to what the files say. Rejected rows are written, with their place and
    reason, to `rejects`, or to `<file>.rejected.csv` beside the file; in the current
    folder where that one cannot be written.

    Raises UnreadableFile and UnknownFormat before anything of that file is taken.
    """
    reader = _reader(format)
    clicks, codes = _read_touches(touches) if touches else ({}, {})
    options = Options(at, currency, clicks, codes)
    summary = Summary()
    # One language: who reads the rejects is not who ran the import.
    with _Rejects(rejects) as rejected, translation.override("en"):
        for path in paths:
            names = _understood(path, reader.columns)
            rejected.begin(path, names)
            importing = _Import(shop, at, summary, rejected, progress)
            try:
                importing.take(reader.read_file(path, shop, options))
            except NotUnderstood as error:
                raise UnreadableFile(f"{path.name}: {error}") from error
    summary.rejects = rejected.written
    return summary


def _reader(format: str) -> FileReader:
    if format not in formats():
        raise UnknownFormat(f"{format}: choose among {', '.join(formats())}.")
    return cast(FileReader, intake.system(format))


def _understood(path: Path, read: Callable[[Path], Any]) -> Any:
    try:
        return read(path)
    except NotUnderstood as error:
        raise UnreadableFile(f"{path.name}: {error}") from error


def _read_touches(
    path: Path,
) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    clicks, codes = {}, {}
    table: Table = _understood(path, lambda p: Table(p, _TOUCHES))
    _understood(path, lambda _p: table.demand("order"))
    for row in _understood(path, lambda _p: list(table.rows())):
        if isinstance(row, BrokenRow):
            raise UnreadableFile(f"{path.name}: line {row.line}: {row.reason}")
        cells = dict(zip(table.columns, row.cells, strict=True))
        clicks[cells["order"]] = cells.get("clicks", "").split()
        codes[cells["order"]] = cells.get("codes", "").split()
    return clicks, codes


class _Import:
    """One file on its way into the database."""

    def __init__(
        self,
        shop: Shop,
        at: datetime,
        summary: Summary,
        rejects: "_Rejects",
        progress: Progress,
    ) -> None:
        self._shop = shop
        self._at = at
        self._summary = summary
        self._rejects = rejects
        self._progress = progress
        self._orders: list[tuple[orders.OrderFacts, Read]] = []
        self._events: list[tuple[Happened, Read]] = []
        self._returned: list[Returned] = []

    def take(self, items: Iterator[Read | Rejected | Returned]) -> None:
        for item in items:
            if isinstance(item, Rejected):
                self._reject(item.place, item.code, item.reason)
                self._count(1)
            elif isinstance(item, Returned):
                self._returned.append(item)
            elif isinstance(item.event, Ordered):
                self._orders.append((item.event.facts, item))
            elif isinstance(item.event, Happened):
                self._events.append((item.event, item))
            if len(self._orders) + len(self._events) >= BATCH:
                self._flush()
        self._flush()
        for start in range(0, len(self._returned), BATCH):
            self._give_back(self._returned[start : start + BATCH])

    def _flush(self) -> None:
        with transaction.atomic():
            outcomes = orders.record_many(
                self._shop, [facts for facts, _read in self._orders], at=self._at
            )
            events = [(each.order, each.event) for each, _read in self._events]
            happened = self._apply(events)
        for outcome, (_facts, read) in zip(outcomes, self._orders, strict=True):
            self._summary.orders[outcome.status] += 1
            self._note(outcome, read.places)
            self._count(len(read.places))
        for outcome, (_event, read) in zip(happened, self._events, strict=True):
            self._summary.refunds[outcome.status] += 1
            self._note(outcome, read.places)
        self._orders.clear()
        self._events.clear()

    @transaction.atomic
    def _give_back(self, returned: Sequence[Returned]) -> None:
        found, unmatched = _returns.match(self._shop, returned)
        outcomes = self._apply([(event.order, event.event) for _each, event in found])
        for outcome, (each, _event) in zip(outcomes, found, strict=True):
            self._summary.refunds[outcome.status] += 1
            self._note(outcome, (each.place,))
        for each, units in unmatched:
            reason = f"{units} of {each.quantity} units match no earlier purchase."
            self._reject(each.place, "no_matching_sale", reason)
        self._count(len(returned))

    def _apply(self, events: Sequence[tuple[str, orders.Event]]) -> list[Any]:
        if not events:
            return []
        return orders.apply_many(self._shop, events, at=self._at, keep_refused=True)

    def _note(self, outcome: orders.Outcome, places: Sequence[Place]) -> None:
        if outcome.status == "rejected":
            said = [f"{path}: {' '.join(w)}" for path, w in outcome.errors.items()]
            for place in places:
                self._reject(place, outcome.code, "; ".join(said))

    def _reject(self, place: Place, code: str, reason: str) -> None:
        self._summary.rejected_rows += 1
        self._summary.reasons[code] += 1
        self._rejects.write(place, code, reason)

    def _count(self, rows: int) -> None:
        self._summary.rows += rows
        self._progress(rows)


class _Rejects:
    """The tables of rejected rows, opened when there is a first one."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stack = ExitStack()
        self._file: IO[str] | None = None
        self._source = Path()
        self._columns: Sequence[str] = ()
        self.written: list[str] = []

    def __enter__(self) -> "_Rejects":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def begin(self, source: Path, columns: Sequence[str]) -> None:
        """Go on with the rows of another file."""
        self._source, self._columns = source, columns
        if self._path is None:
            self._stack.close()
            self._file = None

    def write(self, place: Place, code: str, reason: str) -> None:
        """Write one row, with where it stood and why it was not taken."""
        if self._file is None:
            self._file = self._stack.enter_context(self._opened())
            self.written.append(self._file.name)
            header = ("file", "row", "line", "reason", "detail", *self._columns)
            self._write(self._file, header)
        row = (self._source.name, place.row, place.line, code, reason, *place.cells)
        self._write(self._file, row)

    @staticmethod
    def _write(file: IO[str], row: Sequence[object]) -> None:
        cells = [defused(str(cell)) for cell in row]
        csv.writer(file, quoting=csv.QUOTE_ALL).writerow(cells)

    def _opened(self) -> IO[str]:
        if self._path:
            return _created(self._path)
        name = f"{self._source.name}.rejected.csv"
        try:
            return _created(self._source.with_name(name))
        except OSError:  # such as a read-only folder: the rows must not be lost
            return _created(Path(name))


def _created(path: Path) -> IO[str]:
    return path.open("w", encoding="utf-8", newline="")
