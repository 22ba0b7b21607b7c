"""Who visits, without knowing who: a keyed hash that changes every day (rule L3)."""

from functools import lru_cache
from hashlib import blake2s
from typing import Any

from django.conf import settings

from affiliate.common import ids

_DAY = 86_400_000_000  # microseconds, in UTC
_BYTES = 12


@lru_cache(maxsize=4)
def _keyed(secret_key: str, day: int) -> Any:
    key = bytes.fromhex(ids.keyed_hash("visitor", str(day)))
    return blake2s(digest_size=_BYTES, key=key)


def digest(address: str, agent: str, micros: int) -> str:
    """Return 24 hex digits that stand for address and agent on one UTC day.

    `micros` are microseconds after 1970. The digests of two days cannot be joined,
    nor can addresses be tried without the installation's key.
    """
    hashed = _keyed(settings.SECRET_KEY, micros // _DAY).copy()
    hashed.update(f"{address}\0{agent}".encode(errors="replace"))
    return hashed.hexdigest()  # type: ignore[no-any-return]
