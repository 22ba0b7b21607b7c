"""Terms that are previewed beside a creator's sales, and what comes of it."""

from datetime import timedelta

from payouts import previews
from shops import boosts, rates
from tests.payouts.earning import NOW

TICK, DAY = timedelta(microseconds=1), timedelta(days=1)


def rate(enrollment, **fields):
    """Preview a rate of 15 % in the enrollment's program, or another."""
    fields = {"rate_bp": 1500, **fields}
    return previews.of(lambda: rates.add(enrollment.program, at=NOW, **fields), at=NOW)


def boost(enrollment, pct=200, **fields):
    """Preview a boost of next week that doubles."""
    fields = {"starts_at": NOW + DAY, "ends_at": NOW + 8 * DAY, **fields}
    return previews.of(
        lambda: boosts.add(
            enrollment.program, name="Launch", multiplier_pct=pct, at=NOW, **fields
        ),
        at=NOW,
    )


def exclusion(enrollment, **what):
    """Preview that a product or a category earns nothing."""
    return previews.of(
        lambda: rates.exclude(enrollment.program, at=NOW, **what), at=NOW
    )


def figures(preview):
    """Return what the one currency of a preview cost, before and after."""
    (cost,) = preview.costs
    return cost.before_cents, cost.after_cents


def rows(part):
    """Return who gains and loses how much, in order."""
    return [(row.name, row.difference_cents) for row in part.rows]
