"""Sales lived through by the product's own sweeps, for figures to be read of."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from tests.payouts.earning import sell, sweep

# A Tuesday noon in Paris; the month's first midnight was an hour of UTC earlier.
NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def sold(enrollment, cents=4000, *, at=NOW, **facts):
    """Sell a line of 40.00 at a moment, sweep, and return it."""
    line = sell(enrollment, cents, placed_at=at, **facts)
    sweep(at=NOW)
    return line


def boosted(first, last):
    """Return a boost's window in days from now."""
    days = [NOW + timedelta(days=number) for number in (first, last)]
    return {"starts_at": days[0], "ends_at": days[1]}


def owed(shop, currency="EUR"):
    """Return what the ledger says that a shop owes, in minor units."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce(sum(l.amount_cents), 0) from payouts_ledgerleg l
                 join payouts_ledgeraccount a on a.id = l.account_id
                where a.kind = 'shop_owed' and a.shop_id = %s and a.currency = %s""",
            [shop.pk, currency],
        )
        return int(cursor.fetchone()[0])
