"""The click id: a signed token that says by itself which link was clicked, and when.

    uuid7 (16 bytes) | flags (1) | link (6) | mac (9)     base64url, 43 signs

The shop sends it back with the order, so that attribution needs no row of the click,
and an id that we did not give out is refused without a query.
"""

import binascii
import hmac
import random
import re
import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import IntFlag
from functools import lru_cache
from hashlib import blake2s
from typing import Any, NamedTuple

from django.conf import settings

from affiliate.common import ids

LENGTH = 43
MOST_LINK_ID = (1 << 48) - 1
_MAC_BYTES, _BODY_BYTES = 9, 23
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_VERSION, _VARIANT = 7 << 12, 0b10 << 62
_body = struct.Struct(">QQBHI")
# Two bits of the last sign carry nothing: without this, one token had four spellings.
_shape = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]").fullmatch
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = str.maketrans("-_", "+/")


class Flag(IntFlag):
    """What the redirect knew of the visit beside link and time."""

    BOT = 1
    CONSENT_KNOWN = 2
    CONSENT_GRANTED = 4


class Touch(NamedTuple):
    """What a token says: `at` is exact to the microsecond."""

    link_id: int
    at: datetime
    is_bot: bool


@lru_cache(maxsize=4)
def _keyed(secret_key: str) -> Any:
    key = bytes.fromhex(ids.keyed_hash("click-token", ""))
    return blake2s(digest_size=_MAC_BYTES, key=key)


def _mac(body: bytes) -> bytes:
    # Copying a keyed hash takes half the time of keying one.
    hashed = _keyed(settings.SECRET_KEY).copy()
    hashed.update(body)
    return hashed.digest()  # type: ignore[no-any-return]


def mint_at(link_id: int, micros: int, flags: int) -> str:
    """Return a new token for a visit `micros` microseconds after 1970.

    The same arguments give another token each time. Raises struct.error for a link id
    outside 0..MOST_LINK_ID or flags beyond one byte.
    """
    millis, fraction = divmod(micros, 1000)
    body = _body.pack(
        millis << 16 | _VERSION | (fraction << 12) // 1000,
        # Unique, not secret: the mac is what cannot be guessed.
        _VARIANT | random.getrandbits(62),
        flags,
        link_id >> 32,
        link_id & 0xFFFFFFFF,
    )
    text = binascii.b2a_base64(body + _mac(body), newline=False)
    return text.translate(_TO_URL, b"=").decode("ascii")


def mint(link_id: int, at: datetime, flags: int = 0) -> str:
    """Return a new token of 43 signs for a visit at the aware instant `at`."""
    return mint_at(link_id, (at - _EPOCH) // _MICROSECOND, flags)


def read(text: str) -> Touch | None:
    """Return what a token says, or None for what this installation did not mint.

    Takes the same time whichever byte of the mac is wrong. Exactly one spelling of a
    token is read: who compares texts compares clicks.
    """
    if not _shape(text):
        return None
    raw = binascii.a2b_base64(text.translate(_FROM_URL) + "=")
    body = raw[:_BODY_BYTES]
    if not hmac.compare_digest(raw[_BODY_BYTES:], _mac(body)):
        return None
    head, _, flags, high, low = _body.unpack(body)
    # As in ids.instant_of: the fraction was rounded down, so it is rounded up here.
    fraction = ((head & 0xFFF) * 1000 + 0xFFF) >> 12
    at = _EPOCH + timedelta(milliseconds=head >> 16, microseconds=fraction)
    return Touch(high << 32 | low, at, bool(flags & Flag.BOT))


def read_many(texts: Iterable[str]) -> dict[str, Touch]:
    """Return what each token says, by its text; what we did not mint is left out."""
    return {text: touch for text in texts if (touch := read(text)) is not None}
