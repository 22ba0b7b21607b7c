"""Walks every route of the product and fills it with values that fit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RegexPattern

# Tried in turn until one fits the converter or the group.
CANDIDATES = (
    "1",
    "x",
    "00000000-0000-4000-8000-000000000000",
    "2026-01-01",
    "fr",
    "GARDEN",
)
_GROUP = re.compile(r"\(\?P<\w+>")


class CannotFill(Exception):  # noqa: N818  named for the state, as the house does
    """A route takes a value of which CANDIDATES holds no example."""


@dataclass(frozen=True)
class Door:
    """One route; `pieces` holds, for each part of it in turn, what may stand there."""

    route: str
    pieces: tuple[tuple[str, ...], ...]

    @property
    def path(self) -> str:
        """Return a path that leads here and not to an earlier route."""
        for values in product(*self.pieces):
            path = "/" + "".join(values)
            try:
                found = resolve(path)
            except Resolver404:
                continue
            if found.route == self.route:
                return path
        raise CannotFill(self.route)


def doors(resolver: URLResolver | None = None) -> Iterator[Door]:
    """Yield every route that a stranger can knock at."""
    yield from _below(resolver or get_resolver(), "", ())


def _below(
    resolver: URLResolver, route: str, pieces: tuple[tuple[str, ...], ...]
) -> Iterator[Door]:
    for entry in resolver.url_patterns:
        here = _joined(route, str(entry.pattern))
        filled = (*pieces, *_pieces(entry))
        if isinstance(entry, URLResolver):
            yield from _below(entry, here, filled)
        else:
            yield Door(here, filled)


def _joined(outer: str, inner: str) -> str:
    """Join routes as `resolve` tells them: an inner regex loses its start."""
    return outer + inner.removeprefix("^") if outer else inner


def _pieces(entry: URLPattern | URLResolver) -> Iterator[tuple[str, ...]]:
    pattern = entry.pattern
    if isinstance(pattern, RegexPattern):
        yield from _regex_pieces(pattern.regex.pattern)
        return
    text = str(pattern)
    for part in re.split(r"(<[^>]+>)", text):
        if part.startswith("<"):
            yield _fitting(pattern.converters[part[1:-1].rpartition(":")[2]])
        elif part:
            yield (part,)


def _fitting(converter: Any) -> tuple[str, ...]:
    fits = tuple(value for value in CANDIDATES if re.fullmatch(converter.regex, value))
    if not fits:
        raise CannotFill(f"{type(converter).__name__}: {converter.regex}")
    return fits


def _regex_pieces(pattern: str) -> Iterator[tuple[str, ...]]:
    """Read a regex made of literal text and named groups, as Django's own are."""
    rest = pattern.removeprefix("^").removesuffix("$").removesuffix(r"\Z")
    while found := _GROUP.search(rest):
        if before := rest[: found.start()]:
            yield (_literal(before),)
        end = _closing(rest, found.start())
        yield _group(rest[found.end() : end])
        rest = rest[end + 1 :]
    if rest:
        yield (_literal(rest),)


def _closing(text: str, start: int) -> int:
    depth = 0
    for place in range(start, len(text)):
        if text[place] in "()" and text[place - 1] != "\\":
            depth += 1 if text[place] == "(" else -1
            if not depth:
                return place
    raise CannotFill(text)


def _group(body: str) -> tuple[str, ...]:
    candidates = (*CANDIDATES, *body.split("|"))
    fits = tuple(value for value in candidates if re.fullmatch(body, value))
    if not fits:
        raise CannotFill(body)
    return fits


def _literal(text: str) -> str:
    plain = re.sub(r"\\(.)", r"\1", re.sub(r"/\?$", "/", text))
    if not re.fullmatch(text, plain):
        raise CannotFill(text)
    return plain
