"""Signatures of incoming webhooks: an HMAC over the raw body."""

import base64
import hmac
from collections.abc import Callable, Iterable


def sign_base64_sha256(body: bytes, secret: str) -> str:
    """Return the signature that Shopify and WooCommerce put in their header."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def sign_hex_sha256(body: bytes, secret: str) -> str:
    """Return the signature that TikTok Shop puts in its header, for `key:secret`.

    It is made with the app's secret over the app's key and the body, one after the
    other; a secret without a colon has no key.
    """
    key, _colon, secret = secret.partition(":")
    return hmac.digest(secret.encode(), key.encode() + body, "sha256").hex()


def is_base64_sha256(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Say whether `signature` was made over exactly these bytes with one of `secrets`.

    Several secrets hold while one is being replaced; each is tried, so the time taken
    says nothing about which one fits. An empty secret never fits: anyone has it.
    """
    return _fits(sign_base64_sha256, body, signature, secrets)


def is_hex_sha256(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Say whether TikTok Shop signed exactly these bytes with one of `key:secret`.

    As `is_base64_sha256`; one without an app key or an app secret never fits.
    """
    whole = [each for each in secrets if all(each.partition(":"))]
    return _fits(sign_hex_sha256, body, signature, whole)


def _fits(
    sign: Callable[[bytes, str], str],
    body: bytes,
    signature: str,
    secrets: Iterable[str],
) -> bool:
    given = signature.strip().encode("utf-8", "surrogatepass")
    fits = False
    for secret in secrets:
        expected = sign(body, secret).encode()
        fits |= hmac.compare_digest(expected, given) and bool(secret)
    return fits
