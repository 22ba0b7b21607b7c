"""Where links lead: only to the shop's own hosts (rule L1), with the click's id added.

An address is taken apart, judged and put together again from what was judged, so that
no browser can read another host in it than we did.
"""

import re
from collections.abc import Iterable
from typing import ClassVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Refusal, Words

PARAMETER = "cid"
MOST_LENGTH = 500
_PORTS = {"http": 80, "https": 443}
_host = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*").fullmatch
# Browsers keep these in names; the codec here turns them, which is another host.
_TURNED = set("ßẞς\u200c\u200d")
# Blanks and signs that browsers drop or turn: "https://evil.example\@lune.example".
_treacherous = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]").search


class NotAnAddress(Refusal):
    """The destination cannot be read as an http address: give all of it, with https."""

    code: ClassVar[str] = "destination_not_an_address"
    status: ClassVar[int] = 400
    title: ClassVar[Words] = _("This is not a web address.")
    way_out = _("Give the whole address, beginning with https://.")


class ForeignDestination(Refusal):
    """The destination is not the shop's: choose a page of it, or enter its host."""

    code: ClassVar[str] = "destination_of_another_host"
    status: ClassVar[int] = 400
    title: ClassVar[Words] = _("A link leads only to the shop's own hosts.")
    way_out = _("Choose a page of the shop, or have the shop enter this host.")


def of_shop(url: str, hosts: Iterable[str]) -> str:
    """Return `url` in its one plain spelling, ASCII only, to store and to answer.

    `hosts` are the shop's names, with a port where it is not the usual one; a name
    covers no other name below it. A plain address comes back as it was.

    Raises NotAnAddress for what is no http(s) address, or carries a user name,
    blanks or backslashes, and ForeignDestination for any other host.
    """
    parts = _split(url)
    host = _plain_host(parts)
    if host not in {_plain_listed(listed) for listed in hosts}:
        raise ForeignDestination(errors={"destination": [ForeignDestination.title]})
    plain = SplitResult(
        parts.scheme,
        host,
        iri_to_uri(parts.path) or "/",
        iri_to_uri(parts.query),
        iri_to_uri(parts.fragment),
    ).geturl()
    if len(plain) > MOST_LENGTH:
        raise _not_an_address()
    return plain


def around_click(url: str) -> tuple[str, str]:
    """Return what stands before and after the click id in the landing address.

    Query and fragment stay as they are; a `cid` that was already there goes, for the
    shop may read the first or the last.
    """
    address, hash_sign, fragment = url.partition("#")
    page, _mark, query = address.partition("?")
    kept = [part for part in query.split("&") if part and not _is_click(part)]
    return f"{page}?{'&'.join([*kept, PARAMETER])}=", hash_sign + fragment


def _is_click(part: str) -> bool:
    return any(
        name == PARAMETER for name, _value in parse_qsl(part, keep_blank_values=True)
    )


def _split(url: str) -> SplitResult:
    if _treacherous(url):
        raise _not_an_address()
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it is what refuses a wrong one
    except ValueError as error:
        raise _not_an_address() from error
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise _not_an_address()
    return parts


def _plain_host(parts: SplitResult) -> str:
    """Return host, and port where it is unusual, as a browser will connect to them."""
    host = _ascii(parts.hostname or "")
    if parts.port in (None, _PORTS[parts.scheme]):
        return host
    return f"{host}:{parts.port}"


def _plain_listed(listed: str) -> str:
    name, colon, port = listed.strip().partition(":")
    try:
        return _ascii(name) + colon + port
    except NotAnAddress:
        return ""


def _ascii(name: str) -> str:
    if _TURNED & set(name):
        raise _not_an_address()
    try:
        plain = name.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise _not_an_address() from error
    if not _host(plain):
        raise _not_an_address()
    return plain


def _not_an_address() -> NotAnAddress:
    return NotAnAddress(errors={"destination": [NotAnAddress.title]})
