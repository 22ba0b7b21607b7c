"""Bearer keys of the API: made, shown once, checked, revoked."""

import hmac
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit, ids
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from shops.models import ApiKey, Shop

SCOPES = (
    "orders:write",
    "orders:read",
    "programs:write",
    "programs:read",
    "creators:read",
    "commissions:read",
    "webhooks:write",
)
_KIND = "mk"
# The kind, its underscore and eight digits: enough to tell keys apart in a list, and
# 160 of the 192 random bits stay unknown.
_SHOWN = 11


class UnknownScope(Refusal):
    """A key was asked for with scopes that the API does not have."""

    code = "unknown_scope"
    status = 400
    title = _("There is no such scope.")


class KeyAlreadyExpired(Refusal):
    """A key was asked for that would never work."""

    code = "key_already_expired"
    status = 400
    title = _("The key would expire before it is made.")
    way_out = _("Choose a later expiry, or none.")


@transaction.atomic
def create(
    shop: Shop | None,
    scopes: Iterable[str],
    *,
    at: datetime,
    name: str = "",
    expires_at: datetime | None = None,
    by: User | None = None,
) -> tuple[ApiKey, str]:
    """Return a new key and its secret, which cannot be had again: only a hash is kept.

    Without a shop it is one of the platform's own. Raises UnknownScope (no scope at all
    is one too) and KeyAlreadyExpired.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        known = ", ".join(SCOPES)
        said = _("Choose among %(scopes)s.") % {"scopes": known}
        raise UnknownScope(", ".join(unknown), errors={"scopes": [said]}, way_out=said)
    if expires_at is not None and expires_at <= at:
        raise KeyAlreadyExpired(errors={"expires_at": [KeyAlreadyExpired.title]})
    secret = ids.new_secret(_KIND)
    key = ApiKey.objects.create(
        shop=shop,
        name=name,
        prefix=secret[:_SHOWN],
        secret_hash=ids.secret_hash(secret),
        scopes=wanted,
        created_at=at,
        expires_at=expires_at,
    )
    _record(key, "api_key.created", by, at)
    return key, secret


def authenticate(secret: str, *, at: datetime) -> ApiKey | None:
    """Return the live key with this secret, its shop at hand, or None.

    Nothing is cached: a key revoked a moment ago is refused. What is unknown, expired
    or revoked looks the same, also in time: a hash is looked up, never the secret.
    """
    wanted = ids.secret_hash(secret)
    key = ApiKey.objects.select_related("shop").filter(secret_hash=wanted).first()
    if key is None or not hmac.compare_digest(key.secret_hash, wanted):
        return None
    is_over = key.revoked_at is not None and key.revoked_at <= at
    is_late = key.expires_at is not None and key.expires_at <= at
    return None if is_over or is_late else key


@transaction.atomic
def revoke(key: ApiKey, *, at: datetime, by: User | None = None) -> ApiKey:
    """End a key at once and for good; a revoked key stays as it was revoked."""
    key = ApiKey.objects.select_for_update().get(pk=key.pk)
    if key.revoked_at is None:
        key.revoked_at = at
        key.save(update_fields=["revoked_at"])
        _record(key, "api_key.revoked", by, at)
    return key


def _record(key: ApiKey, action: str, by: User | None, at: datetime) -> None:
    chain = f"shop:{key.shop_id}" if key.shop_id else audit.PLATFORM
    facts = {"prefix": key.prefix, "scopes": key.scopes}
    audit.record(chain, action, key, at=at, actor=by, after=facts)
