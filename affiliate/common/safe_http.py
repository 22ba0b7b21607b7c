"""The one HTTP client for addresses that others gave us: it cannot be sent inside.

A host is resolved once, every address it has is checked, and the connection goes to a
checked address: a name that answers differently the second time gains nothing. Every
redirect is judged like a first request. Size and time are capped over the whole.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin

from django.utils.translation import gettext_lazy as _

from affiliate.common import addresses
from affiliate.common.addresses import Address
from affiliate.common.errors import Refusal

Resolver = Callable[[str, int], list[str]]
Dialler = Callable[[str, int, float], socket.socket]

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = {301, 302, 303, 307, 308}
_KEEP_METHOD = {307, 308}
# Printable ASCII without what parsers disagree about.
_PLAIN = re.compile(r"[!#-\[\]-_a-~]{1,2000}")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]{{2,45}}\]|{_LABEL}(?:\.{_LABEL})*\.?)"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<rest>[/?#].*)?",
    re.IGNORECASE,
)
# A host that ends in a number is an IPv4 address to someone: 127.1, 0x7f000001 ...
_NUMERIC = re.compile(r"(?:^|\.)(?:0x[0-9a-f]*|[0-9]+)$")


class AddressRefused(Refusal):
    """This address may not be fetched: give a public http or https address."""

    code = "address_refused"
    status = 422
    title = _("This address cannot be used.")
    way_out = _("Give the public http or https address of a server.")


class Unreachable(Exception):  # noqa: N818  named for the state, as the house does
    """Nobody answered properly: try again later."""


class TooSlow(Unreachable):
    """The answer was not complete in time: try again later."""


class TooLarge(Unreachable):
    """The answer is larger than the cap: it will be next time too."""


@dataclass(frozen=True)
class Answer:
    """The last answer, after redirects; `url` is where it came from."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses that the system's resolver gives for a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def dial(address: str, port: int, timeout_s: float) -> socket.socket:
    """Connect to a literal address; nothing is resolved here."""
    return socket.create_connection((address, port), timeout_s)


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True)
class _Target:
    """A URL taken apart; `path` holds the query too."""

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


@dataclass(frozen=True)
class _Request:
    method: str
    target: _Target
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True)
class Client:
    """How to fetch. The defaults are for production, the parts for tests."""

    timeout_s: float = 10
    max_bytes: int = 1_000_000
    max_redirects: int = 3
    resolver: Resolver = resolve
    dialler: Dialler = dial
    is_allowed: Callable[[Address], bool] = addresses.is_public
    trust: Callable[[], ssl.SSLContext] = _trust

    def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send one request and follow at most `max_redirects`, all within `timeout_s`.

        With no redirects allowed, a redirect is an answer like others. One to another
        origin takes the headers not along; one from https to http, or one that would
        send a body elsewhere, is refused.

        Raises AddressRefused, TooSlow, TooLarge and, for all else, Unreachable.
        """
        deadline = time.monotonic() + self.timeout_s
        request = _Request(method, _parse(url), headers or {}, body)
        for _hop in range(self.max_redirects + 1):
            answer = self._exchange(request, deadline)
            location = answer.headers.get("location", "")
            is_redirect = answer.status in _REDIRECTS and location
            if not is_redirect or self.max_redirects == 0:
                return answer
            request = _redirected(request, answer.status, location)
        raise Unreachable("It redirects too often.")

    def _exchange(self, request: _Request, deadline: float) -> Answer:
        found = self._checked_addresses(request.target, deadline)
        line = _Line(self, request.target, found, deadline)
        try:
            with _watchdog(line, deadline):
                line.request(
                    request.method,
                    request.target.path,
                    body=request.body,
                    headers={**request.headers, "Accept-Encoding": "identity"},
                )
                response = line.getresponse()
                content = self._read(response)
        except (OSError, http.client.HTTPException) as error:
            _time_left(deadline)
            raise Unreachable(type(error).__name__) from error
        finally:
            line.end()
        # The watchdog's cut can look like the end of an answer without a length.
        _time_left(deadline)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, content, request.target.url)

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        if response.getheader("Content-Encoding", "identity") != "identity":
            raise Unreachable("It is compressed, which was not asked for.")
        content = response.read(self.max_bytes + 1)
        if len(content) > self.max_bytes:
            raise TooLarge(f"More than {self.max_bytes} bytes.")
        if response.length:
            raise Unreachable("It broke off.")
        return content

    def _checked_addresses(self, target: _Target, deadline: float) -> list[str]:
        """Resolve the host once; one bad address among good ones refuses them all."""
        found = _in_time(lambda: self.resolver(target.host, target.port), deadline)
        if not found:
            raise Unreachable("It has no address.")
        for address in found:
            if not self.is_allowed(ipaddress.ip_address(address)):
                # Not which one: that would map our network for the asker.
                raise AddressRefused(_("It leads inside our own network."))
        return found


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Send one request by the caps of `Client`: 10 s, 1 MB, three redirects."""
    return Client().fetch(method, url, headers=headers, body=body)


