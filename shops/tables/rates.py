"""Rows of rates: made, replaced and ended by the verbs of `rates`, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from affiliate.common import locks
from affiliate.common.errors import Refusal
from shops import rates, reach
from shops.models import Period, Program, Rate
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
    faults_of,
)

# What the verbs call their fields, by the columns that say them.
_COLUMNS = {
    "what": "product",
    "who": "creator",
    "audience": "creator",
    "rate_bp": "rate",
    "flat_cents": "flat",
    "starts_at": "from",
    "ends_at": "until",
}


class Faulty(Exception):  # noqa: N818  named for the state, as the house does
    """A row that cannot be read, with every fault of it."""

    def __init__(self, *faults: Fault) -> None:
        """Keep the faults for the outcome."""
        super().__init__(*faults)
        self.faults = faults


@dataclass(frozen=True)
class Asked:
    """What one row asks for, as the verbs take it."""

    program: Program
    reach: dict[str, Any]
    rate_bp: int | None
    flat_cents: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    conditions: dict[str, Any]

    def pays_as(self, rate: Rate) -> bool:
        """Say whether a rate is this one, but for its time."""
        amounts = (self.rate_bp, self.flat_cents)
        return amounts == (rate.rate_bp, rate.flat_cents) and self.has_conditions_of(
            rate
        )

    def has_conditions_of(self, rate: Rate) -> bool:
        """Say whether the conditions are the same."""
        return all(
            getattr(rate, name) == value for name, value in self.conditions.items()
        )


@dataclass
class Rates:
    """Rates of a shop's programs, the row's own or the one that was chosen."""

    caller: Caller
    notes: list[str] = field(default_factory=list)

    alone = ""
    key_column = "program"
    columns = (
        words.PROGRAM,
        words.CREATOR,
        words.GROUP,
        words.PRODUCT,
        words.CATEGORY,
        words.RATE,
        words.RATE_BP,
        words.FLAT,
        words.STARTS,
        words.ENDS,
        words.FIRST,
        words.MOST,
        words.MOST_PER,
    )
    # Each row is a verb with its entry in the audit trail.
    most_rows = 5_000

    def __post_init__(self) -> None:
        """Read the shop's programs once."""
        self._programs = Programs(self.caller)
        self._zone = ZoneInfo(self.caller.shop.time_zone)

    def key(self, record: Record) -> str:
        """Return whom and what it is for, and from when."""
        names = ("program", "creator", "group", "product", "category", "from")
        return "\x1f".join(record.get(name) for name in names)

    def take(self, records: Sequence[Record]) -> list[Outcome]:
        """Make, replace or end the rate of each row; a refused one leaves nothing.

        What the verbs lock is locked before the first of them writes into the trail:
        who holds its chain must not wait for what others hold.
        """
        locks.rows(Rate.objects.filter(program__shop=self.caller.shop))
        locks.rows(Program.objects.filter(shop=self.caller.shop))
        return [self._take_one(record) for record in records]

    def finish(self) -> None:
        """Each rate has its own entry in the trail: nothing is left to do."""

    def _take_one(self, record: Record) -> Outcome:
        label = _label(record)
        try:
            asked = self._read(record)
            with transaction.atomic():
                return self._apply(asked, label)
        except Faulty as error:
            return Outcome(REJECTED, label=label, faults=error.faults)
        except Refusal as refusal:
            faults = faults_of(refusal, _COLUMNS)
            return Outcome(REJECTED, label=label, faults=faults)

    # ------------------------------------------------------------ what it asks for

    def _read(self, record: Record) -> Asked:
        program = self._programs.of(record)
        self._is_one_of(record, "creator", "group")
        self._is_one_of(record, "product", "category")
        who = _named(record, ("creator", "group"), reach.EVERYONE)
        if record.get("creator"):
            who = {"creator": _slug_of(program, who["creator"])}
        what = _named(record, ("product", "category"), reach.EVERYTHING)
        amounts = read_amount(record, program)
        if amounts is None:
            said = _("Give a rate or a flat amount.")
            raise Faulty(Fault("rate", said))
        return Asked(
            program,
            reach.read(program, who, what),
            *amounts,
            starts_at=self._moment(record, "from"),
            ends_at=self._moment(record, "until"),
            conditions=_conditions(record),
        )

    @staticmethod
    def _is_one_of(record: Record, one: str, other: str) -> None:
        if record.get(one) and record.get(other):
            said = _("Leave one of the two empty: this cell, or the other.")
            raise Faulty(Fault(other, said))

    def _moment(self, record: Record, name: str) -> datetime | None:
        text = record.get(name)
        try:
            return cells.instant(text, self._zone) if text else None
        except cells.BadCell as error:
            raise Faulty(Fault(name, str(error))) from error

    # ------------------------------------------------------------ what is done

    def _apply(self, asked: Asked, label: str) -> Outcome:
        at, by = self.caller.at, self.caller.by
        begins = asked.starts_at or at
        there = list(
            Rate.objects.filter(program=asked.program, **asked.reach)
            .select_related("program")
            .order_by("pk")
        )
        same = [
            rate for rate in there if asked.pays_as(rate) and _begins(rate, asked, at)
        ]
        if any(_ends(rate, asked) for rate in same):
            return Outcome(UNCHANGED)
        if same:
            return self._end(same[-1], asked, label)
        known = next((rate for rate in there if _holds(rate, begins)), None)
        amounts: dict[str, Any] = {
            "rate_bp": asked.rate_bp,
            "flat_cents": asked.flat_cents,
        }
        if known is None:
            rates.add(
                asked.program,
                **amounts,
                **asked.reach,
                starts_at=begins,
                ends_at=asked.ends_at,
                **asked.conditions,
                at=at,
                by=by,
            )
            return Outcome(NEW, label=label, note=_pays(asked))
        self._demand_same(known, asked)
        rates.replace(known, begins, **amounts, at=at, by=by)
        was = str(known) if known.flat_cents is None else _flat(known)
        return Outcome(CHANGED, label=label, changes=[("rate", was, _pays(asked))])

    def _end(self, rate: Rate, asked: Asked, label: str) -> Outcome:
        if asked.ends_at is None:
            said = _("An end that is set is not taken away: set another one.")
            raise Faulty(Fault("until", said))
        was = rate.ends_at.isoformat() if rate.ends_at else ""
        rates.end(rate, asked.ends_at, at=self.caller.at, by=self.caller.by)
        change = ("until", was, asked.ends_at.isoformat())
        return Outcome(CHANGED, label=label, changes=[change])

    @staticmethod
    def _demand_same(rate: Rate, asked: Asked) -> None:
        if not asked.has_conditions_of(rate):
            said = _("Another rate holds then, with other conditions.")
            way_out = _("Set its end first, then add this one.")
            raise Faulty(Fault("from", said, way_out))
        if asked.ends_at != rate.ends_at:
            said = _("Another rate holds then, and ends at another time.")
            way_out = _("Give the same end, or set its end first.")
            raise Faulty(Fault("until", said, way_out))


