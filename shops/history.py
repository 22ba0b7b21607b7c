"""The history of a program's terms: past, present and announced (rule R6)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Words
from shops.models import (
    Audience,
    Boost,
    Category,
    Exclusion,
    Period,
    Product,
    Program,
    Rate,
)

STATES: dict[str, Words] = {
    "announced": _("announced"),
    "running": _("running"),
    "ending": _("ended, but still promised"),
    "over": _("over"),
}


@dataclass(frozen=True)
class Entry:
    """One term as it stands at a moment; `state` is a key of STATES.

    `kind` is rate, exclusion or boost, and says which of the amounts are there. What
    was announced binds the reader from `binds_at` on, and its end from `end_binds_at`:
    until then they have what pays more. Both are None where they do not wait.
    """

    kind: str
    id: int
    state: str
    audience: Audience | None
    product: Product | None
    category: Category | None
    starts_at: datetime | None
    ends_at: datetime | None
    announced_at: datetime | None = None
    binds_at: datetime | None = None
    end_announced_at: datetime | None = None
    end_binds_at: datetime | None = None
    promised_ends_at: datetime | None = None
    rate_bp: int | None = None
    flat_cents: int | None = None
    is_first_purchase_only: bool = False
    most_sales: int | None = None
    most_sales_per: str = ""
    multiplier_pct: int | None = None
    name: str = ""

    @property
    def cap_per(self) -> str:
        """Return in which period its most sales count, in words."""
        return str(Period(self.most_sales_per).label) if self.most_sales_per else ""


def of(
    program: Program,
    *,
    at: datetime,
    audiences: Collection[int] | None = None,
    since: datetime | None = None,
) -> list[Entry]:
    """Return the program's terms as they stand at `at`, what begins last first.

    With `audiences` (ids) only what reaches one of them or everyone: for one creator,
    their own and those of their groups. `since` is the moment of their enrollment: what
    was announced by then never waited for them. Without it all announcements count.
    """
    reach = _reach(audiences)
    rates = Rate.objects.filter(reach, program=program)
    boosts = Boost.objects.filter(reach, program=program)
    exclusions = Exclusion.objects.filter(program=program)
    whole = ("audience", "product", "category")
    found = [
        *_announced(rates.select_related(*whole), at, since),
        *_announced(exclusions.select_related("product", "category"), at, since),
        *(_boost(boost, at) for boost in boosts.select_related(*whole)),
    ]
    ever = datetime.min.replace(tzinfo=at.tzinfo)
    found.sort(key=lambda row: (row.starts_at or ever, row.kind, row.id), reverse=True)
    return found


def _reach(audiences: Collection[int] | None) -> Q:
    if audiences is None:
        return Q()
    return Q(audience=None) | Q(audience__in=audiences)


def _announced(
    terms: Iterable[Rate | Exclusion], at: datetime, since: datetime | None
) -> Iterator[Entry]:
    for term in terms:
        is_new = term.announced_at is not None and _is_after(term.announced_at, since)
        is_moved = term.end_announced_at is not None and _is_after(
            term.end_announced_at, since
        )
        amounts = {}
        if isinstance(term, Rate):
            amounts = {name: getattr(term, name) for name in _OF_RATES}
        yield Entry(
            kind=str(term._meta.model_name),
            id=term.pk,
            state=_state(term, at, term.end_binds_at if is_moved else None),
            audience=getattr(term, "audience", None),
            product=term.product,
            category=term.category,
            starts_at=term.starts_at,
            ends_at=term.ends_at,
            announced_at=term.announced_at,
            binds_at=term.binds_at if is_new else None,
            end_announced_at=term.end_announced_at,
            end_binds_at=term.end_binds_at if is_moved else None,
            promised_ends_at=term.promised_ends_at,
            **amounts,
        )


_OF_RATES = (
    "rate_bp",
    "flat_cents",
    "is_first_purchase_only",
    "most_sales",
    "most_sales_per",
)


def _boost(boost: Boost, at: datetime) -> Entry:
    return Entry(
        kind="boost",
        id=boost.pk,
        state=_state(boost, at, None),
        audience=boost.audience,
        product=boost.product,
        category=boost.category,
        starts_at=boost.starts_at,
        ends_at=boost.ends_at,
        multiplier_pct=boost.multiplier_pct,
        name=boost.name,
    )


def _is_after(moment: datetime, since: datetime | None) -> bool:
    return since is None or since < moment


def _state(
    term: Rate | Exclusion | Boost, at: datetime, promised_until: datetime | None
) -> str:
    if term.ends_at is not None and term.ends_at <= at:
        # What earns nothing is not promised: its end holds at once.
        is_promised = promised_until is not None and at < promised_until
        is_due = getattr(term, "promised_ends_at", None) or promised_until
        is_early = is_due is not None and at < is_due
        if is_promised and is_early and not isinstance(term, Exclusion):
            return "ending"
        return "over"
    if term.starts_at is not None and term.starts_at > at:
        return "announced"
    return "running"
