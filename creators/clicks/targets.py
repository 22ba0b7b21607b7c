"""Where each slug leads, kept in memory: the redirect never waits for the database.

One thread of the process asks the database, for all waiting slugs at once. A link in
use is asked again every few seconds while its last answer goes on being given; a link
first seen is waited for, briefly. While the database is away, known links go on.
"""

import logging
import os
import re
import threading
import time
import weakref
from collections.abc import Callable, Collection
from enum import Enum
from typing import NamedTuple
from urllib.parse import unquote

from django.db import Error, connection, connections, transaction

from affiliate.common.errors import Refusal
from creators import destinations
from creators.models import Link

logger = logging.getLogger(__name__)

_SLUG = re.compile(r"[a-z0-9_-]{3,40}")
_AROUND = re.compile(r"^[^a-z0-9_-]+|[^a-z0-9_-]+$")
_LONGEST_TYPED = 400
_PAUSE_S = 1
_STATEMENT_TIMEOUT = "set local statement_timeout = '2s'"


class Target(NamedTuple):
    """An open link: the landing address is `before`, the click id, `after`."""

    link_id: int
    before: str
    after: str


class NoTarget(Enum):
    """Why a slug leads nowhere."""

    UNKNOWN = "unknown"
    CLOSED = "closed"
    AWAY = "away"  # nobody can say: the database is away and this process never asked


Answer = Target | NoTarget
Load = Callable[[Collection[str]], dict[str, Answer]]


class _Known(NamedTuple):
    answer: Answer
    fresh_until: float  # seconds of the process's clock, not money

    def serves_until(self, stale_s: int) -> float:  # seconds, not money
        """Say how long it is given while asked again: "no" is asked again first."""
        return self.fresh_until + (stale_s if isinstance(self.answer, Target) else 0)


class _Question:
    """Slugs that will be asked for together."""

    def __init__(self) -> None:
        self.slugs: set[str] = set()
        self.is_over = threading.Event()


def is_slug(text: str) -> bool:
    """Say whether a link may have this slug: what its table allows."""
    return bool(_SLUG.fullmatch(text))


def plain_slug(typed: str) -> str:
    """Return the slug meant by what stands behind /l/, as WSGI hands it over.

    Forgives case, slashes, blanks (also encoded twice) and the punctuation that a
    sentence leaves at the end of an address (rule L1).
    """
    raw = typed[:_LONGEST_TYPED].encode("latin-1", "replace")
    return _AROUND.sub("", unquote(raw.decode(errors="replace")).lower())


def load(slugs: Collection[str]) -> dict[str, Answer]:
    """Read where these slugs lead; unknown ones are left out.

    A link whose destination has left its shop's hosts counts as closed.
    """
    links = Link.objects.filter(slug__in=slugs).values_list(
        "slug", "pk", "destination", "closed_at", "enrollment__program__shop__hosts"
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_STATEMENT_TIMEOUT)
        return {
            slug: NoTarget.CLOSED if closed_at else _target(link_id, destination, hosts)
            for slug, link_id, destination, closed_at, hosts in links
        }


def _target(link_id: int, destination: str, hosts: Collection[str]) -> Answer:
    try:
        plain = destinations.of_shop(destination, hosts)
    except Refusal:
        logger.error(
            "link %s leads off the hosts of its shop and is not served", link_id
        )
        return NoTarget.CLOSED
    return Target(link_id, *destinations.around_click(plain))


class Targets:
    """What one process knows of slugs, for any number of its threads."""

    def __init__(
        self,
        load: Load = load,
        *,
        fresh_s: int = 5,
        stale_s: int = 30,
        wait_s: int = 1,
        most: int = 100_000,
    ) -> None:
        """Ask `load`; keep at most `most` slugs.

        An answer is fresh for `fresh_s`; for `stale_s` more it is still given while a
        new one is fetched; after that a request waits for the new one, for `wait_s`.
        """
        self._load, self._most = load, most
        self._fresh_s, self._stale_s, self._wait_s = fresh_s, stale_s, wait_s
        self._begin()
        begin = weakref.WeakMethod(self._begin)
        os.register_at_fork(after_in_child=lambda: (call := begin()) and call())

    def _begin(self) -> None:
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()
        self._next = _Question()
        self._wake = threading.Event()
        self._asker: threading.Thread | None = None
        self._asking_since: float | None = None  # the process's clock, in seconds
        self._is_away = False

    def find(self, typed: str) -> Answer:
        """Return where the slug behind /l/ leads, as it was typed."""
        known = self._known.get(typed)
        if known is not None and known.fresh_until > time.monotonic():
            return known.answer
        slug = plain_slug(typed)
        return self._find(slug) if is_slug(slug) else NoTarget.UNKNOWN

    def forget(self, slug: str) -> None:
        """Ask the database the next time: this link was changed by this process."""
        self._known.pop(slug, None)

    def _find(self, slug: str) -> Answer:
        now = time.monotonic()
        known = self._known.get(slug)
        if known is not None and known.fresh_until > now:
            return known.answer
        question = self._ask(slug, now)
        if known is not None and known.serves_until(self._stale_s) > now:
            return known.answer
        if question is not None:
            question.is_over.wait(self._wait_s)
        # Still the old answer, if the database gave no new one.
        known = self._known.get(slug, known)
        return NoTarget.AWAY if known is None else known.answer

    def _ask(self, slug: str, now: float) -> _Question | None:  # seconds, not money
        """Have a slug asked for; None if waiting for the answer is of no use now."""
        with self._lock:
            self._next.slugs.add(slug)
            if self._asker is None or not self._asker.is_alive():
                self._asker = threading.Thread(
                    target=self._keep_asking, name="link-table", daemon=True
                )
                self._asker.start()
            self._wake.set()
            since = self._asking_since
            is_stuck = since is not None and now - since > self._wait_s
            return None if self._is_away or is_stuck else self._next

    def _keep_asking(self) -> None:
        while True:
            # Who is away is asked again, so that it is noticed when they are back.
            self._wake.wait(_PAUSE_S if self._is_away else None)
            with self._lock:
                self._wake.clear()
                question, self._next = self._next, _Question()
                self._asking_since = time.monotonic()
            try:
                self._store(question.slugs, self._load(question.slugs))
                self._is_away = False
            except Error as error:
                if not self._is_away:
                    logger.error("known links go on without the database: %s", error)
                self._is_away = True
            finally:
                self._asking_since = None
                question.is_over.set()
                connections.close_all()
            if self._is_away:
                time.sleep(_PAUSE_S)

    def _store(self, slugs: Collection[str], answers: dict[str, Answer]) -> None:
        fresh_until = time.monotonic() + self._fresh_s
        for slug in slugs:
            answer = answers.get(slug, NoTarget.UNKNOWN)
            self._known[slug] = _Known(answer, fresh_until)
        if len(self._known) > self._most:
            self._known = self._best_half()

    def _best_half(self) -> dict[str, _Known]:
        """Keep the open links that were asked for last: guessed slugs go first."""
        items = list(self._known.items())  # at once: `forget` may come in between
        items.sort(key=lambda kept: (isinstance(kept[1].answer, Target), kept[1][1]))
        return dict(items[-(self._most // 2) :])


# The one of this process: verbs forget in it what they change.
table = Targets()
