"""What is copied is what it says, icons exist, and French is complete and compiled."""

import gettext
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.house import source

STATIC = source.ROOT / "affiliate" / "static"
VENDOR = STATIC / "vendor"
FRENCH = source.ROOT / "affiliate" / "locale" / "fr" / "LC_MESSAGES"
MARKS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
Marked = tuple[str | None, str]


def templates() -> list[Path]:
    return sorted((source.ROOT / "templates").rglob("*.html"))


def marked(code: str) -> Iterator[Marked]:
    """Yield the context and the singular of each text marked in Python code."""
    for _, words, _, context in extract("python", io.BytesIO(code.encode()), MARKS):
        yield context, words[0] if isinstance(words, tuple) else words


def marked_in_template(text: str) -> Iterator[Marked]:
    # Between brackets, so that the page's indents are not taken for Python's.
    return marked(f"({templatize(text)}\n)")


def translated() -> dict[Marked, Message]:
    with (FRENCH / "django.po").open("rb") as file:
        return {
            (m.context, m.id[0] if isinstance(m.id, tuple) else m.id): m
            for m in read_po(file)
            if m.id
        }


def untranslated(asked: set[Marked], catalogue: dict[Marked, Message]) -> set[Marked]:
    def is_done(message: Message | None) -> bool:
        if message is None or message.fuzzy:
            return False
        words = message.string
        return all(words) if isinstance(words, tuple) else bool(words)

    return {words for words in asked if not is_done(catalogue.get(words))}


def icons_of(template: str) -> set[str]:
    return set(re.findall(r'{%\s*icon\s+"([^"]+)"', template))


def test_copies_have_the_sums_that_are_written_beside_them() -> None:
    table = re.findall(
        r"^\| (\S+/\S+) \|.*\| ([0-9a-f]{64}) \|$",
        (VENDOR / "VENDOR.md").read_text(),
        re.MULTILINE,
    )

    assert {
        name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()
        for name, _ in table
    } == dict(table)


def test_every_copy_is_in_the_table() -> None:
    table = (VENDOR / "VENDOR.md").read_text()
    copies = {path for path in VENDOR.rglob("*.*") if path.suffix != ".md"}

    assert copies
    assert all(f"| {path.relative_to(VENDOR)} |" in table for path in copies)


def test_no_copy_asks_for_a_source_map() -> None:
    # A manifest storage follows the comment, finds no file, and fails the build.
    texts = [p for p in STATIC.rglob("*") if p.suffix in {".css", ".js"}]

    assert texts
    assert not [str(p) for p in texts if "sourceMappingURL" in p.read_text()]


def test_templates_name_only_icons_of_the_sprite() -> None:
    sprite = set(
        re.findall(r'<symbol id="([^"]+)"', (STATIC / "img" / "icons.svg").read_text())
    )
    named = set().union(*(icons_of(path.read_text()) for path in templates()))

    assert named
    assert named - sprite == set()


def test_a_template_says_first_what_it_needs() -> None:
    silent = [
        str(path.relative_to(source.ROOT))
        for path in templates()
        if not re.match(
            r"({% extends [^%]+%}\n?)?({#|{% comment %})", path.read_text().lstrip()
        )
    ]

    assert silent == []


def test_every_marked_text_is_in_french() -> None:
    words = source.ROOT / "templates" / "library_words.txt"
    pages = [path.read_text() for path in [*templates(), words]]
    asked = {text for page in pages for text in marked_in_template(page)}
    asked |= {text for module in source.product() for text in marked(module.text)}

    missing = untranslated(asked, translated())

    assert sorted(map(str, missing)) == [], (
        "Renew the catalogue: its first lines say how."
    )


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with (FRENCH / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    for (context, words), message in translated().items():
        first = (
            message.string[0] if isinstance(message.string, tuple) else message.string
        )
        said = compiled.pgettext(context, words) if context else compiled.gettext(words)
        if isinstance(message.id, tuple):
            said = compiled.ngettext(message.id[0], message.id[1], 1)
        assert said == first, "Compile the catalogue: its first lines say how."


@pytest.mark.parametrize(
    "text",
    [
        '{% load i18n %}{% translate "No such words" %}',
        '{% load i18n %}{% translate "Paid" context "no such context" %}',
        "{% load i18n %}{% blocktranslate %}No such words{% endblocktranslate %}",
    ],
)
def test_the_fence_sees_a_text_that_french_lacks(text: str) -> None:
    assert untranslated(set(marked_in_template(text)), translated())


def test_the_fence_sees_a_fuzzy_and_an_empty_translation() -> None:
    done = Message("a", "b")
    fuzzy = Message("a", "b", flags=["fuzzy"])
    empty = Message("a", "")

    assert untranslated({(None, "a")}, {(None, "a"): done}) == set()
    assert untranslated({(None, "a")}, {(None, "a"): fuzzy})
    assert untranslated({(None, "a")}, {(None, "a"): empty})
