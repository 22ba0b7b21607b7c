"""Order lines put before the judge, as rows: what they touched, and the verdict."""

from datetime import UTC, datetime, timedelta

from creators import attribution
from creators.clicks import token
from creators.models import Verdict
from shops.models import Order, OrderLine, UnsettledLine
from tests.factories.creators import CodeFactory, EnrollmentFactory, LinkFactory
from tests.factories.shops import OrderFactory, OrderLineFactory, ProgramFactory

PLACED = datetime(2026, 11, 3, 9, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def program(**terms):
    """Return an active program of a shop of its own."""
    return ProgramFactory(active=True, **terms)


def enrolled(of, **fields):
    """Return a new creator's enrollment in this program."""
    return EnrollmentFactory(program=of, **fields)


def link(of, **fields):
    """Return a link of a new creator in this program, or of this enrollment."""
    return LinkFactory(enrollment=_enrollment(of), **fields)


def code(of, text, **fields):
    """Return a code of a new creator in this program, or of this enrollment."""
    return CodeFactory(enrollment=_enrollment(of), code=text, **fields)


def _enrollment(of):
    return enrolled(of) if hasattr(of, "rate_bp") else of


def click(on, *, before=timedelta(hours=1), bot=False):
    """Return the id of a click on a link, so long before PLACED."""
    return token.mint(on.pk, PLACED - before, token.Flag.BOT if bot else 0)


def line(of, *, clicks=(), codes=(), product=None, **order):
    """Return a line of a new order in the program's shop, not judged yet."""
    order = OrderFactory(
        **{
            "shop": of.shop,
            "placed_at": PLACED,
            "clicks": list(clicks),
            "codes": list(codes),
            **order,
        }
    )
    return OrderLineFactory(order=order, product=product)


def judge(*lines, at=NOW):
    """Let the sweep judge these lines and return their verdicts."""
    queue(*lines)
    attribution.settle(at=at)
    return [Verdict.objects.get(line=each) for each in lines]


def queue(*lines):
    """Leave the rows that the floor below leaves when a line or its order changed."""
    UnsettledLine.objects.bulk_create(
        [UnsettledLine(line=each) for each in lines], ignore_conflicts=True
    )


def verdict(of, **facts):
    """Return the verdict on one new line; see `line`."""
    return judge(line(of, **facts))[0]


def change(judged, **facts):
    """Change the order of this line, as a newer version does, and judge it again."""
    Order.objects.filter(lines=judged).update(**facts)
    return judge(OrderLine.objects.get(pk=judged.pk))[0]


def short(found):
    """Return a verdict as (state, reason, handle or None)."""
    creator = found.creator
    return found.state, found.reason, creator.handle if creator else None
