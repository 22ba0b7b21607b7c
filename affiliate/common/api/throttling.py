"""Rate limits as the framework asks for them."""

from typing import Any, ClassVar

from django.conf import settings
from django.utils.timezone import now
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from affiliate.common import addresses, throttle


class RateThrottle(BaseThrottle):
    """Counts a view's requests against `limit`, by key or else by address.

    Too many are answered with 429 and Retry-After.
    """

    limit: ClassVar[throttle.Limit]

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count this request. Raises throttle.TooMany and throttle.CannotCount."""
        throttle.check(self.limit, self.who(request), at=now())
        return True

    def who(self, request: Request) -> str:
        """Return who is counted: the key's owner, or the client's address."""
        owner: str | None = getattr(request.auth, "idempotency_owner", None)
        trusted: int = getattr(settings, "TRUSTED_PROXIES", 0)
        return owner or addresses.of_client(request.META, trusted)
