"""The end of an exclusion; `rates.exclude` begins one (rule R2)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from affiliate.common.models import User
from shops import terms
from shops.models import Exclusion


@transaction.atomic
def end(
    exclusion: Exclusion, ends_at: datetime, *, at: datetime, by: User | None = None
) -> Exclusion:
    """Let orders placed from `ends_at` on earn again for what was excluded.

    The same end again changes nothing. Raises InvalidTerm if the new end, or the
    exclusion itself, is over: orders placed since were judged by it.
    """
    exclusion = Exclusion.objects.select_for_update().get(pk=exclusion.pk)
    if exclusion.ends_at == ends_at:
        return exclusion
    faults = terms.Faults()
    is_over = exclusion.ends_at is not None and exclusion.ends_at <= at
    if ends_at < at or is_over:
        faults.add("ends_at", _("This has passed already."))
    terms.check_window(faults, exclusion.starts_at, ends_at)
    faults.refuse()
    exclusion.ends_at = ends_at
    exclusion.save(update_fields=["ends_at"])
    terms.note(exclusion, "exclusion.ended", at=at, by=by, ends_at=ends_at.isoformat())
    return exclusion
