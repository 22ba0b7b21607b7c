"""Sales of one creator brought through both sweeps, and what their lines then earn.

The facts are written as rows, as the floor below leaves them.
"""

from datetime import UTC, datetime

from django.db.models import F

from creators import attribution
from payouts import commissions
from payouts.models import Commission
from shops.models import Order, OrderLine, UnsettledLine
from tests.factories.creators import CodeFactory, EnrollmentFactory
from tests.factories.shops import (
    OrderFactory,
    OrderLineFactory,
    ProgramFactory,
    RefundFactory,
    RefundLineFactory,
)

PLACED = datetime(2026, 11, 3, 9, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
# Past the hold of whatever was placed at PLACED.
LATER = datetime(2027, 1, 4, 8, 0, tzinfo=UTC)


def program(**terms):
    """Return an active program of a shop of its own, at 10 %."""
    return ProgramFactory(active=True, **terms)


def enrolled(of=None, **fields):
    """Return a new creator's enrollment, in a new program where none is given."""
    return EnrollmentFactory(program=of or program(), **fields)


def sell(enrollment, cents=4000, *, quantity=1, product=None, **order):
    """Return the line of a new order that a code of the enrollment earns, queued."""
    code = enrollment.codes.first() or CodeFactory(enrollment=enrollment)
    placed = {"shop": enrollment.program.shop, "placed_at": PLACED}
    line = OrderLineFactory(
        order=OrderFactory(**{**placed, "codes": [code.code], **order}),
        net_cents=cents,
        quantity=quantity,
        product=product,
    )
    queue(line)
    return line


def earn(enrollment, cents=4000, *, at=NOW, **facts):
    """Sell a line, sweep, and return the line's sale."""
    line = sell(enrollment, cents, **facts)
    sweep(at=at)
    return Commission.objects.get(line=line, number=0)


def queue(line):
    """Leave the row that the floor below leaves when a line or its order changed."""
    UnsettledLine.objects.get_or_create(line=line)


def sweep(*, at=NOW):
    """Settle and accrue whatever waits."""
    while attribution.settle(at=at).lines:
        pass
    while commissions.accrue(at=at).verdicts:
        pass


def refund(line, cents, *, at=NOW):
    """Give so much of a line back, and sweep; a negative amount undoes a refund."""
    RefundLineFactory(
        refund=RefundFactory(order=line.order), line=line, net_cents=cents
    )
    OrderLine.objects.filter(pk=line.pk).update(
        refunded_cents=F("refunded_cents") + cents
    )
    _again(line, at)


def undo_refunds(line, *, at=NOW):
    """Take every refund of a line back, as a won chargeback does, and sweep."""
    line.refunds.all().delete()
    OrderLine.objects.filter(pk=line.pk).update(refunded_cents=0)
    _again(line, at)


def change(line, *, at=NOW, **order):
    """Change the line's order, and sweep."""
    Order.objects.filter(pk=line.order_id).update(**order)
    _again(line, at)


def cancel(line, *, at=NOW):
    """Call the line's order off, and sweep."""
    change(line, at=at, status="cancelled")


def _again(line, at):
    queue(line)
    sweep(at=at)


def rows(line, creator=None):
    """Return a line's rows as (kind, status, amount), in their order."""
    found = Commission.objects.filter(line=line).order_by("creator_id", "number")
    if creator:
        found = found.filter(creator=creator)
    return list(found.values_list("kind", "status", "amount_cents"))


def amounts(*sales):
    """Return what these sales earn, in minor units."""
    return [sale.amount_cents for sale in sales]
