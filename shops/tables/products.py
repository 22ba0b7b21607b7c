"""Rows of products: written by `catalogue.put_many`, as the API's are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from affiliate.common import audit, money
from shops import catalogue
from shops.orders import is_fit
from shops.tables import cells, words
from shops.tables.plan import (
    CHANGED,
    NEW,
    REJECTED,
    UNCHANGED,
    Caller,
    Fault,
    Outcome,
    Record,
)

_STATUS = {"created": NEW, "updated": CHANGED, "unchanged": UNCHANGED}
_TEXTS = ("name", "url", "image_url")
# What a fault of the verb's fields is called in the file.
_COLUMNS = {"price_cents": "price", "product": "sku"}
_MORE = ("price_cents", "currency", "is_active")
_FIELDS = ("name", "url", "image_url", "category", "price_cents", "currency", "active")
_MOST_NAMED = 20


@dataclass
class Products:
    """Products of one shop.

    A column that the file lacks stays as it is known; an empty cell empties. A category
    that is not known yet is made, and named before.
    """

    caller: Caller
    notes: list[str] = field(default_factory=list)

    alone = ""
    key_column = "sku"
    columns = (
        words.SKU,
        words.NAME,
        words.CATEGORY,
        words.PRICE,
        words.PRICE_CENTS,
        words.CURRENCY,
        words.URL,
        words.IMAGE,
        words.ACTIVE,
    )
    most_rows = 200_000

    def __post_init__(self) -> None:
        """Read the shop's categories once: by slug, and by a name of one only."""
        rows = list(self.caller.shop.categories.values_list("slug", "name"))
        names = [name.casefold() for _slug, name in rows if name]
        self._slugs = {slug for slug, _name in rows}
        self._by_name = {
            name.casefold(): slug
            for slug, name in rows
            if name and names.count(name.casefold()) == 1
        }
        self._made: dict[str, None] = {}
        self._written = 0

    def key(self, record: Record) -> str:
        """Return the SKU."""
        return record.get("sku")

    def take(self, records: Sequence[Record]) -> list[Outcome]:
        """Write a batch, and say what of each known product changed."""
        known = self._known(records)
        read = [self._read(record, known) for record in records]
        good = [row for row, faults in read if not faults]
        written = iter(catalogue.put_many(self.caller.shop, good))
        outcomes = []
        for row, faults in read:
            if faults:
                outcomes.append(Outcome(REJECTED, label=row["sku"], faults=faults))
            else:
                outcomes.append(self._outcome(row, next(written), known))
        return outcomes

    def finish(self) -> None:
        """Name the categories that were made, and write down who brought products."""
        if self._made:
            shown = ", ".join(list(self._made)[:_MOST_NAMED])
            more = ", …" if len(self._made) > _MOST_NAMED else ""
            said = {"count": len(self._made), "names": shown + more}
            self.notes.append(_("New categories (%(count)d): %(names)s.") % said)
        if self._written:
            caller = self.caller
            audit.record(
                f"shop:{caller.shop.pk}",
                "products.imported",
                caller.shop,
                at=caller.at,
                actor=caller.by,
                after={"products": self._written},
            )

    def _known(self, records: Sequence[Record]) -> dict[str, dict[str, Any]]:
        """Return what is known of these products, in the fields of the verb."""
        skus = {record.get("sku") for record in records}
        skus |= {record.cells.get("sku", "") for record in records}
        fit = [sku for sku in skus if sku and is_fit(sku)]
        rows = self.caller.shop.products.filter(sku__in=fit).values_list(
            "sku", "name", "url", "image_url", "category__slug", *_MORE
        )
        return {sku: dict(zip(_FIELDS, facts, strict=True)) for sku, *facts in rows}

    def _read(
        self, record: Record, known: Mapping[str, Mapping[str, Any]]
    ) -> tuple[dict[str, Any], list[Fault]]:
        faults: list[Fault] = []
        raw = record.cells.get("sku", "")
        sku = raw if raw in known else record.get("sku")
        before = known.get(sku)
        row: dict[str, Any] = {**(before or {}), "sku": sku}
        for name in _TEXTS:
            if name in record.cells:
                text = record.cells[name]
                is_same = before is not None and text == before[name]
                row[name] = text if is_same else text.strip()
        if "category" in record.cells:
            row["category"] = self._category(record.get("category"))
        if currency := record.get("currency").upper():
            row["currency"] = currency
        self._read_price(record, row, faults)
        if "active" in record.cells:
            row["active"] = self._active(record, faults)
        if before is None and not row.get("name") and "name" not in record.cells:
            said = _("A new product needs a name: add the column %(header)s.")
            header = words.NAME.header()
            faults.append(Fault("name", said % {"header": header}))
        known_columns = {fault.column for fault in faults}
        faults += [
            Fault(_COLUMNS.get(name, name), " ".join(said))
            for name, said in catalogue.faults(row).items()
            if _COLUMNS.get(name, name) not in known_columns
        ]
        return row, faults

    def _category(self, text: str) -> str:
        if text in self._slugs:
            return text
        return self._by_name.get(text.casefold(), text)

    def _read_price(
        self, record: Record, row: dict[str, Any], faults: list[Fault]
    ) -> None:
        currency = row.get("currency") or self.caller.shop.currency
        if not money.is_currency(currency):
            return  # the verb says so
        try:
            if "price_cents" in record.cells:
                text = record.get("price_cents")
                row["price_cents"] = cells.whole(text) if text else None
            elif "price" in record.cells:
                text = record.get("price")
                row["price_cents"] = cells.amount(text, currency) if text else None
        except cells.BadCell as error:
            name = "price_cents" if "price_cents" in record.cells else "price"
            faults.append(Fault(name, str(error)))

    def _active(self, record: Record, faults: list[Fault]) -> bool:
        text = record.get("active")
        try:
            return cells.yes(text) if text else True
        except cells.BadCell as error:
            faults.append(Fault("active", str(error)))
            return True

    def _outcome(
        self,
        row: Mapping[str, Any],
        written: catalogue.Written,
        known: Mapping[str, Mapping[str, Any]],
    ) -> Outcome:
        label = f"{row['sku']} · {row.get('name') or ''}"
        slug = row.get("category")
        if slug and slug not in self._slugs:
            self._slugs.add(slug)
            self._made[slug] = None
        if written.status == "unchanged":
            return Outcome(UNCHANGED)
        self._written += 1
        before = known.get(row["sku"])
        changes = _differences(before, row) if before else ()
        return Outcome(_STATUS[written.status], label=label, changes=changes)


def _differences(
    was: Mapping[str, Any], row: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    return [
        (_COLUMNS.get(name, name), _written(name, was), _written(name, row))
        for name in was
        if _or_none(was[name]) != _or_none(row.get(name))
    ]


def _or_none(value: Any) -> Any:
    return None if value == "" else value


def _written(name: str, row: Mapping[str, Any]) -> str:
    value = row.get(name)
    if name == "price_cents" and value is not None:
        return f"{cells.written_amount(value, row['currency'])} {row['currency']}"
    if name == "active":
        return _("yes") if value else _("no")
    return str(value or "")
