"""One sale of a creator: why this amount, why this date, what happened since."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.utils.translation import get_language

from affiliate.common import reading
from creators import portal as creator_portal
from creators.models import Creator, Verdict
from payouts import explanations
from payouts.models import Commission, PayoutLine
from payouts.portal import dates, sales, sql
from shops.models import Rate


@dataclass(frozen=True)
class Subject:
    """The sale as a whole, after its corrections; `via` is "" where it is not known."""

    product: str
    sku: str
    quantity: int
    shop: str
    program: str
    order: str
    ordered_at: datetime
    state: str
    currency: str
    amount_cents: int
    original_cents: int
    is_corrected: bool
    payable_on: date | None
    held_reason: str
    declined_because: str
    via: str
    touch: str
    touched_at: datetime | None
    refunded_cents: int
    cancelled_at: datetime | None


@dataclass(frozen=True)
class RateWords:
    """A rate with the names of whom and what it is for; `bp` or `flat_cents` None."""

    who: str
    who_name: str
    what: str
    what_name: str
    is_default: bool
    bp: int | None
    flat_cents: int | None


@dataclass(frozen=True)
class BoostWords:
    """A boost; it multiplies the rate `times`."""

    name: str
    times: Decimal


@dataclass(frozen=True)
class Reckoning:
    """How the amount came about, from the snapshot of the sale (rule R5)."""

    net_cents: int
    refunded_cents: int
    rate: RateWords
    boost: BoostWords | None
    is_capped: bool
    cap_bp: int
    # Whose budget held it down to what was left of it: boost_budget, program_budget.
    held_by: str
    left_cents: int


@dataclass(frozen=True)
class Correction:
    """A later row of the sale."""

    at: datetime
    kind: str
    state: str
    amount_cents: int
    payable_on: date


@dataclass(frozen=True)
class Movement:
    """Money of this sale between two accounts of the ledger, above 0."""

    at: datetime
    from_account: str
    to_account: str
    amount_cents: int


@dataclass(frozen=True)
class InPayout:
    """The transfer that holds the sale."""

    payout_id: int
    period_on: date


@dataclass(frozen=True)
class CommissionPage:
    """What the page of one sale shows."""

    commission: Subject
    explanation: str
    reckoning: Reckoning
    lost_rates: Sequence[RateWords]
    lost_boosts: Sequence[BoostWords]
    trail: Sequence[dates.Step]
    hold: dates.Hold
    corrections: Sequence[Correction]
    movements: Sequence[Movement]
    payout: InPayout | None


def read(
    creator: Creator, commission_id: int, *, at: datetime
) -> CommissionPage | None:
    """Return one sale as it stands at `at`, in the language in force.

    None for another creator's sale, as for one that is not there.
    """
    with reading.one_moment():
        sale = sales.one(creator.pk, commission_id)
        if sale is None:
            return None
        rows = list(_rows(creator, commission_id))
        lines = list(_payout_lines(rows))
        verdict = _verdict(rows[0].line_id)
        touch = creator_portal.touch_of(verdict, creator) if verdict else None
        movements = _movements(rows, lines)
        rates = _RateNames(rows[0])
    first = rows[0]
    held_by = next((line for line in lines if line.is_active), None)
    return CommissionPage(
        commission=_subject(sale, rows, touch),
        explanation=explanations.sentence(first, get_language() or "fr"),
        reckoning=_reckoning(first, rates),
        lost_rates=[rates.words(rate) for rate in explanations.lost(first)],
        lost_boosts=[
            BoostWords(row["name"], sales.times(row["multiplier_pct"]))
            for row in first.snapshot.get("lost_boosts", [])
        ],
        trail=dates.steps(sale, rows, held_by.payout if held_by else None, at=at),
        hold=dates.hold(rows),
        corrections=[
            Correction(
                row.accrued_at, row.kind, row.status, row.amount_cents, row.payable_on
            )
            for row in rows[1:]
        ],
        movements=movements,
        payout=(
            InPayout(held_by.payout_id, held_by.payout.run.starts_on)
            if held_by
            else None
        ),
    )


def _rows(creator: Creator, commission_id: int) -> Iterable[Commission]:
    """Return the sale and its corrections, oldest first."""
    sale = Commission.objects.filter(pk=commission_id, number=0, creator=creator)
    return (
        Commission.objects.filter(creator=creator, line__in=sale.values("line"))
        .filter(role__in=sale.values("role"))
        .select_related("line__order__shop", "line__product", "program")
        .order_by("number")
    )


def _payout_lines(rows: Sequence[Commission]) -> Iterable[PayoutLine]:
    """Return the places of what was gained in transfers, the newest row's first."""
    gained = [row.pk for row in rows if row.amount_cents > 0]
    return (
        PayoutLine.objects.filter(commission__in=gained)
        .select_related("payout__run")
        .order_by("-commission__number", "-pk")
    )


