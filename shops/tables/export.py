"""Tables that people take with them: CSV row by row, or XLSX.

Texts are defused, so that no spreadsheet runs what a stranger wrote; numbers of ours
stay numbers. What is exported under the headers of `words` can be imported again and
changes nothing.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from affiliate.common.errors import Words
from shops.models import Boost, Product, Rate, Shop
from shops.tables import words
from shops.tables.cells import defused, written_amount
from shops.tables.sheet import Column

Cell = str | int | Decimal | None
_CHUNK = 2_000
_BOM = "\ufeff"  # without it Excel takes UTF-8 for something else
_LONGEST_TEXT = 32_767
_MOST_LINES = 1_048_575


@dataclass(frozen=True)
class Table:
    """What a list is exported as: its columns, and what of it is read beforehand."""

    name: str
    columns: Sequence[tuple[Column | Words, Callable[[Any], Cell]]]
    related: Sequence[str] = ()
    # From the rows of the list to the rows of the table, where they are others.
    rows: Callable[["QuerySet[Any]"], "QuerySet[Any]"] = lambda queryset: queryset

    def header(self) -> list[str]:
        """Return the headers in the reader's language."""
        return [
            each.header() if isinstance(each, Column) else str(each)
            for each, _value in self.columns
        ]

    def lines(self, queryset: "QuerySet[Any]") -> Iterator[list[Cell]]:
        """Yield the cells of each row, read in chunks."""
        found = self.rows(queryset)
        if self.related:
            found = found.select_related(*self.related)
        for row in found.iterator(chunk_size=_CHUNK):
            yield [value(row) for _header, value in self.columns]


def csv_of(table: Table, queryset: "QuerySet[Any]") -> Iterator[bytes]:
    """Yield a CSV in UTF-8, chunk by chunk, whatever its length."""
    yield _BOM.encode()
    yield _written([table.header()])
    batch: list[list[Cell]] = []
    for line in table.lines(queryset):
        batch.append(line)
        if len(batch) == _CHUNK:
            yield _written(batch)
            batch = []
    if batch:
        yield _written(batch)


def xlsx_of(table: Table, queryset: "QuerySet[Any]") -> IO[bytes]:
    """Return a workbook in a temporary file; its rows pass through memory one by one.

    It ends where a sheet does, after a million rows: take CSV for more.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.name[:31])
    sheet.append([_sheet_cell(cell) for cell in table.header()])
    for number, line in enumerate(table.lines(queryset), 1):
        if number > _MOST_LINES:
            break
        sheet.append([_sheet_cell(cell) for cell in line])
    file = tempfile.TemporaryFile()  # noqa: SIM115  whoever sends it closes it
    book.save(file)
    file.seek(0)
    return file


def _written(lines: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([[_csv_cell(cell) for cell in line] for line in lines])
    return text.getvalue().encode("utf-8", "replace")


def _csv_cell(cell: Cell) -> Cell:
    return defused(cell) if isinstance(cell, str) else cell


def _sheet_cell(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    fit: str = ILLEGAL_CHARACTERS_RE.sub("", defused(cell))
    return fit[:_LONGEST_TEXT]


# ------------------------------------------------------------------ cells


def moment(at: datetime | None, shop: Shop) -> str:
    """Return an instant in the shop's time zone, to the microsecond it has."""
    return at.astimezone(ZoneInfo(shop.time_zone)).isoformat(" ") if at else ""


def yes_or_no(value: bool) -> str:
    """Return a word that is read back."""
    return _("yes") if value else _("no")


def percent(bp: int | None) -> str:
    """Return basis points as a percentage without idle zeros."""
    if bp is None:
        return ""
    return f"{Decimal(bp).scaleb(-2).normalize():f} %"


def amount(cents: int | None, currency: str) -> Decimal | None:
    """Return minor units as a decimal, nothing for nothing."""
    return None if cents is None else written_amount(cents, currency)


def times(pct: int) -> Decimal:
    """Return a multiplier: 150 is 1.5."""
    return Decimal(pct).scaleb(-2)


PRODUCTS = Table(
    "products",
    (
        (words.SKU, lambda row: row.sku),
        (words.NAME, lambda row: row.name),
        (words.CATEGORY, lambda row: row.category.slug if row.category else ""),
        (words.PRICE, lambda row: amount(row.price_cents, row.currency)),
        (words.CURRENCY, lambda row: row.currency),
        (words.URL, lambda row: row.url),
        (words.IMAGE, lambda row: row.image_url),
        (words.ACTIVE, lambda row: yes_or_no(row.is_active)),
    ),
    related=("category",),
)


def _audience(term: Rate | Boost, kind: str) -> str:
    audience = term.audience
    return audience.slug if audience is not None and audience.kind == kind else ""


_REACH: Sequence[tuple[Column | Words, Callable[[Any], Cell]]] = (
    (words.PROGRAM, lambda row: row.program.slug),
    (words.CREATOR, lambda row: _audience(row, "creator")),
    (words.GROUP, lambda row: _audience(row, "group")),
    (words.PRODUCT, lambda row: row.product.sku if row.product else ""),
    (words.CATEGORY, lambda row: row.category.slug if row.category else ""),
)


def _of_budget(boost: Boost, name: str) -> Decimal | None:
    budget = getattr(boost, "budget", None)
    return amount(getattr(budget, name), boost.program.currency) if budget else None


_WINDOW: Sequence[tuple[Column | Words, Callable[[Any], Cell]]] = (
    (words.STARTS, lambda row: moment(row.starts_at, row.program.shop)),
    (words.ENDS, lambda row: moment(row.ends_at, row.program.shop)),
)
_OF_TERMS = ("program__shop", "audience", "product", "category")

RATES = Table(
    "rates",
    (
        *_REACH,
        (words.RATE, lambda row: percent(row.rate_bp)),
        (words.FLAT, lambda row: amount(row.flat_cents, row.program.currency)),
        *_WINDOW,
        (words.FIRST, lambda row: yes_or_no(row.is_first_purchase_only)),
        (words.MOST, lambda row: row.most_sales),
        (words.MOST_PER, lambda row: row.most_sales_per),
    ),
    related=_OF_TERMS,
)

BOOSTS = Table(
    "boosts",
    (
        (words.NAME, lambda row: row.name),
        *_REACH,
        (words.TIMES, lambda row: times(row.multiplier_pct)),
        *_WINDOW,
        (gettext_lazy("budget"), lambda row: _of_budget(row, "amount_cents")),
        (gettext_lazy("spent"), lambda row: _of_budget(row, "spent_cents")),
        (words.CURRENCY, lambda row: row.program.currency),
    ),
    related=(*_OF_TERMS, "budget"),
)

# What the lists of this floor are exported as.
TABLES: dict[type[Any], Table] = {Product: PRODUCTS, Rate: RATES, Boost: BOOSTS}
