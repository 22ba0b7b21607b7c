import pytest

from affiliate.common import signatures

BODY = b'{"id":1,"note":"caf\xc3\xa9"}'
# openssl dgst -sha256 -hmac s3cret -binary | base64
SIGNED = "UHK390jm3MrqApnmtONgMHCcs/CtvZzLQhY5LQN+nzU="


def test_a_signature_fits_its_body_and_secret():
    assert signatures.is_base64_sha256(BODY, SIGNED, ["s3cret"])


def test_while_a_secret_is_replaced_both_fit():
    assert signatures.is_base64_sha256(BODY, SIGNED, ["new", "s3cret"])
    assert signatures.is_base64_sha256(BODY, SIGNED, ["s3cret", "new"])


@pytest.mark.parametrize(
    ("body", "signature", "secrets"),
    [
        (BODY + b" ", SIGNED, ["s3cret"]),
        (BODY, SIGNED, ["other"]),
        (BODY, SIGNED, []),
        (BODY, "", ["s3cret"]),
        (BODY, SIGNED[:-1], ["s3cret"]),
        (BODY, SIGNED.lower(), ["s3cret"]),
        (BODY, "é" + SIGNED, ["s3cret"]),
        (BODY, "\udc80", ["s3cret"]),
    ],
)
def test_anything_else_does_not_fit(body, signature, secrets):
    assert not signatures.is_base64_sha256(body, signature, secrets)


def test_an_empty_secret_opens_nothing():
    forged = signatures.sign_base64_sha256(BODY, "")

    assert not signatures.is_base64_sha256(BODY, forged, [""])
    assert not signatures.is_base64_sha256(BODY, forged, ["", "s3cret"])
