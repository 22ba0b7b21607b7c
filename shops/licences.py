"""Proofs for restricted goods: entered by a shop, reviewed by the platform (P5)."""

from datetime import datetime

from django.db import transaction

from affiliate.common import audit
from affiliate.common.models import User
from shops.models import Licence


@transaction.atomic
def review(licence: Licence, *, at: datetime, by: User) -> Licence:
    """Let a proof count from now on until its last day; the first reviewer stands.

    Reviewing it again changes nothing.
    """
    licence = Licence.objects.select_for_update(of=("self",)).get(pk=licence.pk)
    if licence.reviewed_at is None:
        licence.reviewed_by, licence.reviewed_at = by, at
        licence.save(update_fields=["reviewed_by", "reviewed_at"])
        audit.record(
            f"shop:{licence.shop_id}",
            "licence.reviewed",
            licence,
            at=at,
            actor=by,
            after={"code": licence.code, "expires_on": licence.expires_on.isoformat()},
        )
    return licence
