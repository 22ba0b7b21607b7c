"""Signatures of incoming webhooks: an HMAC over the raw body."""

import base64
import hmac
from collections.abc import Iterable


def sign_base64_sha256(body: bytes, secret: str) -> str:
    """Return the signature that Shopify and WooCommerce put in their header."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def is_base64_sha256(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Say whether `signature` was made over exactly these bytes with one of `secrets`.

    Several secrets hold while one is being replaced; each is tried, so the time taken
    says nothing about which one fits. An empty secret never fits: anyone has it.
    """
    given = signature.strip().encode("utf-8", "surrogatepass")
    fits = False
    for secret in secrets:
        expected = sign_base64_sha256(body, secret).encode()
        fits |= hmac.compare_digest(expected, given) and bool(secret)
    return fits