def _verdict(line_id: int) -> Verdict | None:
    return Verdict.objects.filter(pk=line_id).select_related("code").first()


def _subject(
    sale: sales.SaleRow,
    rows: Sequence[Commission],
    touch: creator_portal.Touch | None,
) -> Subject:
    first = rows[0]
    return Subject(
        product=sale.product,
        sku=first.line.sku,
        quantity=first.line.quantity,
        shop=sale.shop,
        program=sale.program,
        order=first.line.order.external_id,
        ordered_at=sale.ordered_at,
        state=sale.state,
        currency=sale.currency,
        amount_cents=sale.amount_cents,
        original_cents=sale.original_cents,
        is_corrected=sale.is_corrected,
        payable_on=sale.payable_on,
        held_reason=next((row.held_reason for row in rows if row.held_reason), ""),
        declined_because=(
            str(first.get_decline_reason_display()) if first.decline_reason else ""
        ),
        via=touch.via if touch else "",
        touch=touch.words if touch else "",
        touched_at=touch.at if touch else None,
        refunded_cents=first.line.refunded_cents,
        cancelled_at=first.line.order.cancelled_at,
    )


def _reckoning(sale: Commission, rates: "_RateNames") -> Reckoning:
    line = sale.line
    # The base is what was left when the sale was counted. Only while nothing has
    # changed since do the line's own figures tell what it was before.
    is_unchanged = line.net_cents - line.refunded_cents == sale.base_cents
    refunded_cents = line.refunded_cents if is_unchanged else 0
    boost = None
    if sale.boost_id:
        boost = BoostWords(
            sale.snapshot.get("boost", ""), sales.times(sale.multiplier_pct)
        )
    held_by = sale.snapshot.get("held_by", "")
    left = {"boost_budget": sale.extra_cents, "program_budget": sale.most_cents}
    return Reckoning(
        net_cents=sale.base_cents + refunded_cents,
        refunded_cents=refunded_cents,
        rate=rates.words(explanations.won(sale)),
        boost=boost,
        is_capped=explanations.is_capped(sale),
        cap_bp=sale.cap_bp,
        held_by=held_by,
        left_cents=left.get(held_by, 0) or 0,
    )


class _RateNames:
    """Finds the names of groups, products and categories that rates speak of."""

    def __init__(self, sale: Commission) -> None:
        rates = [explanations.won(sale), *explanations.lost(sale)]
        self._rates = Rate.objects.select_related(
            "audience", "product", "category"
        ).in_bulk([rate.id for rate in rates if rate.id])

    def words(self, rate: explanations.Terms) -> RateWords:
        """Return a rate with names; a rate that is gone keeps its group's slug."""
        row = self._rates.get(rate.id or 0)
        reached = (row.product or row.category) if row else None
        return RateWords(
            who="everyone" if rate.who == "default" else rate.who,
            who_name=str(row.audience) if row and row.audience else rate.group or "",
            what=rate.what,
            what_name=str(reached) if reached else "",
            is_default=rate.who == "default",
            bp=rate.bp,
            flat_cents=rate.flat_cents,
        )


# A transfer is one entry for all its sales: this one's share of it is its lines'.
_OF_A_TRANSFER = ("sent", "paid", "returned", "returned_paid")


def _movements(
    rows: Sequence[Commission], lines: Sequence[PayoutLine]
) -> list[Movement]:
    keys = [f"{event}:{row.pk}" for row in rows for event in ("commission", "approval")]
    shares: dict[str, int] = {}
    for line in lines:
        for event in _OF_A_TRANSFER:
            key = f"{event}:{line.payout.end_to_end_id}"
            shares[key] = shares.get(key, 0) + line.amount_cents
    with connection.cursor() as cursor:
        cursor.execute(sql.MOVEMENTS, {"keys": [*keys, *shares]})
        return [
            Movement(moved_at, from_account, to_account, shares.get(key, cents))
            for key, moved_at, from_account, to_account, cents in cursor.fetchall()
        ]
