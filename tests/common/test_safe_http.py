import socket
from dataclasses import replace
from ipaddress import ip_address

import pytest
from django.utils.translation import override

from affiliate.common.safe_http import (
    AddressRefused,
    Client,
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


# ------------------------------------------------------------------ the way out


def test_a_public_server_is_fetched_by_its_name(client, canary):
    answer = client.fetch("GET", "http://shop.example/a?b=1#c", headers={"X-A": "1"})

    assert (answer.status, answer.body) == (200, b"chirp")
    assert answer.headers["content-type"] == "text/plain"
    method, path, headers, _ = canary.seen[0]
    assert (method, path) == ("GET", "/a?b=1")
    assert headers["Host"] == "shop.example"
    assert headers["X-A"] == "1"
    assert headers["Accept-Encoding"] == "identity"


def test_a_body_is_sent(client, canary):
    client.fetch("POST", "http://shop.example:8080/", body=b'{"a": 1}')

    method, _, headers, body = canary.seen[0]
    assert (method, body) == ("POST", b'{"a": 1}')
    assert headers["Host"] == "shop.example:8080"


def test_the_proxies_of_the_environment_are_not_asked(client, canary, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert client.fetch("GET", "http://shop.example/").status == 200


def test_the_next_address_is_tried_when_one_does_not_answer(canary, client):
    dialled: list[str] = []
    reach = birds.dial_to(canary)

    def dial(address: str, port: int, timeout_s: float) -> socket.socket:
        dialled.append(address)
        if ":" in address:
            raise OSError("no route")
        return reach(address, port, timeout_s)

    both = replace(client, resolver=lambda *_: ["2606:4700::1", PUBLIC], dialler=dial)

    assert both.fetch("GET", "http://shop.example/").status == 200
    assert dialled == ["2606:4700::1", PUBLIC]


# ------------------------------------------------------------------ inside


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "0.0.0.0",  # noqa: S104  an address to refuse, not to bind
        "0",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "8.8.2056",
        "LOCALHOST",
        "localhost.",
    ],
)
def test_nothing_leads_to_the_canary(canary, host):
    """With the system's own resolver and dialler, as in production."""
    with pytest.raises((AddressRefused, Unreachable)):
        Client(timeout_s=5).fetch("GET", f"http://{host}:{canary.port}/")

    assert canary.seen == []


def test_the_canary_would_have_sung(canary):
    """The same client reaches it once it is allowed to: nothing else stops it."""
    allowing = Client(timeout_s=5, is_allowed=lambda _: True)

    assert allowing.fetch("GET", f"http://127.0.0.1:{canary.port}/").status == 200
    assert canary.paths == ["/"]


def test_a_name_is_resolved_once_and_its_checked_address_is_dialled(canary):
    """Rebinding: a name that turns inward after it was checked."""
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    dialled: list[str] = []

    def dial(address: str, port: int, timeout_s: float) -> socket.socket:
        dialled.append(address)
        return birds.dial_to(canary)(address, port, timeout_s)

    client = Client(resolver=lambda *_: next(answers), dialler=dial)
    client.fetch("GET", "http://shop.example/")

    assert dialled == [PUBLIC]
    with pytest.raises(AddressRefused):
        client.fetch("GET", "http://shop.example/")
    assert dialled == [PUBLIC]


def test_one_address_inside_refuses_them_all(client, canary):
    mixed = replace(client, resolver=lambda *_: [PUBLIC, "10.0.0.1"])

    with pytest.raises(AddressRefused) as refused:
        mixed.fetch("GET", "http://shop.example/")

    assert canary.seen == []
    assert "10.0.0.1" not in str(refused.value)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/secret",
        "//127.0.0.1:{port}/secret",
        "http://inside.example:{port}/secret",
        "http://[::1]:{port}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433:{port}/secret",
        "http://user@shop.example/secret",
        "file:///etc/passwd",
        "gopher://shop.example/secret",
        "ftp://shop.example/secret",
    ],
)
def test_every_hop_is_judged(client, canary, location):
    canary.routes["/"] = birds.to(location.format(port=canary.port))
    inside = {"inside.example": ["10.1.2.3"]}
    judging = replace(
        client, resolver=lambda host, port: inside.get(host) or safe_or_public(host)
    )

    with pytest.raises(AddressRefused):
        judging.fetch("GET", "http://shop.example/")

    assert canary.paths == ["/"]


