from datetime import datetime, timedelta

from shops import boosts, rates
from shops.models import Program, ProgramStatus

_DAY = timedelta(days=1)


def announce(*, at: datetime) -> None:
    """Announce in each program a lower rate and a boost, so that there are notices.

    Where something was announced before, nothing more is.
    """
    active = Program.objects.filter(status=ProgramStatus.ACTIVE)
    for program in active.exclude(rates__announced_at__isnull=False).order_by("pk"):
        product = program.shop.products.order_by("pk")[1]
        rates.add(program, product=product, rate_bp=600, starts_at=at, at=at)
        boosts.add(
            program,
            name="Week-end",
            multiplier_pct=150,
            starts_at=at + 3 * _DAY,
            ends_at=at + 5 * _DAY,
            at=at,
        )
