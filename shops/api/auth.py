from dataclasses import dataclass
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from shops import keys
from shops.models import ApiKey, Shop


@dataclass(frozen=True)
class KeyHolder:
    """Whose request it is: a key and its shop. Stands as `request.auth`."""

    key: ApiKey
    shop: Shop

    @property
    def idempotency_owner(self) -> str:
        """Name whose repeats these are."""
        return self.key.idempotency_owner


class ShopKey(BaseAuthentication):
    """`Authorization: Bearer <key>` of a shop.

    A key of the operator names no shop, so these doors know it as little as any other.
    """

    def authenticate(self, request: Request) -> tuple[Any, KeyHolder] | None:
        """Return the holder, or None without the header. Raises for a bad key."""
        scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            return None
        key = keys.authenticate(secret.strip(), at=now())
        if key is None or key.shop is None:
            raise AuthenticationFailed(_("This key is unknown, expired or revoked."))
        return None, KeyHolder(key, key.shop)

    def authenticate_header(self, request: Request) -> str:
        """Make a missing key a 401 that names the way in."""
        return 'Bearer realm="api"'


class ShopKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its own hook
    """Describe the key in the OpenAPI document."""

    target_class = ShopKey
    name = "shopKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer"}


def scope(name: str) -> type[BasePermission]:
    """Return the permission of keys that carry this scope."""

    class HasScope(BasePermission):
        @property
        def message(self) -> str:
            return _("This key lacks the scope %(scope)s.") % {"scope": name}

        def has_permission(self, request: Request, view: Any) -> bool:
            holder = request.auth
            return isinstance(holder, KeyHolder) and name in holder.key.scopes

    return HasScope
