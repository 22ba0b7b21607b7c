"""Identifiers, secrets, and the keyed hashes that stand for personal data."""

import hashlib
import secrets
import unicodedata
import uuid
from datetime import UTC, datetime, timedelta

from django.utils.crypto import salted_hmac

# Without 0 o 1 i l: a slug is read aloud and typed from a screen.
SLUG_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Hosts that deliver "l.e.a" and "lea" to one person, under their main name.
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def uuid7(at: datetime) -> uuid.UUID:
    """Return a UUID of version 7 (RFC 9562) that sorts by the instant `at`.

    The twelve bits after the millisecond hold its fraction, so that `instant_of`
    gives the microsecond back. Raises ValueError before 1970.
    """
    millis, fraction = divmod((at - _EPOCH) // timedelta(microseconds=1), 1000)
    if not 0 <= millis < 1 << 48:
        raise ValueError("A UUID of version 7 begins in 1970.")
    head = millis << 16 | 7 << 12 | (fraction << 12) // 1000
    return uuid.UUID(int=head << 64 | 0b10 << 62 | secrets.randbits(62))


def instant_of(value: uuid.UUID) -> datetime:
    """Return the instant inside a `uuid7`, to the microsecond. Raises ValueError."""
    if value.version != 7:
        raise ValueError(f"{value} is not a UUID of version 7.")
    head = value.int >> 64
    # The fraction was rounded down when it was stored, so it is rounded up here.
    fraction = ((head & 0xFFF) * 1000 + 0xFFF) >> 12
    return _EPOCH + timedelta(milliseconds=head >> 16, microseconds=fraction)


def keyed_hash(purpose: str, text: str) -> str:
    """Return 64 hex digits that stand for `text` for one purpose only.

    HMAC-SHA256 under a key derived from SECRET_KEY and `purpose`: without the key
    nobody can try texts, and hashes of two purposes cannot be joined.
    """
    return salted_hmac(f"affiliate:{purpose}:", text, algorithm="sha256").hexdigest()


def normalise_email(email: str) -> str:
    """Return the one spelling of an address that all its variants share (A6).

    Case, blanks, plus-tags, the dots that Gmail ignores, and the two spellings of an
    international domain. What is no address comes back in lower case.
    """
    text = "".join(unicodedata.normalize("NFKC", email).casefold().split())
    local, at, host = text.rpartition("@")
    if not at:
        return text
    try:
        host = host.rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        host = host.rstrip(".")
    local = local.partition("+")[0] or local
    if host in _DOTLESS:
        host, local = _DOTLESS[host], local.replace(".", "") or local
    return f"{local}@{host}"


def email_hash(email: str) -> str:
    """Return the keyed hash of an address, equal for all its spellings."""
    return keyed_hash("email", normalise_email(email))


def new_slug(length: int = 10) -> str:
    """Return a random slug; ten signs are 49 bits."""
    return "".join(secrets.choice(SLUG_ALPHABET) for _ in range(length))


def new_secret(prefix: str) -> str:
    """Return `prefix_` and 192 random bits in hex. Store its `secret_hash` only."""
    return f"{prefix}_{secrets.token_hex(24)}"


def secret_hash(secret: str) -> str:
    """Return the SHA-256 of a secret of ours, to look it up by.

    Only for what `new_secret` made: a password needs a slow hash.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