class _Line(http.client.HTTPConnection):
    """A connection to addresses that were checked, under the host's own name."""

    def __init__(
        self, client: Client, target: _Target, found: list[str], deadline: float
    ) -> None:
        self.default_port = _PORTS[target.scheme]
        super().__init__(target.host, target.port)
        self._client, self._found, self._deadline = client, found, deadline
        self._is_secret = target.scheme == "https"
        self._wire: socket.socket | None = None

    def connect(self) -> None:
        sock = self._dial()
        # TLS takes the socket over; the watchdog needs a hold of its own on the wire.
        self._wire = sock.dup()
        if self._is_secret:
            sock = self._client.trust().wrap_socket(sock, server_hostname=self.host)
        self.sock = sock

    def _dial(self) -> socket.socket:
        failure: OSError = OSError("no address")
        for address in self._found:
            try:
                return self._client.dialler(
                    address, self.port, _time_left(self._deadline)
                )
            except OSError as error:
                failure = error
        raise failure

    def cut(self) -> None:
        """Wake up whoever waits on this line, from another thread."""
        if self._wire is not None:
            with suppress(OSError):
                self._wire.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Close everything; `close` alone is also called before the body is read."""
        self.close()
        if self._wire is not None:
            self._wire.close()


@contextmanager
def _watchdog(line: _Line, deadline: float) -> Iterator[None]:
    """Cut the line at the deadline: a timeout alone starts anew with every byte."""
    timer = threading.Timer(_time_left(deadline), line.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _time_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TooSlow("It took too long.")
    return left


def _in_time(ask: Callable[[], list[str]], deadline: float) -> list[str]:
    """Ask the resolver in a thread that is left behind when it does not answer."""
    found: list[list[str] | Exception] = []

    def run() -> None:
        try:
            found.append(ask())
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_time_left(deadline))
    if not found:
        raise TooSlow("Its name was not resolved in time.")
    if isinstance(found[0], Exception):
        raise Unreachable("Its name is unknown.") from found[0]
    return found[0]


# ------------------------------------------------------------------ addresses


def _parse(url: str) -> _Target:
    """Read a URL as strictly as the strictest parser: what is unclear is refused."""
    if not _PLAIN.fullmatch(url):
        raise AddressRefused(_("It has signs that do not belong in an address."))
    if not url.lower().startswith(("http://", "https://")):
        raise AddressRefused(_("It does not begin with http:// or https://."))
    found = _URL.fullmatch(url)
    if found is None:
        raise AddressRefused(_("Its host is not a plain name or number."))
    scheme = found["scheme"].lower()
    host = _checked_host(found["host"].lower())
    port = int(found["port"] or _PORTS[scheme])
    if port not in _PORTS.values() and not 1024 <= port <= 65_535:
        raise AddressRefused(_("Its port is not one of the web."))
    path = (found["rest"] or "").partition("#")[0]
    path = path if path.startswith("/") else "/" + path
    return _Target(url, scheme, host, port, path)


def _checked_host(host: str) -> str:
    """Return the host bare; a number has to be written as everyone writes it."""
    bare = host.removesuffix(".")
    try:
        if bare.startswith("["):
            return str(ipaddress.IPv6Address(bare[1:-1]))
        if _NUMERIC.search(bare):
            return str(ipaddress.IPv4Address(bare))
    except ValueError as error:
        raise AddressRefused(_("Its host is a disguised address.")) from error
    return bare


def _redirected(request: _Request, status: int, location: str) -> _Request:
    target = _parse(urljoin(request.target.url, location))
    if request.target.scheme == "https" and target.scheme == "http":
        raise AddressRefused(_("It redirects from https to http."))
    method, headers, body = request.method, request.headers, request.body
    if status not in _KEEP_METHOD and method != "HEAD":
        method, body = "GET", None
    if request.target.origin != target.origin:
        headers = {}
        if body is not None:
            raise AddressRefused(_("It redirects what is sent to another site."))
    return _Request(method, target, headers, body)
