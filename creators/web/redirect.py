"""`GET /l/{slug}`: records the click and sends the visitor to the shop (L1, L3, L4).

A WSGI callable in front of Django, in its process: it shares settings and models and
skips the middleware. It sets no cookie, waits for no database, and answers a click
only once it is kept (creators.clicks.spool).
"""

import logging
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from csp.utils import build_policy
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.template.loader import render_to_string
from django.utils import translation

from affiliate.common import addresses
from creators.clicks import bots, spool, targets, token, visitors
from creators.clicks.targets import NoTarget, Target, Targets

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

PREFIX = "/l/"
_PREFIXES = (PREFIX, PREFIX.upper())
_METHODS = {"GET", "HEAD"}
_REDIRECT_HEADERS = [
    ("Cache-Control", "no-store"),
    # The shop learns on which site the link stood, not on which page.
    ("Referrer-Policy", "strict-origin"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("Content-Length", "0"),
]
_RETRY_AFTER_S = 5
_LOG_EVERY_S = 1


class _Page(NamedTuple):
    status: str
    template: str
    plain: str


_CLOSED_WORDS = "Cette offre est terminée. · This offer is closed."
# What cannot be looked up or kept now can be in a moment: it is not answered wrongly.
_LATER = _Page(
    "503 Service Unavailable",
    "503.html",
    "De retour dans un instant. · Back in a moment.",
)
_PAGES: dict[NoTarget, _Page] = {
    NoTarget.UNKNOWN: _Page(
        "404 Not Found", "creators/link_closed.html", _CLOSED_WORDS
    ),
    NoTarget.CLOSED: _Page("410 Gone", "creators/link_closed.html", _CLOSED_WORDS),
    NoTarget.AWAY: _LATER,
}


class Redirect:
    """Answers /l/ and hands everything else to the site."""

    def __init__(
        self,
        site: "WSGIApplication",
        *,
        table: Targets = targets.table,
        kept: spool.Spool | None = None,
    ) -> None:
        self._site, self._table = site, table
        self._spool = kept or spool.Spool(settings.CLICK_SPOOL_DIR)
        self._proxies: int = getattr(settings, "TRUSTED_PROXIES", 0)
        self._logged_at = 0

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith(_PREFIXES):
            return self._site(environ, start_response)
        if environ["REQUEST_METHOD"] not in _METHODS:
            start_response(
                "405 Method Not Allowed",
                [("Allow", "GET, HEAD"), ("Content-Length", "0")],
            )
            return []
        target = self._table.find(path[len(PREFIX) :])
        if not isinstance(target, Target):
            return _answer_page(_PAGES[target], environ, start_response)
        try:
            click = self._keep(target, environ)
        except OSError as error:
            self._log_not_kept(error)
            return _answer_page(_LATER, environ, start_response)
        location = f"{target.before}{click}{target.after}"
        start_response("302 Found", [("Location", location), *_REDIRECT_HEADERS])
        return []

    def _keep(self, target: Target, environ: "WSGIEnvironment") -> str:
        agent = environ.get("HTTP_USER_AGENT", "")
        # Whoever asks for the head only does not look at a page.
        is_nobody = (
            environ["REQUEST_METHOD"] == "HEAD"
            or bots.is_bot(agent)
            or bots.is_ahead(environ)
        )
        micros = time.time_ns() // 1000
        click = token.mint_at(target.link_id, micros, token.Flag.BOT * is_nobody)
        address = (
            addresses.of_client(environ, self._proxies)
            if self._proxies
            else environ.get("REMOTE_ADDR", "")
        )
        visitor = visitors.digest(address, agent, micros)
        self._spool.append(spool.line(click, visitor))
        return click

    def _log_not_kept(self, error: OSError) -> None:
        # A full disk meets every click: one line a second says it as well.
        now = time.monotonic_ns()
        if now - self._logged_at > _LOG_EVERY_S * 10**9:
            self._logged_at = now
            logger.error("clicks are answered 503: none can be kept: %s", error)


def _answer_page(
    page: _Page,
    environ: "WSGIEnvironment",
    start_response: "StartResponse",
) -> Iterable[bytes]:
    try:
        language = translation.get_language_from_request(WSGIRequest(environ))
        render = _render if settings.DEBUG else _rendered
        body = render(page.template, language)
    except Exception:  # whatever is wrong with the page, the visitor gets an answer
        logger.exception("the page %s cannot be shown", page.template)
        language, body = "fr", _plain(page.plain)
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Language", language),
        ("Content-Security-Policy", build_policy()),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("X-Robots-Tag", "noindex, nofollow"),
    ]
    if page is _LATER:
        headers.append(("Retry-After", str(_RETRY_AFTER_S)))
    start_response(page.status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _render(template: str, language: str) -> bytes:
    with translation.override(language):
        return render_to_string(template).encode()


# The pages say the same to everyone who reads the same language.
_rendered = lru_cache(maxsize=16)(_render)


def _plain(words: str) -> bytes:
    return (
        f'<!doctype html><html lang="fr"><meta charset="utf-8"><title>{words}</title>'
        f"<p>{words}</p></html>"
    ).encode()
