"""Restricted goods: what has to be in place before a program promotes them (P5)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliate.common.errors import Refusal
from shops.gates.rules import PLATFORMS, Rule, codes, in_file
from shops.gates.words import choices, name_of
from shops.models import Category, Exclusion, Licence, Program, Restriction

__all__ = [
    "PLATFORMS",
    "Closed",
    "GateClosed",
    "choices",
    "codes",
    "demand",
    "name_of",
    "unmet",
    "with_goods",
]


_OPENED_BY_PROOF = ("LICENCE", "CLAIMS", "REVIEW")


class GateClosed(Refusal):
    """Law or platform ask for something that is not there: `errors` says what."""

    code = "gate_closed"
    status = 422
    title = gettext_lazy("Restricted goods: something is missing.")


@dataclass(frozen=True)
class Closed:
    """One gate that is closed to one kind of goods, with its sources and way out."""

    gate: str
    code: str
    words: str
    way_out: str

    @property
    def takes_proof(self) -> bool:
        """Say whether a reviewed licence or proof of these goods opens it."""
        return self.gate in _OPENED_BY_PROOF


def unmet(
    program: Program, *, at: datetime, countries: list[str] | None = None
) -> list[Closed]:
    """Return the gates that are closed to a program on this day in its shop's zone.

    Each kind of goods and gate once, with the sources of all its rules.
    Its goods are those it declares and those of its shop's categories that are not
    excluded. They are judged for `countries`, by default the program's: where it names
    none, creators may live anywhere, so every country's rules hold.
    """
    known = Restriction.objects.filter(program=program).first() or Restriction()
    goods = {*known.codes, *_marked(program, at)}
    if not goods:
        return []
    day = at.astimezone(ZoneInfo(program.shop.time_zone)).date()
    where = program.countries if countries is None else countries
    licensed = _licensed(program, day)
    held = [
        rule
        for rule in in_file()
        if rule.code in goods
        and rule.holds(day)
        and rule.reaches(where, known.platforms)
    ]
    return list(_closed(held, known, licensed))


def demand(
    program: Program, *, at: datetime, countries: list[str] | None = None
) -> None:
    """Raise GateClosed with every closed gate, its source and the way out."""
    found = unmet(program, at=at, countries=countries)
    if found:
        errors: dict[str, list[str]] = {}
        for closed in found:
            place = f"{closed.code}.{closed.gate}"
            errors.setdefault(place, []).append(closed.words)
        ways = dict.fromkeys(closed.way_out for closed in found)
        said = " ".join(dict.fromkeys(closed.words for closed in found))
        raise GateClosed(said, errors=errors, way_out=" ".join(ways))


def with_goods(programs: "QuerySet[Program]") -> "QuerySet[Program]":
    """Keep the programs that may promote restricted goods: no gate closes to others."""
    marked = Category.objects.filter(shop=OuterRef("shop"), gate_codes__len__gt=0)
    return programs.filter(Q(restriction__codes__len__gt=0) | Exists(marked))


def _marked(program: Program, at: datetime) -> set[str]:
    """Return the restricted goods of the shop's categories that are not excluded."""
    rows = Category.objects.filter(shop=program.shop_id).values_list(
        "pk", "parent", "gate_codes"
    )
    parents = {pk: parent for pk, parent, _codes in rows}
    marked = {pk: codes_ for pk, _parent, codes_ in rows if codes_}
    if not marked:
        return set()
    excluded = _excluded(program, at)
    return {
        code
        for pk, codes_ in marked.items()
        if excluded.isdisjoint(_line_of(pk, parents))
        for code in codes_
    }


def _excluded(program: Program, at: datetime) -> set[int]:
    """Return the categories that earn nothing, from now on and without an end."""
    holds = Q(starts_at=None) | Q(starts_at__lte=at)
    rows = Exclusion.objects.filter(holds, program=program, ends_at=None)
    return set(rows.exclude(category=None).values_list("category_id", flat=True))


def _line_of(pk: int, parents: dict[int, int | None]) -> Iterator[int]:
    here: int | None = pk
    while here is not None:
        yield here
        here = parents[here]


def _licensed(program: Program, day: date) -> set[str]:
    """Return the goods for which a reviewed proof of the shop holds on this day."""
    held = Licence.objects.filter(
        shop=program.shop_id, reviewed_at__isnull=False, expires_on__gte=day
    )
    return set(held.values_list("code", flat=True))


def _closed(
    rules: Iterable[Rule], known: Restriction, licensed: set[str]
) -> Iterator[Closed]:
    sources: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        for gate in rule.gates:
            sources.setdefault((rule.code, gate), []).append(rule.source)
    for (code, gate), named in sources.items():
        is_open = {
            "BLOCK": False,
            "AGE18": known.excludes_minors,
            "NOTICE": bool(known.notice.strip()),
        }.get(gate, code in licensed)
        if not is_open:
            words, way_out = _words(gate)
            source = "; ".join(dict.fromkeys(named))
            facts = {"goods": name_of(code), "source": source}
            yield Closed(gate, code, words % facts, way_out)


def _words(gate: str) -> tuple[str, str]:
    if gate == "BLOCK":
        return (
            _("%(goods)s: may not be promoted here (%(source)s)."),
            _("Take these goods out, or name the countries and platforms without it."),
        )
    if gate == "AGE18":
        return (
            _("%(goods)s: the platforms have to keep out minors (%(source)s)."),
            _("Turn the age exclusion on, on every platform, and say so here."),
        )
    if gate == "NOTICE":
        return (
            _("%(goods)s: a legal notice is missing (%(source)s)."),
            _("Enter the notice that creators have to show."),
        )
    if gate == "LICENCE":
        return (
            _("%(goods)s: a reviewed licence that holds is missing (%(source)s)."),
            _("Enter the licence, and wait for its review."),
        )
    return (
        _("%(goods)s: a review by the platform is missing (%(source)s)."),
        _("Enter what is to be reviewed as a proof, and wait for its review."),
    )
