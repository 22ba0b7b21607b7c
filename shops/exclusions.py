"""The end of an exclusion; `rates.exclude` begins one (rule R2)."""

from datetime import datetime

from django.db import transaction

from affiliate.common.models import User
from shops import terms
from shops.models import Exclusion


@transaction.atomic
def end(
    exclusion: Exclusion, ends_at: datetime, *, at: datetime, by: User | None = None
) -> Exclusion:
    """Let orders placed from `ends_at` on earn again for what was excluded.

    A later end lowers: it binds those who are enrolled already after the program's
    `rate_lock_days` (rule R6). The same end again changes nothing. Raises InvalidTerm
    if the new end, or the exclusion itself, is over: orders placed since were judged by
    it; and while the notice of its last move runs.
    """
    exclusion = Exclusion.objects.select_for_update().get(pk=exclusion.pk)
    if exclusion.ends_at == ends_at:
        return exclusion
    faults = terms.Faults()
    terms.check_end(faults, exclusion, ends_at, at)
    faults.refuse()
    terms.move_end(exclusion, ends_at, at)
    terms.note(exclusion, "exclusion.ended", at=at, by=by, ends_at=ends_at.isoformat())
    return exclusion
