import socket
import ssl
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils.translation import override

from affiliate.common import safe_http
from affiliate.common.safe_http import (
    AddressRefused,
    Client,
    TooLarge,
    TooSlow,
    Unreachable,
)
from tests.common import canary as birds

PUBLIC = "93.184.216.34"


@pytest.fixture(autouse=True)
def _in_english():
    with override("en"):
        yield


@pytest.fixture
def canary():
    with birds.singing() as bird:
        yield bird


@pytest.fixture
def client(canary):
    """A client for which shop.example is public, and is where the canary sits."""
    return Client(
        timeout_s=5,
        resolver=lambda host, port: [PUBLIC],
        dialler=birds.dial_to(canary),
    )


# ------------------------------------------------------------------ caps


@pytest.mark.parametrize("size", [999_000, 1_000_000])
def test_an_answer_up_to_the_cap_is_read(client, canary, size):
    canary.routes["/"] = birds.chunked(size)

    assert len(client.fetch("GET", "http://shop.example/").body) == size


@pytest.mark.parametrize(
    "route",
    [lambda handler: handler.send(200, b"x" * 1_000_001), birds.chunked(1_001_000)],
)
def test_a_larger_answer_is_refused(client, canary, route):
    canary.routes["/"] = route

    with pytest.raises(TooLarge):
        client.fetch("GET", "http://shop.example/")


def test_a_compressed_answer_is_refused(client, canary):
    canary.routes["/"] = lambda handler: handler.send(
        200, b"bomb", Content_Encoding="gzip"
    )

    with pytest.raises(Unreachable, match="compressed"):
        client.fetch("GET", "http://shop.example/")


@pytest.mark.parametrize("route", [birds.drip, birds.drip_body])
def test_drop_by_drop_does_not_outlast_the_time(client, canary, route):
    canary.routes["/"] = route
    began = time.monotonic()

    with pytest.raises(TooSlow):
        replace(client, timeout_s=0.5).fetch("GET", "http://shop.example/")

    assert time.monotonic() - began < 2


def test_the_time_is_one_for_all_hops(client, canary):
    def slow(handler: birds.Handler) -> None:
        time.sleep(0.3)
        birds.to("/")(handler)

    canary.routes["/"] = slow
    began = time.monotonic()

    with pytest.raises(TooSlow):
        replace(client, timeout_s=0.5).fetch("GET", "http://shop.example/")

    assert time.monotonic() - began < 2


def test_a_resolver_that_does_not_answer_does_not_hold_us():
    began = time.monotonic()
    sleeping = Client(timeout_s=0.2, resolver=lambda *_: time.sleep(3) or [PUBLIC])

    with pytest.raises(TooSlow):
        sleeping.fetch("GET", "http://shop.example/")

    assert time.monotonic() - began < 2


def test_a_server_that_hangs_in_its_handshake_does_not_hold_us():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        client = Client(timeout_s=0.3, is_allowed=lambda _: True)

        with pytest.raises(TooSlow):
            client.fetch("GET", f"https://127.0.0.1:{port}/")


def test_an_answer_that_breaks_off_is_none(client, canary):
    canary.routes["/"] = birds.cut_short

    with pytest.raises(Unreachable, match="broke off"):
        client.fetch("GET", "http://shop.example/")


def test_a_closed_port_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(Unreachable):
        Client(is_allowed=lambda _: True).fetch("GET", f"http://127.0.0.1:{port}/")


# ------------------------------------------------------------------ TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for shop.example that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "shop.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def secret_canary(certificate):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    with birds.singing(server) as bird:
        yield bird


@pytest.fixture
def secret_client(secret_canary, certificate):
    return Client(
        timeout_s=5,
        resolver=lambda *_: [PUBLIC],
        dialler=birds.dial_to(secret_canary),
        trust=lambda: ssl.create_default_context(cafile=certificate),
    )


def test_a_certificate_is_checked_against_the_name(secret_client, secret_canary):
    assert secret_client.fetch("GET", "https://shop.example/").body == b"chirp"

    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        secret_client.fetch("GET", "https://other.example/")
    assert secret_canary.paths == ["/"]


def test_a_certificate_of_nobody_is_refused(secret_client, secret_canary):
    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        replace(secret_client, trust=Client.trust).fetch("GET", "https://shop.example/")

    assert secret_canary.paths == []


def test_a_redirect_does_not_lead_out_of_tls(secret_client, secret_canary):
    secret_canary.routes["/"] = birds.to("http://shop.example/next")

    with pytest.raises(AddressRefused, match="from https to http"):
        secret_client.fetch("GET", "https://shop.example/")


def test_the_plain_function_has_the_walls_up(canary):
    with pytest.raises(AddressRefused):
        safe_http.fetch("GET", f"http://127.0.0.1:{canary.port}/")

    assert canary.seen == []