class Programs:
    """The programs of a shop by what a row calls them; else the one that was chosen."""

    def __init__(self, caller: Caller) -> None:
        """Read them once. Another shop's are not there, whoever chose them."""
        rows = list(caller.shop.programs.select_related("shop"))
        self._by_slug = {row.slug: row for row in rows}
        self._called: dict[str, list[Program]] = {}
        for row in rows:
            for name in {row.name.casefold(), row.slug.casefold()}:
                self._called.setdefault(name, []).append(row)
        chosen = caller.options.get("program")
        self._chosen = next((row for row in rows if row.pk == chosen), None)

    def of(self, record: Record) -> Program:
        """Return the row's program; of several of a name, the chosen. Raises Faulty."""
        if name := record.get("program"):
            return self._by_slug.get(name) or self._named(name)
        if self._chosen is None:
            said = _("Name a program here, or choose one for the whole file.")
            raise Faulty(Fault("program", said))
        return self._chosen

    def _named(self, name: str) -> Program:
        called = self._called.get(name.casefold(), [])
        if self._chosen in called:
            called = [self._chosen]
        if not called:
            said = _("The shop has no such program.")
            raise Faulty(Fault("program", said, _("Write its name or its slug.")))
        if len(called) > 1:
            said = _("Several programs are called this: write the slug.")
            raise Faulty(Fault("program", said))
        return called[0]


def read_amount(
    record: Record, program: Program
) -> tuple[int | None, int | None] | None:
    """Return basis points or minor units of a row, None where it names neither.

    Raises Faulty for both, and for what cannot be read.
    """
    named = [name for name in ("rate", "rate_bp", "flat") if record.get(name)]
    if not named:
        return None
    if len(named) > 1:
        raise Faulty(Fault(named[1], _("Give a rate or a flat amount, not both.")))
    [name] = named
    text = record.get(name)
    try:
        if name == "flat":
            return None, cells.amount(text, program.currency)
        return cells.percent(text) if name == "rate" else cells.whole(text), None
    except cells.BadCell as error:
        raise Faulty(Fault(name, str(error))) from error


def _conditions(record: Record) -> dict[str, Any]:
    name = "first_purchase_only"
    try:
        is_first = cells.yes(record.get(name)) if record.get(name) else False
        name = "most_sales"
        most = cells.whole(record.get(name)) if record.get(name) else None
    except cells.BadCell as error:
        raise Faulty(Fault(name, str(error))) from error
    return {
        "is_first_purchase_only": is_first,
        "most_sales": most,
        "most_sales_per": _period(record.get("most_sales_per")),
    }


def _period(text: str) -> str:
    word = text.casefold()
    for value, label in Period.choices:
        if word in (value, str(label).casefold()):
            return str(value)
    return text  # the verb says what it may be


def _named(record: Record, kinds: Sequence[str], otherwise: str) -> Any:
    for kind in kinds:
        if text := record.get(kind):
            return {kind: text.removeprefix("@") if kind == "creator" else text}
    return otherwise


def _slug_of(program: Program, handle: str) -> str:
    """Return a handle as the program knows it: its case does not count."""
    known = program.audiences.filter(kind="creator", slug__iexact=handle)
    return known.values_list("slug", flat=True).first() or handle


def _begins(rate: Rate, asked: Asked, at: datetime) -> bool:
    """Say whether a rate begins when the row says; an empty cell agrees."""
    if asked.starts_at is not None:
        return rate.starts_at == asked.starts_at
    return rate.starts_at is None or _holds(rate, at)


def _ends(rate: Rate, asked: Asked) -> bool:
    return rate.ends_at == asked.ends_at


def _holds(rate: Rate, at: datetime) -> bool:
    return (rate.starts_at is None or rate.starts_at <= at) and (
        rate.ends_at is None or rate.ends_at > at
    )


def _label(record: Record) -> str:
    names = ("program", "creator", "group", "product", "category")
    said = [record.get(name) for name in names if record.get(name)]
    return " · ".join(said) or _("everyone")


def _pays(asked: Asked) -> str:
    if asked.rate_bp is not None:
        return str(Rate(rate_bp=asked.rate_bp))
    return _flat(Rate(flat_cents=asked.flat_cents, program=asked.program))


def _flat(rate: Rate) -> str:
    currency = rate.program.currency
    return f"{cells.written_amount(rate.flat_cents or 0, currency)} {currency}"
