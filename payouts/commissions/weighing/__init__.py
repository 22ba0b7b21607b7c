"""Lines whose rates have conditions (rule C6) or were announced to change (rule R6).

A creator who is enrolled when terms change has, until the change binds, the better in
money of the terms as they were known at each moment since: the *versions*. In each the
first rate of R2's order whose condition is met counts.

A cap is the one thing that lines decide for each other. Each round, the lines take what
is best for them, and of those who take a rate with a cap the last ones beyond it lose
it; that is repeated until nobody loses. As all caps prefer the line that was placed
first, this ends as if the lines had been asked one after the other.
"""

from django.db.backends.utils import CursorWrapper

from affiliate.common import queues
from payouts.commissions.weighing import sql


def weigh(cursor: CursorWrapper, *, corrections: int) -> bool:
    """Choose the rate of the lines that `PRICE` passed on; say whether caps count.

    Where they do, `take_places` is called once the lines are sold. The capped rates
    stay locked until the commit: two workers never take one last place.
    """
    cursor.execute(sql.ADD_DEFAULTS)
    lines = cursor.rowcount
    if lines:
        cursor.execute(sql.COUNT)
        if lines >= queues.WORTH_ANALYZING:
            cursor.execute(sql.ANALYZE)
        cursor.execute(sql.REFUSE_LATER_PURCHASES)
    is_capped = bool(lines or corrections) and _lock(cursor)
    if is_capped:
        cursor.execute(sql.FREE)
        cursor.execute(sql.TAKE_AGAIN)
        while lines:
            cursor.execute(sql.REFUSE_BEYOND_CAPS)
            if not cursor.rowcount:
                break
    if lines:
        cursor.execute(sql.SETTLE)
    return is_capped


def take_places(cursor: CursorWrapper) -> None:
    """Give each new sale by a rate with a cap its place under it."""
    cursor.execute(sql.TAKE_NEW)


def _lock(cursor: CursorWrapper) -> bool:
    cursor.execute(sql.LOCK)
    return bool(cursor.fetchall())