def safe_or_public(host: str) -> list[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        return [PUBLIC]


# ------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "/path",
        "//shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http:shop.example",
        "http:/shop.example",
        "http:///shop.example",
        "http://",
        "http://user@shop.example/",
        "http://user:password@shop.example/",
        "http://@shop.example/",
        "http://shop.example@127.0.0.1/",
        "http://127.0.0.1\\@shop.example/",
        "http://shop.example\\.evil/",
        "http://shop.example/a b",
        "http://shop.example/\r\nX-Injected: 1",
        "http://shop.example/\x00",
        " http://shop.example/",
        "http://shop.example:22/",
        "http://shop.example:0/",
        "http://shop.example:99999/",
        "http://shop.example:x/",
        "http://shop%2eexample/",
        "http://127.0.0.%31/",
        "http://[::1/",
        "http://[1.2.3.4]/",
        "http://[fe80::1%25eth0]/",
        "http://[v1.fe80::a]/",
        "http://-shop.example/",
        "http://shop..example/",
        "http://ｓhop.example/",
        "http://①②⑦.0.0.1/",
        "http://shop.example/é",
        "http://" + "a" * 300 + ".example/",
        "http://shop.example/" + "a" * 2000,
    ],
)
def test_an_unclear_address_is_refused_before_anyone_is_asked(url):
    asked: list[str] = []
    client = Client(resolver=lambda host, port: asked.append(host) or [PUBLIC])

    with pytest.raises(AddressRefused) as refused:
        client.fetch("GET", url)

    assert asked == []
    assert (refused.value.status, refused.value.code) == (422, "address_refused")
    assert refused.value.detail


def test_a_name_that_nobody_knows_is_unreachable():
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unreachable, match="unknown"):
        Client(resolver=unknown).fetch("GET", "http://nowhere.example/")


def test_a_name_without_an_address_is_unreachable():
    with pytest.raises(Unreachable, match="no address"):
        Client(resolver=lambda *_: []).fetch("GET", "http://nowhere.example/")


# ------------------------------------------------------------------ redirects


def test_three_redirects_are_followed(client, canary):
    canary.routes |= {
        "/": birds.to("/1"),
        "/1": birds.to("http://other.example/2"),
        "/2": birds.to("3"),
    }

    answer = client.fetch("GET", "http://shop.example/")

    assert answer.status == 200
    assert answer.url == "http://other.example/3"
    assert canary.paths == ["/", "/1", "/2", "/3"]


def test_a_fourth_is_too_many(client, canary):
    canary.routes["/"] = birds.to("/")

    with pytest.raises(Unreachable, match="too often"):
        client.fetch("GET", "http://shop.example/")

    assert len(canary.seen) == 4


def test_with_none_allowed_a_redirect_is_the_answer(client, canary):
    canary.routes["/"] = birds.to("http://127.0.0.1/")

    answer = replace(client, max_redirects=0).fetch("GET", "http://shop.example/")

    assert answer.status == 302


@pytest.mark.parametrize(
    ("status", "method", "body"), [(302, "GET", b""), (303, "GET", b""),
                                   (307, "POST", b"x"), (308, "POST", b"x")],
)  # fmt: skip
def test_what_was_posted_is_sent_again_only_as_the_status_says(
    client, canary, status, method, body
):
    canary.routes["/"] = birds.to("/next", status)

    client.fetch("POST", "http://shop.example/", body=b"x")

    assert canary.seen[1][0] == method
    assert canary.seen[1][3] == body


@pytest.mark.parametrize("target", ["http://other.example/", "http://shop.example:81/"])
def test_headers_are_not_taken_to_another_origin(client, canary, target):
    canary.routes["/"] = birds.to(target.replace(":81", ":8081") + "next")
    secret = {"Authorization": "Bearer s3cret", "X-Signature": "s3cret"}

    client.fetch("GET", "http://shop.example/", headers=secret)

    assert canary.seen[0][2]["X-Signature"] == "s3cret"
    assert "s3cret" not in str(canary.seen[1])


def test_headers_stay_within_an_origin(client, canary):
    canary.routes["/"] = birds.to("http://shop.example:80/next")

    client.fetch("GET", "http://shop.example/", headers={"X-Signature": "s3cret"})

    assert canary.seen[1][2]["X-Signature"] == "s3cret"


def test_a_body_is_not_taken_to_another_origin(client, canary):
    canary.routes["/"] = birds.to("http://other.example/next", 307)

    with pytest.raises(AddressRefused, match="another site"):
        client.fetch("POST", "http://shop.example/", body=b"x")

    assert canary.paths == ["/"]
