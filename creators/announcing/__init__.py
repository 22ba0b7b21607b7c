"""What creators are told of programs they are in: rates, boosts, ends, terms.

The floor below leaves a message with its fact; the subscribers here know who is
enrolled, and tell them. What has to be said again later is said by `remind`.
"""

from datetime import datetime

from creators.announcing import boosts, groups, programs, rates

__all__ = ["boosts", "groups", "programs", "rates", "remind"]


def remind(*, at: datetime) -> int:
    """Tell what is due at this moment: lower rates ahead, boosts that start.

    Run late, it tells what is not over yet; run twice, or at once with another, it
    tells nobody again. Returns how many notices it left.
    """
    return sum(each.remind(at=at) for each in (rates, groups, boosts))
