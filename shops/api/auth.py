from dataclasses import dataclass
from typing import Any

from django.utils.timezone import now
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from shops import keys
from shops.models import ApiKey, Shop


@dataclass(frozen=True)
class KeyHolder:
    """Whose request it is: one API key. Stands as `request.auth`."""

    key: ApiKey

    @property
    def shop(self) -> Shop:
        """Return the key's shop; only keys of a shop pass `ShopKey`."""
        if self.key.shop is None:
            raise AuthenticationFailed("This key belongs to no shop.")
        return self.key.shop

    @property
    def idempotency_owner(self) -> str:
        """Name the shop, so that a rotated key still finds its answers."""
        return f"shop:{self.key.shop_id or 'operator'}"


class ShopKey(BaseAuthentication):
    """`Authorization: Bearer <key>` of a shop."""

    def authenticate(self, request: Request) -> tuple[Any, KeyHolder] | None:
        """Return the holder, or None without the header. Raises for a bad key."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            return None
        key = keys.authenticate(secret.strip(), at=now())
        if key is None or key.shop_id is None:
            raise AuthenticationFailed("This key is unknown, expired or revoked.")
        return None, KeyHolder(key)

    def authenticate_header(self, request: Request) -> str:
        """Make a missing key a 401 that names the way in."""
        return 'Bearer realm="api"'


class ShopKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[misc]  # untyped
    """Describe the key in the OpenAPI document."""

    target_class = ShopKey
    name = "shopKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer"}


def scope(name: str) -> type[BasePermission]:
    """Return the permission of keys that carry this scope."""

    class HasScope(BasePermission):
        message = f"This key lacks the scope {name}."

        def has_permission(self, request: Request, view: Any) -> bool:
            holder = request.auth
            return isinstance(holder, KeyHolder) and name in holder.key.scopes

    return HasScope
