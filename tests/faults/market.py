"""A shop that sells, twice the same: once in peace and once among faults."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from creators import attribution
from creators.models import Creator, UnaccruedVerdict
from payouts import commissions, invariants
from payouts.models import Commission
from shops import orders
from shops.models import OrderLine, Shop, UnsettledLine
from shops.orders import LineFacts, OrderFacts
from tests.factories.creators import CodeFactory, CreatorFactory, EnrollmentFactory
from tests.factories.payouts import BankAccountFactory, TaxProfileFactory
from tests.factories.shops import ProgramFactory

PLACED = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
# Past every hold of what was placed then.
LATER = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)


def people(count: int) -> list[Creator]:
    """Return creators who can be paid."""
    found = [CreatorFactory() for _ in range(count)]
    for creator in found:
        TaxProfileFactory(creator=creator)
        BankAccountFactory(
            creator=creator,
            verified_at=PLACED - timedelta(days=40),
            usable_from=PLACED - timedelta(days=37),
        )
    return found


def shop(creators: Sequence[Creator]) -> Shop:
    """Return a shop in whose program each creator has a code."""
    program = ProgramFactory(active=True, rate_bp=1000)
    for number, creator in enumerate(creators):
        enrollment = EnrollmentFactory(
            program=program, creator=creator, since=PLACED - timedelta(days=30)
        )
        CodeFactory(enrollment=enrollment, code=f"CODE{number}")
    return program.shop


def facts(number: int, codes: int) -> OrderFacts:
    """Return an order of two lines; every fifth belongs to nobody."""
    return OrderFacts(
        external_id=f"order-{number}",
        version=1,
        placed_at=PLACED + timedelta(minutes=number),
        currency="EUR",
        status="paid",
        lines=tuple(
            LineFacts(f"{line}", f"SKU-{line}", 1, 1000 + 10 * number + line)
            for line in (1, 2)
        ),
        codes=(f"CODE{number % codes}",) if number % 5 else (),
    )


def sell(shop: Shop, count: int, codes: int, first: int = 0) -> None:
    """Record so many orders."""
    many = [facts(number, codes) for number in range(first, first + count)]
    orders.record_many(shop, many, at=LATER)


def cancel_some(shop: Shop, count: int) -> None:
    """Call every seventh of the first orders off."""
    for number in range(0, count, 7):
        orders.cancel(shop, f"order-{number}", PLACED + timedelta(days=1), at=LATER)


def sweep() -> None:
    """Do in this process, undisturbed, what workers do."""
    while attribution.settle(at=LATER):
        pass
    while commissions.accrue(at=LATER):
        pass


def waits() -> bool:
    """Say whether anything is queued."""
    return UnsettledLine.objects.exists() or UnaccruedVerdict.objects.exists()


def state(shop: Shop) -> list[Any]:
    """Return what became of each line, in words that are the same for every shop."""
    rows: dict[int, list[Any]] = {}
    for row in Commission.objects.filter(shop=shop).order_by("number"):
        kept = row.kind, row.number, row.status, row.amount_cents, row.payable_on
        rows.setdefault(row.line_id, []).append((row.creator_id, *kept))
    lines = OrderLine.objects.filter(shop=shop).select_related("order", "verdict")
    return [
        (
            line.order.external_id,
            line.external_id,
            line.verdict.state,
            line.verdict.reason,
            line.verdict.creator_id,
            rows.get(line.pk, []),
        )
        for line in lines.order_by("order__external_id", "external_id")
    ]


def findings() -> list[str]:
    """Return what self_check finds."""
    return [f"{f.proof}: {f.subject}: {f.figures}" for f in invariants.findings()]
